"""YAML in brackets: `[a, b]` and `{a: b}`, on one line or several, with comments between the items."""

from __future__ import annotations

import re
from typing import Literal

from bakegen.merge import yaml_scalar as scalar
from bakegen.merge.tree import Body, Node, NotUnderstood
from bakegen.merge.yaml_block import MERGE_KEY, Block, plain
from bakegen.merge.yaml_parts import Found, Place, key_text, make_node

COLON = re.compile(rb"[ \t]*:(?=[ \t\r\n,\[\]{}]|\Z)")
COLON_AFTER_QUOTES = re.compile(rb"[ \t]*:")
CONTINUED = re.compile(rb"[ \t]*+(?:\r?\n[ \t]*+)*\r?\n[ \t]*+(?=[^\r\n#])")
DASH = re.compile(rb"[-?:](?=[ \t\r\n,\[\]{}]|\Z)")


def flow(block: Block, start: int, name: str) -> Found:
    """The collection whose bracket is at `start`."""
    return block.nested(lambda at, place: _collection(block, at, place.name), start, Place(-1, name, dash=False))


def _collection(block: Block, start: int, name: str) -> Found:
    kind: Literal["map", "list"] = "map" if block.data[start] == ord("{") else "list"
    children: list[Node] = []
    fixed = None
    block.at = start + 1
    block.gap(flow=True)
    note = None if block.same_line or block.note[0] == block.note[1] else block.note
    while not _closes(block, kind, start):
        head = block.next
        first = block.lead(children, head)
        if kind == "map":
            key, found = _entry(block, head)
            if key == "<<":
                found, fixed = block.collapsed(found), MERGE_KEY
        else:
            found = _value(block, head, name)
            key = block.item_key(name, found)
        _end_of_item(block, found, kind, start)
        children.append(make_node(key, first, head, found, block.shared))
    groups: list[Node] = []
    block.trailing(groups, 0)
    children += groups
    body = Body(kind=kind, open=start + 1, close=block.next, separator=b",", children=tuple(children))
    return Found(value=start, tail=block.next + 1, body=body, note=note, fixed=fixed)


def _closes(block: Block, kind: str, start: int) -> bool:
    if block.next >= block.stop:
        raise NotUnderstood(start, "a bracket that is never closed", "close it")
    return block.data[block.next] == ord("}" if kind == "map" else "]")


def _end_of_item(block: Block, found: Found, kind: str, start: int) -> None:
    """Over the comma behind an item: its end, and the comment on its line."""
    many = found.body is not None and b"\n" in block.data[found.value : found.tail]
    found.end = found.tail
    block.at = found.tail
    block.gap(flow=True)
    ended = not block.same_line
    note = block.note
    if ended:
        found.end = block.line_end
    if _closes(block, kind, start):
        if ended and not many:
            found.note = note
        return
    if block.data[block.next] != ord(","):
        raise NotUnderstood(block.next, "not a comma between two items", "put a comma there, or the text in quotes")
    block.at = block.next + 1
    block.gap(flow=True)
    if not ended and not block.same_line:
        found.end, note, ended = block.line_end, block.note, True
    if ended and not many:
        found.note = note


def _entry(block: Block, head: int) -> tuple[str, Found]:
    """An entry of a map: its key, and its value, which may be missing."""
    data, stop = block.data, block.stop
    found = block.in_quotes(head)
    colon = COLON_AFTER_QUOTES if found is not None else COLON
    if found is None:
        match = _plain_line(block, head)
        found = plain(match.group(), head, match.end())
    if b"\n" in data[head : found.tail]:
        raise NotUnderstood(head, "a key on more than one line", "write the key on one line")
    key = key_text(found.text, head)
    match = colon.match(data, found.tail, stop)
    if match is None:
        return key, Found(value=found.tail, tail=found.tail, canon=scalar.NULL, null=True)
    block.at = match.end()
    block.gap(flow=True)
    if block.next < stop and data[block.next] in b",}":
        block.pending.clear()
        return key, Found(value=block.at, tail=block.at, canon=scalar.NULL, null=True)
    if block.next >= stop:
        raise NotUnderstood(head, "a bracket that is never closed", "close it")
    below = list(block.pending)
    block.pending.clear()
    value = _value(block, block.next, key)
    if value.body is None and below:
        value.inner = block.text_of(below)
    return key, value


def _value(block: Block, start: int, name: str) -> Found:
    """The value at `start`, with its anchor and tag."""
    if block.data[start] not in b"&!":
        return _bare(block, start, name)
    tag_end, tag = block.properties(start)
    outer = block.shared
    block.shared = block.sharing(start) or outer
    block.at = tag_end
    block.gap(flow=True)
    if block.next < block.stop and block.data[block.next] in b",]}":
        found = Found(value=tag_end, tail=tag_end, canon=scalar.NULL, null=True)
    elif block.next >= block.stop:
        raise NotUnderstood(start, "a bracket that is never closed", "close it")
    else:
        found = _bare(block, block.next, name)
    found.fixed = found.fixed or block.shared
    block.shared = outer
    return block.tagged(found, tag, start)


def _bare(block: Block, start: int, name: str) -> Found:
    data, stop = block.data, block.stop
    if data[start] in b"[{":
        block.pending.clear()
        found = flow(block, start, name)
    else:
        found = block.alias(start) or block.in_quotes(start) or _plain(block, start)
    if COLON_AFTER_QUOTES.match(data, found.tail, stop):
        raise NotUnderstood(start, "a pair in a list, without braces around it", "put braces around it: { key: value }")
    return found


def _plain(block: Block, start: int) -> Found:
    tail = _plain_line(block, start).end()
    while more := CONTINUED.match(block.data, tail, block.stop):
        line = scalar.FLOW_PLAIN.match(block.data, more.end(), block.stop)
        if line is None:
            break
        tail = line.end()
    return plain(block.data[start:tail], start, tail)


def _plain_line(block: Block, start: int) -> re.Match[bytes]:
    data, stop = block.data, block.stop
    first = data[start]
    match = (
        None
        if first in scalar.NOT_FIRST or DASH.match(data, start, stop)
        else scalar.FLOW_PLAIN.match(data, start, stop)
    )
    if match is None:
        raise NotUnderstood(start, "not a value", "put it in quotes")
    return match
