"""When two items are equal: in value, however they are spelled, and in the comments that belong to them."""

from __future__ import annotations

from collections.abc import Sequence

from bakegen.merge.tree import Node


class Marks:
    """Numbers for the items of several texts; two items have the same number exactly if they are equal.

    Each item is looked at once, so comparing whole trees level by level stays linear.
    """

    def __init__(self, sides: Sequence[bytes]) -> None:
        self.sides = sides
        self._numbers: dict[object, int] = {}
        self._known: dict[tuple[int, bool], int] = {}

    def of(self, nodes: Sequence[Node | None], *, comments: bool = True) -> list[int]:
        """The number of one item of each side; -1 where there is none. Without `comments` only values count."""
        return [
            -1 if node is None else self._mark(node, data, comments=comments)
            for node, data in zip(nodes, self.sides, strict=True)
        ]

    def _mark(self, node: Node, data: bytes, *, comments: bool) -> int:
        known = self._known.get((id(node), comments))
        if known is not None:
            return known
        parts: list[object] = [node.canon, node.comment]
        if comments:
            parts += [node.inner, lead(data, node), note(data, node), behind(data, node)]
        if node.body is not None:
            children = [child for child in node.body.children if comments or not child.comment]
            marks = [(child.key, self._mark(child, data, comments=comments)) for child in children]
            parts += [node.body.kind, *(sorted(marks) if node.body.kind == "map" else marks)]
        mark = self._numbers.setdefault(tuple(parts), len(self._numbers))
        self._known[id(node), comments] = mark
        return mark


def lead(data: bytes, node: Node) -> tuple[bytes, ...]:
    """The lines of the comment above an item, without indentation."""
    if node.start == node.head:
        return ()
    lines = (line.strip() for line in data[node.start : node.head].splitlines())
    return tuple(line for line in lines if line)


def behind(data: bytes, node: Node) -> bytes:
    """What else stands behind an item on its last line, a separator aside: a comment behind a closing bracket."""
    return data[node.tail : node.end].strip().removeprefix(b",").strip()


def note(data: bytes, node: Node) -> bytes:
    """The comment behind an item."""
    return data[slice(*node.note)].strip()
