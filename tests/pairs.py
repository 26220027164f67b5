"""Few combinations of options that still contain every pair of values.

Most faults of a template need one option or two together, so all pairs find what all combinations would, in a fraction
of the time: there are more than can be counted through. `uncovered` is the check that no pair was left out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations, product

Options = Mapping[str, Sequence[str]]
Choice = dict[str, str]
Pair = frozenset[tuple[str, str]]


def pairs(options: Options, impossible: Collection[Pair] = ()) -> list[Choice]:
    """Choices that cover all pairs, the same list every time; the first is made of first values.

    Greedy: each next choice begins with the first pair that is still open, and takes of each other option the value
    that is in the most open pairs. Every option needs a value that is in no impossible pair.
    """
    chosen = [{name: values[0] for name, values in options.items()}]
    every = (pair for pair in _pairs_of(options) if pair not in impossible)
    open_pairs = dict.fromkeys(pair for pair in every if pair not in _pairs(chosen[0]))
    while open_pairs:
        chosen.append(_choice(options, open_pairs, impossible))
        for pair in _pairs(chosen[-1]):
            open_pairs.pop(pair, None)
    return chosen


def _choice(options: Options, open_pairs: Collection[Pair], impossible: Collection[Pair]) -> Choice:
    found = dict(next(iter(open_pairs)))
    for name, values in options.items():
        if name in found:
            continue
        with_others = {value: [frozenset({(name, value), other}) for other in found.items()] for value in values}
        able = [value for value in values if not any(pair in impossible for pair in with_others[value])]
        found[name] = max(able, key=lambda value: sum(pair in open_pairs for pair in with_others[value]))
    return {name: found[name] for name in options}


def uncovered(options: Options, chosen: Sequence[Choice], impossible: Collection[Pair] = ()) -> set[Pair]:
    """Pairs that no choice contains, and impossible ones that a choice does contain."""
    covered = set().union(*(_pairs(choice) for choice in chosen))
    return (set(_pairs_of(options)) ^ covered) ^ set(impossible)


def _pairs(choice: Choice) -> set[Pair]:
    return {frozenset(pair) for pair in combinations(choice.items(), 2)}


def _pairs_of(options: Options) -> Iterable[Pair]:
    for (first, firsts), (second, seconds) in combinations(options.items(), 2):
        for one, other in product(firsts, seconds):
            yield frozenset({(first, one), (second, other)})
