"""What of a container is the user's: something else in the place of an item that both sides replaced, which is a
conflict and never two items for one; and things of one's own in a collection that goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from bakegen.merge.arrange import items_of
from bakegen.merge.tree import Node

Items = Mapping[str, Node]


def replaced(base: Items, ours: Items, theirs: Items, *, in_order: bool) -> dict[str, list[str]]:
    """The new items of theirs that stand in the place of an item of base which ours has dropped too; with each, what
    ours has put there.

    A place is what lies between two items that all three sides have. In a list whose order means something, ours need
    not have put anything else there: an item that was deleted and must change is one that comes back.
    """
    stable = base.keys() & ours.keys() & theirs.keys()
    places = [_places(side, stable) for side in (base, ours, theirs)]
    meaningful = in_order and not all(_sorted(side) for side in (base, ours, theirs))
    found: dict[str, list[str]] = {}
    for place, before in places[0].items():
        mine, new = places[1].get(place, set()) - before, places[2].get(place, set()) - before
        dropped = before - ours.keys() - theirs.keys()
        if dropped and (mine - new or (meaningful and not mine)):
            own = [key for key in ours if key in mine - new]
            found |= dict.fromkeys(new - ours.keys() - base.keys(), own)
    return found


def exchanged(base: Items, theirs: Items) -> dict[str, str]:
    """The item of base that theirs has put another in the place of, one for one, with that other one's key."""
    before, after = (_places(side, base.keys() & theirs.keys()) for side in (base, theirs))
    pairs = ((before[place], after[place]) for place in before.keys() & after.keys())
    return {gone.pop(): new.pop() for gone, new in pairs if len(gone) == len(new) == 1}


def has_own(base: Node, ours: Node) -> bool:
    """Whether a container has things in it that base has not."""
    if base.body is None or ours.body is None or base.body.kind != ours.body.kind:
        return False
    before = items_of(base.body)
    return any(key not in before and not node.comment for key, node in items_of(ours.body).items())


def _places(items: Items, stable: Iterable[str]) -> dict[str | None, set[str]]:
    """The items that are not stable, by the stable one that they follow."""
    stable = set(stable)
    found: dict[str | None, set[str]] = {}
    place: str | None = None
    for key in items:
        if key in stable:
            place = key
        else:
            found.setdefault(place, set()).add(key)
    return found


def _sorted(items: Items) -> bool:
    """Whether a list of at least two items is sorted, and so a set."""
    keys = [key for key, node in items.items() if not node.comment]
    return len(keys) > 1 and all(one <= other for one, other in pairwise(keys))
