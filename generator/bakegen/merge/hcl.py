"""Spans of an HCL file, docker-bake.hcl above all: blocks, attributes, and the items of literal lists and objects.

Checks structure and no expressions: what an attribute means is buildx's business. `read` is python-hcl2's view.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from bakegen.merge.hcl_read import read
from bakegen.merge.hcl_tokens import MARK, Token, matching, tokens
from bakegen.merge.tree import Body, Fixed, Format, Node, NotUnderstood

LAST_WINS = ("group", "variable", "function")
_BLANKS = re.compile(rb"[ \t\r]*")
Parse = Callable[[int, int], tuple[Node, int]]
WRITE_OUT = 'write the items out, one a line: ["api", "web"]'
BREAK_OPEN = "put the block's braces and its attribute on lines of their own"


def scan(data: bytes) -> Node:
    """The tree of an HCL file. Raises NotUnderstood."""
    return _Scanner(data).root()


class _Scanner:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self._marked = data.startswith(MARK)
        self.tokens = tokens(data)
        self.pairs = matching(data, self.tokens)

    def root(self) -> Node:
        start = len(MARK) if self._marked else 0
        children = self._items(0, len(self.tokens), self._definition, b"", start, len(self.data))
        body = Body(kind="map", open=start, close=len(self.data), separator=b"", children=_shadowed(children))
        return Node(key="", start=start, head=start, value=start, tail=len(self.data), end=len(self.data), body=body)

    def text(self, token: Token) -> bytes:
        return self.data[token.start : token.end]

    # A container's items, with the comments around them.

    def _items(
        self, first: int, last: int, parse: Parse, separator: bytes, opened: int, closed: int
    ) -> tuple[Node, ...]:
        found: list[Node] = []
        pending: list[Token] = []
        at, lines = first, 1 if self._begins_line(opened) or self._ends_line(opened) else 0
        while at < last:
            token = self.tokens[at]
            if token.kind == "newline":
                lines += 1
                if lines > 1 and pending:
                    found.append(self._comment(pending))
                    pending = []
                at += 1
            elif token.kind == "comment":
                if self._first_on_line(token) and lines:
                    pending.append(token)
                    lines = 0
                elif pending and b"\n" not in self.data[pending[-1].end : token.start]:
                    pending.append(token)
                at += 1
            elif separator and self.text(token) == separator:
                at += 1
            else:
                node, at = parse(at, last)
                found.append(self._placed(node, pending, separator, at, closed))
                at = self._behind(found[-1], at)
                pending, lines = [], 1 if self.data[found[-1].end - 1 : found[-1].end] == b"\n" else 0
        if pending:
            found.append(self._comment(pending))
        return tuple(found)

    def _behind(self, node: Node, at: int) -> int:
        while at < len(self.tokens) and self.tokens[at].start < node.end:
            at += 1
        return at

    def _ends_line(self, offset: int) -> bool:
        """Whether nothing but blanks stands behind `offset` on its line."""
        end = _BLANKS.match(self.data, offset).end()  # type: ignore[union-attr]  # it matches nothing, too
        return self.data[end : end + 1] in (b"", b"\n")

    def _line_start(self, offset: int) -> int:
        start = self.data.rfind(b"\n", 0, offset) + 1
        return len(MARK) if start == 0 and self._marked else start

    def _first_on_line(self, token: Token) -> bool:
        return self._begins_line(token.start)

    def _begins_line(self, offset: int) -> bool:
        """Whether nothing but blanks stands before `offset` on its line."""
        while self.data[offset - 1 : offset] in (b" ", b"\t"):
            offset -= 1
        return offset == 0 or self.data[offset - 1 : offset] == b"\n" or (offset == len(MARK) and self._marked)

    def _comment(self, pending: list[Token]) -> Node:
        start, tail = pending[0].start, pending[-1].end
        newline = self.data.find(b"\n", tail)
        end = tail if not self._ends_line(tail) else len(self.data) if newline < 0 else newline + 1
        lines = b"\n".join(line.strip() for line in self.data[start:tail].splitlines())
        return Node(
            key=lines.decode("utf-8", "surrogateescape"),
            start=self._line_start(start),
            head=start,
            value=start,
            tail=tail,
            end=end,
            canon=lines,
            comment=True,
        )

    def _placed(self, node: Node, pending: list[Token], separator: bytes, at: int, closed: int) -> Node:
        """The item with its lead comments, the comment behind it, and the end of its line."""
        start = node.head
        if pending:
            start = self._line_start(pending[0].start)
        elif self._begins_line(start):
            start = self._line_start(start)
        end, note = node.tail, node.note
        while at < len(self.tokens) and self.tokens[at].start < closed:
            token = self.tokens[at]
            if token.kind == "newline":
                end = token.end
                break
            if token.kind == "comment" and b"\n" not in self.text(token):
                note = note if node.body is not None and note != (0, 0) else (token.start, token.end)
            elif not (separator and self.text(token) == separator):
                break
            at += 1
        else:
            if closed == len(self.data) and at >= len(self.tokens):
                end = closed
        if (end == node.tail and node.body is None) or (end == node.tail and note[0] >= node.tail):
            note = (0, 0)
        return replace(node, start=start, end=end, note=note)

    # Items.

    def _definition(self, at: int, last: int) -> tuple[Node, int]:
        """A block or an attribute."""
        first = self.tokens[at]
        if first.kind != "name":
            raise NotUnderstood(first.start, "a name was expected", "see: docker buildx bake --print")
        labels: list[bytes] = []
        index = at + 1
        while index < last:
            token = self.tokens[index]
            if token.kind == "comment" and b"\n" not in self.text(token):
                index += 1
            elif token.kind == "other" and self.text(token) == b"=" and not labels:
                return self._attribute(at, index, last)
            elif token.kind in ("name", "string"):
                labels.append(self.text(token).strip(b'"'))
                index += 1
            elif token.kind == "open" and self.text(token) == b"{":
                return self._block(at, index, labels)
            else:
                break
        raise NotUnderstood(first.start, "`=` or `{` was expected behind the name", "see: docker buildx bake --print")

    def _block(self, at: int, opening: int, labels: list[bytes]) -> tuple[Node, int]:
        closing = self.pairs[opening]
        opened, closed = self.tokens[opening].end, self.tokens[closing].start
        children = self._items(opening + 1, closing, self._definition, b"", opened, closed)
        name = self.text(self.tokens[at])
        key = b" ".join([name, *(b'"%s"' % label for label in labels)]).decode("utf-8", "surrogateescape")
        head, tail = self.tokens[at].start, self.tokens[closing].end
        one_line = b"\n" not in self.data[opened:closed] and bool(children)
        node = Node(
            key=key,
            start=head,
            head=head,
            value=head,
            tail=tail,
            end=tail,
            note=self._first_note(opening),
            body=Body(kind="map", open=opened, close=closed, separator=b"", children=_shadowed(children)),
            fixed=Fixed(message="the block stands on one line", hint=BREAK_OPEN) if one_line else None,
        )
        return node, closing + 1

    def _first_note(self, opening: int) -> tuple[int, int]:
        """The comment behind an opening bracket."""
        following = self.tokens[opening + 1]
        if following.kind == "comment" and b"\n" not in self.data[self.tokens[opening].start : following.end]:
            after = self.tokens[opening + 2]
            if after.kind == "newline":
                return following.start, following.end
        return 0, 0

    def _attribute(self, at: int, equals: int, last: int) -> tuple[Node, int]:
        first, end = self._expression(equals + 1, last, (b"}",))
        if first == end:
            raise NotUnderstood(self.tokens[equals].start, "there is no value behind `=`", "give it a value")
        name = self.text(self.tokens[at]).decode("utf-8", "surrogateescape")
        return self._valued(name, self.tokens[at].start, first, end), end

    def _expression(self, at: int, last: int, stops: tuple[bytes, ...]) -> tuple[int, int]:
        """The tokens of an expression: up to the end of its line, or to a stop, outside brackets."""
        while at < last and self.tokens[at].kind == "comment" and b"\n" not in self.text(self.tokens[at]):
            at += 1
        first = end = at
        while at < last:
            token = self.tokens[at]
            if token.kind == "newline" or (token.kind in ("close", "other") and self.text(token) in stops):
                break
            at = self.pairs[at] + 1 if token.kind == "open" else at + 1
            if token.kind != "comment":
                end = at
        return first, end

    def _valued(self, key: str, head: int, first: int, end: int) -> Node:
        """The node of an entry or of a list item whose value is the tokens from `first` to `end`."""
        value, tail = self.tokens[first].start, self.tokens[end - 1].end
        opening = self.text(self.tokens[first])
        alone = self.tokens[first].kind == "open" and self.pairs[first] == end - 1
        if alone and opening in (b"[", b"{") and not self._is_for(first):
            parse = self._element if opening == b"[" else self._entry
            inner = range(first + 1, end - 1)
            separator = b"," if opening == b"[" or self._commas(inner) else b""
            opened, closed = self.tokens[first].end, self.tokens[end - 1].start
            children = self._items(first + 1, end - 1, parse, separator, opened, closed)
            kind: Literal["list", "map"] = "list" if opening == b"[" else "map"
            body = Body(kind=kind, open=opened, close=closed, separator=separator, children=children)
            note = self._first_note(first)
            return Node(key=key, start=head, head=head, value=value, tail=tail, end=tail, note=note, body=body)
        inside = self.tokens[first:end]
        comments = [self.text(token) for token in inside if token.kind == "comment"]
        return Node(
            key=key,
            start=head,
            head=head,
            value=value,
            tail=tail,
            end=tail,
            canon=self._canon(first, end),
            inner=b"\n".join(comments),
            fixed=Fixed(message=f"{key} is made by an expression, not a list", hint=WRITE_OUT)
            if not all(token.kind in ("string", "number", "heredoc") for token in inside)
            else None,
            verbatim=any(token.kind == "heredoc" for token in inside),
        )

    def _is_for(self, first: int) -> bool:
        at = first + 1
        while at < len(self.tokens) and self.tokens[at].kind in ("newline", "comment"):
            at += 1
        return at < len(self.tokens) and self.text(self.tokens[at]) == b"for"

    def _commas(self, inner: range) -> bool:
        """Whether the entries of an object are set apart by commas: one on a single line always is."""
        lines, index = False, inner.start
        while index < inner.stop:
            token = self.tokens[index]
            if token.kind == "other" and self.text(token) == b",":
                return True
            lines = lines or token.kind == "newline"
            index = self.pairs[index] + 1 if token.kind == "open" else index + 1
        return not lines

    def _element(self, at: int, last: int) -> tuple[Node, int]:
        first, end = self._spread(at, last)
        if first == end:
            raise NotUnderstood(self.tokens[at].start, "a list item was expected", "see: docker buildx bake --print")
        node = self._valued("", self.tokens[first].start, first, end)
        key = self._canon(first, end).decode("utf-8", "surrogateescape")
        return replace(node, key=key), end

    def _spread(self, at: int, last: int) -> tuple[int, int]:
        """The tokens of a list item, which may go on over several lines."""
        first = end = at
        while at < last and not (self.tokens[at].kind == "other" and self.text(self.tokens[at]) == b","):
            token = self.tokens[at]
            at = self.pairs[at] + 1 if token.kind == "open" else at + 1
            if token.kind not in ("comment", "newline"):
                end = at
        return first, end

    def _entry(self, at: int, last: int) -> tuple[Node, int]:
        """`key = value` or `key: value` of an object."""
        index = at
        while index < last and self.text(self.tokens[index]) not in (b"=", b":"):
            token = self.tokens[index]
            if token.kind == "newline" or self.text(token) == b",":
                break
            index = self.pairs[index] + 1 if token.kind == "open" else index + 1
        if index == at or index >= last or self.text(self.tokens[index]) not in (b"=", b":"):
            raise NotUnderstood(self.tokens[at].start, "`key = value` was expected", "see: docker buildx bake --print")
        first, end = self._expression(index + 1, last, (b",",))
        if first == end:
            raise NotUnderstood(self.tokens[index].start, "there is no value behind the key", "give it a value")
        key = self.data[self.tokens[at].start : self.tokens[index - 1].end].decode("utf-8", "surrogateescape")
        plain = self.tokens[at].kind == "string" and index == at + 1 and "${" not in key and "%{" not in key
        return self._valued(key[1:-1] if plain else key, self.tokens[at].start, first, end), end

    def _canon(self, first: int, end: int) -> bytes:
        """The tokens of an expression, without what does not count: comments, line breaks, commas before a bracket."""
        parts: list[bytes] = []
        for token in self.tokens[first:end]:
            text = self.text(token)
            if token.kind in ("comment", "newline"):
                continue
            if token.kind == "close" and parts and parts[-1] == b",":
                parts.pop()
            parts.append(text)
        return b" ".join(parts)


def _shadowed(children: tuple[Node, ...]) -> tuple[Node, ...]:
    """Of several groups of one name buildx takes the last; the others get a number and are not for editing."""
    last = {node.key: index for index, node in enumerate(children) if node.key.startswith(LAST_WINS)}
    counts: dict[str, int] = {}
    found: list[Node] = []
    for index, node in enumerate(children):
        if node.comment or last.get(node.key, index) == index:
            found.append(node)
            continue
        counts[node.key] = counts.get(node.key, 0) + 1
        fixed = Fixed(message=f"{node.key} is defined again below, and that one counts", hint="keep one of them")
        found.append(replace(node, key=f"{node.key} #{counts[node.key]}", fixed=fixed))
    return tuple(found)


FORMAT = Format(name="hcl", scan=scan, read=read)
