"""Few combinations of options that still contain every pair of values.

Most faults of a template need one option or two together, so all pairs find what all combinations
would, in a tenth of the time. `uncovered` is the check that no pair was left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product

Options = Mapping[str, Sequence[str]]
Choice = dict[str, str]
Pair = frozenset[tuple[str, str]]


def pairs(options: Options) -> list[Choice]:
    """Choices that cover all pairs, the same list every time; the first is made of first values.

    Greedy: each next choice is the one with the most pairs that are still open.
    """
    every = all_choices(options)
    chosen = every[:1]
    open_pairs = _pairs_of(every) - _pairs_of(chosen)
    while open_pairs:
        best = max(every, key=lambda choice: len(_pairs(choice) & open_pairs))
        chosen.append(best)
        open_pairs -= _pairs(best)
    return chosen


def uncovered(options: Options, chosen: Sequence[Choice]) -> set[Pair]:
    """Pairs that no choice contains."""
    return _pairs_of(all_choices(options)) - _pairs_of(chosen)


def all_choices(options: Options) -> list[Choice]:
    """Every combination, in the order of the values."""
    return [dict(zip(options, values, strict=True)) for values in product(*options.values())]


def _pairs(choice: Choice) -> set[Pair]:
    return {frozenset(pair) for pair in combinations(choice.items(), 2)}


def _pairs_of(choices: Iterable[Choice]) -> set[Pair]:
    return set().union(*(_pairs(choice) for choice in choices))
