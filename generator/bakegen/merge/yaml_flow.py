"""YAML in brackets: `[a, b]` and `{a: b}`, on one line or several, with comments between the items."""

from __future__ import annotations

import re
from typing import Literal

from bakegen.merge import yaml_scalar as scalar
from bakegen.merge.tree import Body, Node, NotUnderstood
from bakegen.merge.yaml_block import END_OF_LINE, MERGE_KEY, Block, plain
from bakegen.merge.yaml_parts import Found, key_text, make_node

COLON = re.compile(rb"[ \t]*:(?=[ \t\r\n,\[\]{}]|\Z)")
COLON_AFTER_QUOTES = re.compile(rb"[ \t]*:")
CONTINUED = re.compile(rb"[ \t]*+(?:\r?\n[ \t]*+)*\r?\n[ \t]*+(?=[^\r\n#])")
ENDS = frozenset({b",", b"]", b"}", b"\n"})
DASH = re.compile(rb"-(?=[ \t\r\n,\[\]{}]|\Z)")


def flow(block: Block, start: int, name: str) -> Found:
    """The collection whose bracket is at `start`; `name` is the key that it stands under."""
    block.deeper(start)
    kind: Literal["map", "list"] = "map" if block.data[start] == ord("{") else "list"
    children: list[Node] = []
    line, many, fixed = block.line, False, None
    block.at = start + 1
    block.gap(flow=True)
    note = None if block.same_line or block.note[0] == block.note[1] else block.note
    while not _closes(block, kind, start):
        head, below = block.next, b""
        first = block.lead(children, head)
        key, at = _key(block, head) if kind == "map" else ("", head)
        if kind == "map" and at is not None:
            below = block.text_of(block.pending)
            block.pending.clear()
        found = _missing(block.at) if at is None else _value(block, at, key if kind == "map" else name)
        found.inner = found.inner or (below if found.body is None else b"")
        if key == "<<":
            found, fixed = block.collapsed(found), MERGE_KEY
        many = many or found.many or (found.body is None and b"\n" in block.data[found.value : found.tail])
        _end_of_item(block, found, kind, start)
        children.append(
            make_node(key if kind == "map" else block.item_key(name, found), first, head, found, block.shared)
        )
    block.trailing(children, 0)
    block.depth -= 1
    body = Body(kind=kind, open=start + 1, close=block.next, separator=b",", children=tuple(children))
    many = many or block.line != line
    return Found(value=start, tail=block.next + 1, body=body, note=note, fixed=fixed, many=many)


def _closes(block: Block, kind: str, start: int) -> bool:
    if block.next >= block.stop:
        raise NotUnderstood(start, "a bracket that is never closed", "close it")
    return block.data[block.next] == ord("}" if kind == "map" else "]")


def _end_of_item(block: Block, found: Found, kind: str, start: int) -> None:
    """Over the comma behind an item: its end, and the comment on its line."""
    found.end = block.at = found.tail
    note: tuple[int, int] | None = None
    if block.data[found.tail : found.tail + 1] == b",":
        block.next = found.tail
    else:
        block.gap(flow=True)
        if not block.same_line:
            found.end, note = block.line_end, block.note
    if not _closes(block, kind, start):
        if block.data[block.next] != ord(","):
            raise NotUnderstood(block.next, "not a comma between two items", "put a comma there, or the text in quotes")
        block.at = block.next + 1
        block.gap(flow=True)
        if note is None and not block.same_line:
            found.end, note = block.line_end, block.note
    if not found.many and note is not None:
        found.note = note


def _key(block: Block, head: int) -> tuple[str, int | None]:
    """The key of an entry, and where its value is; None if it has none, then `at` is where it would be."""
    data, stop = block.data, block.stop
    found = block.in_quotes(head)
    colon = COLON_AFTER_QUOTES if found is not None else COLON
    if found is None:
        line = _plain_line(block, head)
        found = plain(line.group(), head, line.end())
    if b"\n" in data[head : found.tail]:
        raise NotUnderstood(head, "a key on more than one line", "write the key on one line")
    key = key_text(found.text, head)
    match = colon.match(data, found.tail, stop)
    block.at = match.end() if match else found.tail
    if match is None:
        return key, None
    block.gap(flow=True)
    if block.next >= stop:
        raise NotUnderstood(head, "a bracket that is never closed", "close it")
    if data[block.next] in b",}":
        block.pending.clear()
        return key, None
    return key, block.next


def _missing(at: int) -> Found:
    return Found(value=at, tail=at, canon=scalar.NULL, null=True)


def _value(block: Block, start: int, name: str) -> Found:
    """The value at `start`, with its anchor and tag."""
    data, stop, at, tag, outer = block.data, block.stop, start, b"", block.shared
    if data[start] in b"&!":
        block.at, tag = block.properties(start)
        at = block.at
        block.shared = block.sharing(start) or outer
        block.gap(flow=True)
        if block.next >= stop:
            raise NotUnderstood(start, "a bracket that is never closed", "close it")
        at = block.at if data[block.next] in b",]}" else block.next
        block.pending.clear()
    if at == block.at != start:
        found = _missing(at)
    elif data[at] in b"[{":
        block.pending.clear()
        found = flow(block, at, name)
    else:
        found = block.alias(at) or block.in_quotes(at) or _plain(block, at)
    if data[found.tail : found.tail + 1] not in ENDS and COLON_AFTER_QUOTES.match(data, found.tail, stop):
        hint = "put braces around it: { key: value }"
        raise NotUnderstood(start, "a pair in a list, without braces around it", hint)
    if at == start:
        return found
    found.fixed = found.fixed or block.shared
    block.shared = outer
    return block.tagged(found, tag, start)


def _plain(block: Block, start: int) -> Found:
    tail = _plain_line(block, start).end()
    while block.data[tail : tail + 1] in END_OF_LINE and (more := CONTINUED.match(block.data, tail, block.stop)):
        line = scalar.FLOW_PLAIN.match(block.data, more.end(), block.stop)
        if line is None:
            break
        tail = line.end()
    return plain(block.data[start:tail], start, tail)


def _plain_line(block: Block, start: int) -> re.Match[bytes]:
    data, stop = block.data, block.stop
    first = data[start]
    match = None if first in scalar.NOT_FIRST else scalar.FLOW_PLAIN.match(data, start, stop)
    if first in b"?:" or (first == ord("-") and DASH.match(data, start, stop)):
        match = None
    if match is None:
        raise NotUnderstood(start, "not a value", "put it in quotes")
    return match
