"""What the YAML scanner is made of: the gaps between items, and the nodes made from what was found between them.

A comment belongs to the item that it stands directly above. It belongs to the block above instead where it is
indented as deep as that block's items and deeper than the next item; with a blank line below it is on its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bakegen.merge.identity import identity, scalar_identity
from bakegen.merge.tree import Body, Fixed, Node, NotUnderstood

DEEPEST = 200
LONGEST = 64
REST_OF_LINE = re.compile(rb"[ \t]*+(?:(?<=[ \t])(#[^\r\n]*+))?(?:\r?\n|\Z)")
INDENT = re.compile(rb"( *+)[ \t]*+")
NOT_IN_A_KEY = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")


class Comment(NamedTuple):
    """A line that is a comment: where the line, its mark and its end are; `apart`: a blank line stands above it."""

    line: int
    mark: int
    end: int
    column: int
    apart: bool


class Place(NamedTuple):
    """What a value is in: the column of that collection (-1: none), and the key it stands under.

    `dash`: a list may stand in that very column, as below a key.
    """

    column: int
    name: str
    dash: bool


@dataclass(kw_only=True, slots=True)
class Found:
    """A value while its item is still being read; the fields are those of Node. `text` is a scalar's content; `many`: it is in
    brackets, over several lines.
    """

    value: int
    tail: int
    end: int = 0
    note: tuple[int, int] | None = None
    canon: bytes | None = None
    text: bytes = b""
    inner: bytes = b""
    body: Body | None = None
    fixed: Fixed | None = None
    null: bool = False
    many: bool = False

    @property
    def absent(self) -> bool:
        """Whether nothing is written: no value, no anchor, no tag."""
        return self.null and self.value == self.tail and self.canon == b"p:null"


class Gaps:
    """Moves over what is between two items. After `gap`, `next` is where the next item starts, and `column` its column
    (-1 at the end); `note` and `line_end` are about the line that ended, `pending` about the lines between.
    """

    def __init__(self, data: bytes, at: int, stop: int) -> None:
        self.data = data
        self.stop = stop
        self.at = self.next = self.line = self.line_end = at
        self.column = -1
        self.note = (at, at)
        self.same_line = False
        self.blank = False
        self.pending: list[Comment] = []
        self.digests: dict[int, bytes] = {}

    def gap(self, *, flow: bool = False) -> None:
        """From `at`, behind an item, to the next one. `same_line`: that is on the same line."""
        at = self.at
        rest = REST_OF_LINE.match(self.data, at, self.stop)
        self.same_line = rest is None
        if rest is None:
            blanks = INDENT.match(self.data, at, self.stop)
            self.next = blanks.end() if blanks else at
            return
        self.note = rest.span(1) if rest[1] else (at, at)
        self.line_end = rest.end()
        self.lines(flow=flow)

    def lines(self, *, flow: bool = False) -> None:
        """From `line_end`, the start of a line, to the next item."""
        data, stop, at = self.data, self.stop, self.line_end
        self.blank = False
        while at < stop:
            indent = INDENT.match(data, at, stop)
            if indent is None:
                break
            mark = indent.end()
            first = data[mark : mark + 1] if mark < stop else b""
            if first in (b"\n", b"\r", b""):
                self.blank = True
                at = min(mark + 1 + (first == b"\r"), stop)
                continue
            if indent.end(1) != mark and not flow:
                raise NotUnderstood(indent.end(1), "a tab as indentation", "indent with spaces")
            if first != b"#":
                self.next, self.line, self.column = mark, at, mark - at
                return
            newline = data.find(b"\n", mark, stop)
            end = stop if newline < 0 else newline - (data[newline - 1 : newline] == b"\r")
            self.pending.append(Comment(at, mark, end, mark - at, self.blank))
            self.blank = False
            at = stop if newline < 0 else newline + 1
        self.next, self.line, self.column = stop, stop, -1

    def lead(self, children: list[Node], head: int) -> int:
        """Where the item at `head` starts, with the comments above it; those that are not its own become nodes."""
        own = head == self.line + self.column
        start = self.line if own else head
        if self.pending:
            groups = _groups(self.pending)
            if own and not self.blank:
                start = groups.pop()[0].line
            children += [self.comment(group) for group in groups]
            self.pending.clear()
        return start

    def trailing(self, children: list[Node], margin: int) -> None:
        """The comments that belong to the block which ends here: the first ones that are indented at least so far."""
        count = 0
        while count < len(self.pending) and self.pending[count].column >= margin:
            count += 1
        if count:
            children += [self.comment(group) for group in _groups(self.pending[:count])]
            del self.pending[:count]

    def comment(self, group: Sequence[Comment]) -> Node:
        """A comment that belongs to no item, as a node."""
        text = self.text_of(group)
        end = self.data.find(b"\n", group[-1].end) + 1
        return Node(
            key=text.decode(),
            start=group[0].line,
            head=group[0].mark,
            value=group[0].mark,
            tail=group[-1].end,
            end=end or len(self.data),
            note=(group[-1].end, group[-1].end),
            canon=text,
            comment=True,
        )

    def text_of(self, comments: Sequence[Comment]) -> bytes:
        """The lines of comments without what is around them."""
        return b"\n".join(self.data[each.mark : each.end].strip() for each in comments)

    # Nodes.

    def digest(self, found: Found | Node) -> bytes:
        """What is equal for equal collections; a long one is hashed."""
        if found.body is None:
            return found.canon or b""
        known = self.digests.get(found.value)
        if known is not None and found.body.children:
            return known
        items = [child for child in found.body.children if not child.comment]
        if found.body.kind == "map":
            parts = sorted(child.key.encode("utf-8", "surrogateescape") + b": " + self.digest(child) for child in items)
            text = b"{" + b", ".join(parts) + b"}"
        else:
            text = b"[" + b", ".join(self.digest(child) for child in items) + b"]"
        if len(text) > LONGEST:
            text = text[:24] + b"..." + hashlib.sha256(text).hexdigest()[:16].encode()
        self.digests[found.value] = text
        return text

    def collapsed(self, found: Found, tag: bytes = b"") -> Found:
        """A collection as a leaf: it is what it is, and nothing goes into it."""
        if found.body is not None:
            found.canon = self.digest(found)
            found.inner = b"\n".join(_comments(found.body))
            found.body = None
        found.canon = tag + b" " + (found.canon or b"") if tag else found.canon
        return found

    def item_key(self, name: str, found: Found) -> str:
        """The key of a list's item; `name` is the key of the list."""
        if found.body is None:
            text = found.text.decode()
            return _in_a_list(scalar_identity(name, text) or text)
        if found.body.kind == "map":
            key = identity(name, scalars(found.body))
            if key:
                return _in_a_list(key)
        return _in_a_list(self.digest(found).decode("utf-8", "replace"))


