"""Spans of files that are a list of lines: ignore files, .gitattributes, the regions that bakegen keeps in Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from bakegen.merge.tree import Body, Format, Node, NotUnderstood, Plain

LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")
MARK = b"\xef\xbb\xbf"


class Item(NamedTuple):
    """What stands at the start of a line: its key, its value's offset and end, and the value in comparable form."""

    key: bytes
    value: int
    end: int
    canon: bytes


# What a line holds, by the offset of its first byte that is not blank: an item, or None for a comment.
Parse = Callable[[bytes, int], Item | None]


def scan_lines(data: bytes, parse: Parse, kind: Literal["map", "list"]) -> Node:
    """The tree of a file of one item a line (or several, where `parse` says so); comments lead the item below them."""
    children: list[Node] = []
    lead: list[tuple[int, int]] = []
    at = start = len(MARK) if data.startswith(MARK) else 0
    while at < len(data):
        end = _line_end(data, at)
        first = at + len(data[at:end]) - len(data[at:end].lstrip(b" \t"))
        if not data[at:end].strip():
            children += [_comment(data, lead)] if lead else []
            lead = []
        elif (item := parse(data, first)) is None:
            lead.append((at, end))
        else:
            end = _line_end(data, item.end)
            head = first
            children.append(_item(data, item, lead[0][0] if lead else at, head, end))
            lead = []
        at = end
    children += [_comment(data, lead)] if lead else []
    body = Body(kind=kind, open=start, close=len(data), separator=b"", children=tuple(children))
    return Node(key="", start=start, head=start, value=start, tail=len(data), end=len(data), body=body)


def read_lines(data: bytes, comment: bytes | None) -> Plain:
    """The lines that are no comments and not blank, without the blanks around them."""
    lines = (line.strip() for line in data.removeprefix(MARK).split(b"\n"))
    return [line for line in lines if line and not (comment and line.startswith(comment))]


def _line_end(data: bytes, at: int) -> int:
    newline = data.find(b"\n", at)
    return len(data) if newline < 0 else newline + 1


def _item(data: bytes, item: Item, start: int, head: int, end: int) -> Node:
    line = data[item.end : end]
    note = line.find(b"#")
    found = (item.end + note, item.end + len(line.rstrip())) if note >= 0 else (0, 0)
    return Node(
        key=item.key.decode("utf-8", "surrogateescape"),
        start=start,
        head=head,
        value=item.value,
        tail=item.end,
        end=end,
        note=found,
        canon=item.canon,
        verbatim=True,
    )


def _comment(data: bytes, lines: list[tuple[int, int]]) -> Node:
    start, end = lines[0][0], lines[-1][1]
    texts = b"\n".join(data[first:last].strip() for first, last in lines)
    head = start + len(data[start:end]) - len(data[start:end].lstrip(b" \t"))
    tail = start + len(data[start:end].rstrip())
    return Node(
        key=texts.decode("utf-8", "surrogateescape"),
        start=start,
        head=head,
        value=head,
        tail=tail,
        end=end,
        canon=texts,
        comment=True,
    )


def _parse(comment: bytes | None) -> Parse:
    def parse(data: bytes, first: int) -> Item | None:
        if comment is not None and data.startswith(comment, first):
            return None
        text = data[first : _line_end(data, first)].rstrip()
        return Item(text, first, first + len(text), text)

    return parse


def _scan(comment: bytes | None) -> Callable[[bytes], Node]:
    def scan(data: bytes) -> Node:
        if b"\0" in data:
            raise NotUnderstood(data.index(b"\0"), "there is a NUL byte in it", "delete the byte")
        return scan_lines(data, _parse(comment), "list")

    return scan


LINES = Format(name="lines", scan=_scan(b"#"), read=lambda data: read_lines(data, b"#"))
MARKDOWN = Format(name="markdown", scan=_scan(None), read=lambda data: read_lines(data, None))
