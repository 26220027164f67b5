"""How an item stands on its lines, and how its text looks at another indentation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from bakegen.merge.splice import Splice, newline_of
from bakegen.merge.tree import Node


@dataclass(frozen=True, kw_only=True)
class Side:
    """A container of one side: the file's bytes, the container's node, and one step of the file's indentation."""

    data: bytes
    node: Node
    step: bytes

    @cached_property
    def newline(self) -> bytes:
        """The file's line ending."""
        return newline_of(self.data)


def line_start(data: bytes, offset: int) -> int:
    """The first byte of the line that `offset` is in; behind a byte order mark on the first line."""
    start = data.rfind(b"\n", 0, offset) + 1
    return 3 if start == 0 and data.startswith(b"\xef\xbb\xbf") else start


def indent_of(data: bytes, node: Node) -> bytes:
    """The blanks that the line with the item's head begins with."""
    start = line_start(data, node.head)
    line = data[start : node.head]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def on_own_lines(data: bytes, node: Node) -> bool:
    """Whether the item has its lines for itself: nothing but its comments, blanks and a separator stand there too."""
    starts = node.start == line_start(data, node.start)
    return starts and (node.end == len(data) or data[node.end - 1 : node.end] == b"\n")


def whole_lines(data: bytes, node: Node) -> tuple[int, int]:
    """The span of the lines that the item with its comments is on."""
    end = node.end
    if data[end - 1 : end] != b"\n":
        newline = data.find(b"\n", end)
        end = len(data) if newline < 0 else newline + 1
    return line_start(data, node.start), end


def blank_lines_above(data: bytes, node: Node) -> int:
    """How many blank lines stand directly above the item and its comments."""
    count, at = 0, line_start(data, node.start)
    while at > 0:
        start = data.rfind(b"\n", 0, at - 1) + 1
        if data[start:at].strip():
            break
        count, at = count + 1, start
    return count


def step_of(data: bytes, root: Node, default: bytes) -> bytes:
    """One step of the file's indentation: by how much most items are indented deeper than what they are in."""
    steps: Counter[bytes] = Counter()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.body is None:
            continue
        for child in node.body.children:
            if child.comment or not on_own_lines(data, child):
                continue
            outer, inner = (b"" if node is root else indent_of(data, node)), indent_of(data, child)
            if node is not root and inner.startswith(outer) and len(inner) > len(outer):
                steps[inner[len(outer) :]] += 1
            waiting.append(child)
    return steps.most_common(1)[0][0] if steps else default


def laid_out(
    source: Side, node: Node, start: int, end: int, target: Side, indent: bytes, *, prefix: bytes = b""
) -> bytes:
    """`source.data[start:end]`, which is part of `node`, as it reads at `indent` in the target file.

    Lines behind the first are indented anew: those of nested items by the target's steps, those inside a value as far
    as its first line moves. `prefix` (a dash) is what will stand before the text, in place of the source's own.
    """
    plan = _Indents(source, target)
    plan.node(node, indent, len(prefix) - (node.value - node.head) if prefix else 0)
    text = source.data[start:end]
    parts: list[bytes] = []
    at = start
    for line in text.splitlines(keepends=True):
        body = line.rstrip(b"\r\n")
        is_first = at == start and start != line_start(source.data, start)
        if is_first or at in plan.verbatim or not body.strip():
            parts.append(body)
        else:
            old = body[: len(body) - len(body.lstrip(b" \t"))]
            parts.append(plan.indent(at, old) + body[len(old) :])
        parts.append(b"" if body == line else target.newline)
        at += len(line)
    return b"".join(parts)


def filled(ours: Side, theirs: Side) -> Splice:
    """Theirs for a key that somebody wrote without a value; the comment behind it stays where it is."""
    node, data = ours.node, ours.data
    text = laid_out(theirs, theirs.node, theirs.node.head, theirs.node.tail, ours, indent_of(data, node))
    first, newline, rest = text.partition(ours.newline)
    end = max(node.tail, node.note[1])
    return Splice(node.head, end, first + data[node.tail : end] + newline + rest)


class _Indents:
    """The new indentation of each line of an item, by the offset of the line's first byte in the source."""

    def __init__(self, source: Side, target: Side) -> None:
        self.source = source
        self.target = target
        self.lines: dict[int, bytes] = {}
        self.verbatim: set[int] = set()
        self.moved: tuple[bytes, bytes] = (b"", b"")

    def indent(self, at: int, old: bytes) -> bytes:
        """The indentation of a line that had `old`."""
        if at in self.lines:
            return self.lines[at]
        return _moved(old, *self.moved)

    def node(self, node: Node, new: bytes, shift: int) -> None:
        """Plan the lines of an item whose first line gets `new`; `shift` is how far the prefix moves the rest."""
        data = self.source.data
        old = _column_of(data, node)
        if not self.lines:
            self.moved = (old, new)
        if not data[line_start(data, node.start) : node.start].strip():
            for at in self._starts(node.start, node.head):
                self.lines[at] = new
        if node.body is None:
            self._leaf(node, old, new)
            return
        children = [child for child in node.body.children if not child.comment]
        compact = bool(children) and line_start(data, children[0].head) == line_start(data, node.head)
        for child in node.body.children:
            inner = indent_of(data, child)
            if compact and node.head != node.value:
                column = children[0].head - line_start(data, children[0].head) - len(old) + shift
                below = new + b" " * max(column, 0)
            else:
                below = self._scaled(inner, old, new)
            self.node(child, below, 0)
        closing = line_start(data, max(node.tail - 1, node.head))
        if node.head < closing <= node.body.close < node.tail and not data[closing : node.body.close].strip():
            self.lines[closing] = new

    def _leaf(self, node: Node, old: bytes, new: bytes) -> None:
        for at in self._starts(node.head, node.tail)[1:]:
            line_end = self.source.data.find(b"\n", at)
            line = self.source.data[at : line_end if line_end >= 0 else None]
            if node.verbatim:
                self.verbatim.add(at)
            else:
                self.lines[at] = _moved(line[: len(line) - len(line.lstrip(b" \t"))], old, new)

    def _starts(self, start: int, end: int) -> list[int]:
        data = self.source.data
        starts = [line_start(data, start)]
        at = data.find(b"\n", start, end)
        while at >= 0 and at + 1 < end:
            starts.append(at + 1)
            at = data.find(b"\n", at + 1, end)
        return starts

    def _scaled(self, inner: bytes, old: bytes, new: bytes) -> bytes:
        """The indentation of a nested item: as many steps of the target as it is steps deeper in the source."""
        deeper = len(inner) - len(old)
        if deeper <= 0:
            return _moved(inner, old, new)
        steps, rest = divmod(deeper, max(len(self.source.step), 1))
        return new + self.target.step * steps + b" " * rest


def _column_of(data: bytes, node: Node) -> bytes:
    """The blanks that would stand before the item on a line of its own: a dash of YAML may stand there instead."""
    before = data[line_start(data, node.head) : node.head]
    return before.replace(b"-", b" ") if not before.strip(b" \t-") else indent_of(data, node)


def _moved(indent: bytes, old: bytes, new: bytes) -> bytes:
    if indent.startswith(old):
        return new + indent[len(old) :]
    return new[: max(0, len(new) - (len(old) - len(indent)))]