def make_node(key: str, start: int, head: int, found: Found, shared: Fixed | None) -> Node:
    """The item that was found."""
    return Node(
        key=key,
        start=start,
        head=head,
        value=found.value,
        tail=found.tail,
        end=found.end,
        note=found.note or (found.tail, found.tail),
        canon=found.canon,
        inner=found.inner,
        body=found.body,
        fixed=found.fixed or shared,
    )


def container(kind: Literal["map", "list"], children: list[Node], value: int, fixed: Fixed | None) -> Found:
    """A block collection: it ends where its last child does, with that child's comment."""
    last = children[-1]
    body = Body(kind=kind, open=children[0].start, close=last.end, separator=b"", children=tuple(children))
    return Found(value=value, tail=max(last.tail, last.note[1]), end=last.end, body=body, fixed=fixed)


def scalars(body: Body) -> dict[str, str]:
    """The entries of a mapping that are plain or quoted scalars, with their content."""
    return {
        child.key: child.canon[2:].decode()
        for child in body.children
        if child.canon is not None and child.canon.startswith((b"s:", b"p:"))
    }


def key_text(text: bytes, offset: int) -> str:
    """A key that names an item."""
    found = text.decode()
    if NOT_IN_A_KEY.search(found):
        raise NotUnderstood(offset, "a control character in a key", "write the key without it")
    return found


def _in_a_list(text: str) -> str:
    return text.replace("\0", "\\0").replace("\1", "\\1")


def _groups(comments: Sequence[Comment]) -> list[list[Comment]]:
    """Comments with blank lines between them, one by one."""
    groups: list[list[Comment]] = []
    for each in comments:
        if each.apart or not groups:
            groups.append([])
        groups[-1].append(each)
    return groups


def _comments(body: Body) -> list[bytes]:
    found: list[bytes] = []
    for child in body.children:
        if child.comment:
            found.append(child.canon or b"")
        elif child.body is not None:
            found += _comments(child.body)
    return found
