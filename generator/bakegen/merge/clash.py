"""A conflict: where in ours it is, and what each side has there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bakegen.merge.layout import on_own_lines, whole_lines
from bakegen.merge.tree import Node

OneOfEach = tuple[Node | None, Node | None, Node | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Clash:
    """A conflict: the span of whole lines in ours that it is about, and each side's text of it."""

    start: int
    end: int
    key: str
    message: str
    base: bytes | None
    ours: bytes | None
    theirs: bytes | None


class Around(NamedTuple):
    """A container that a merge is inside of; theirs is None where it goes but for what is the user's in it."""

    base: Node | None
    ours: Node
    theirs: Node | None


def clash(
    sides: tuple[bytes, bytes, bytes], way: Sequence[Around], trio: OneOfEach, message: str, span: tuple[int, int]
) -> Clash:
    """The conflict over one item of base, ours and theirs, whose texts are `sides`; `way` are the containers around it.

    It is shown at the innermost of these that has its lines for itself on every side, or at `span` where ours has none.
    """
    keys = [each.ours.key for each in way if each.ours is not trio[1]]
    keys.append(next(node.key for node in trio if node is not None))
    shown = trio
    for around in (trio, *reversed(way)):
        shown = around
        if all(node is None or on_own_lines(data, node) for data, node in zip(sides, around, strict=True)):
            break
    start, end = span if shown[1] is None else whole_lines(sides[1], shown[1])
    base, ours, theirs = (
        None if node is None else data[slice(*whole_lines(data, node))] for data, node in zip(sides, shown, strict=True)
    )
    return Clash(start=start, end=end, key=" > ".join(keys), message=message, base=base, ours=ours, theirs=theirs)
