"""The tree of a TOML file: tables by their dotted names, entries, and the items of arrays and inline tables.

tomllib says first whether the text is TOML at all, so that the scanner may rely on it; and it is the second reader.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from typing import Any, Literal

from bakegen.merge.identity import identity
from bakegen.merge.toml import BARE, BLANK, KEY_STRING, VALUE_STRING, unquote
from bakegen.merge.tree import Body, Format, Node, NotUnderstood, Plain

DEPTH = 100
MARK = b"\xef\xbb\xbf"
SPACE = re.compile(rb"(?:[ \t\r\n]|#[^\n]*)*")
ATOM = re.compile(rb"[^,\[\]{}#\s]+(?: [0-9][^,\[\]{}#\s]*)?")  # a number, a boolean, a date with its time


def scan(data: bytes) -> Node:
    """The tree of a TOML file. Raises NotUnderstood with the place that tomllib names."""
    _parsed(data)
    return _Scanner(data).root()


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotUnderstood(error.start, "it is not UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else data.count(b"\n") + 1
        offset = 0
        for _ in range(line - 1):
            offset = data.find(b"\n", offset) + 1
        message = str(error).rpartition(" (at ")[0]
        raise NotUnderstood(offset, f"not valid TOML: {message}", "mend the line") from None
    except (RecursionError, ValueError):
        raise NotUnderstood(0, "it is nested too deeply, or a number in it is too long", "write it flatter") from None


class _Scanner:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.start = len(MARK) if data.startswith(MARK) else 0

    def root(self) -> Node:
        tops: list[Node] = []
        header: Node | None = None
        children: list[Node] = []
        lead: list[tuple[int, int]] = []
        counts: dict[str, int] = {}
        at = self.start
        while at < len(self.data):
            first = self._skip(at)
            line_end = self._line_end(first)
            char = self.data[first : first + 1]
            if char in (b"\n", b"\r", b""):
                children += [self._comment(lead)] if lead else []
                lead, at = [], line_end
            elif char == b"#":
                lead.append((at, line_end))
                at = line_end
            elif char == b"[":
                tops += self._table(header, children)
                children = []
                header = self._header(first, lead[0][0] if lead else at, counts)
                lead, at = [], header.end
            else:
                node = self._entry(first, lead[0][0] if lead else at)
                children.append(node)
                lead, at = [], node.end
        children += [self._comment(lead)] if lead else []
        tops += self._table(header, children)
        end = len(self.data)
        body = Body(kind="map", open=self.start, close=end, separator=b"", children=tuple(tops))
        return Node(key="", start=self.start, head=self.start, value=self.start, tail=end, end=end, body=body)

    def _table(self, header: Node | None, children: list[Node]) -> list[Node]:
        """A table from its header and what follows; what comes before the first header belongs to the file."""
        if header is None:
            return children
        tail, end = (children[-1].tail, children[-1].end) if children else (header.tail, header.end)
        tail = max(tail, children[-1].note[1]) if children else tail
        body = Body(kind="map", open=header.end, close=max(end, header.end), separator=b"", children=tuple(children))
        key = header.key
        if header.canon == b"[[":
            found = {child.key: (child.canon or b"").decode("utf-8", "replace") for child in children}
            name = identity(key.partition(" #")[0], found)
            key = f"{key.partition(' #')[0]} {name}" if name else key
        return [replace(header, key=key, tail=tail, end=end, canon=None, body=body)]

    def _header(self, first: int, start: int, counts: dict[str, int]) -> Node:
        array = self.data.startswith(b"[[", first)
        key, at = self.dotted(first + 2 if array else first + 1)
        tail = self.data.index(b"]", at) + (2 if array else 1)
        counts[key] = counts.get(key, 0) + 1
        end, note = self._rest(tail)
        name = f"{key} #{counts[key]}" if array else key
        return Node(
            key=name,
            start=start,
            head=first,
            value=first,
            tail=tail,
            end=end,
            note=note,
            canon=b"[[" if array else b"[",
        )

    def _entry(self, first: int, start: int) -> Node:
        key, at = self.dotted(first)
        value = self._skip(self.data.index(b"=", at) + 1)
        node = self._value(key, first, value, 0)
        end, note = self._rest(node.tail)
        return replace(node, start=start, end=end, note=note)

    def _value(self, key: str, head: int, at: int, depth: int) -> Node:
        if depth > DEPTH:
            raise NotUnderstood(at, "it is nested too deeply", f"nest at most {DEPTH} levels")
        char = self.data[at : at + 1]
        if char in (b"[", b"{"):
            return self._container(key, head, at, depth)
        match = VALUE_STRING.match(self.data, at) or ATOM.match(self.data, at)
        tail = match.end() if match is not None else at
        text = self.data[at:tail]
        return Node(
            key=key,
            start=head,
            head=head,
            value=at,
            tail=tail,
            end=tail,
            canon=repr(tomllib.loads(f"x = {text.decode()}")["x"]).encode("utf-8", "surrogateescape"),
            verbatim=b"\n" in text,
        )

    def _container(self, key: str, head: int, at: int, depth: int) -> Node:
        closing = b"]" if self.data[at : at + 1] == b"[" else b"}"
        kind: Literal["list", "map"] = "list" if closing == b"]" else "map"
        children: list[Node] = []
        position = at + 1
        while True:
            lead, position = self._inner_lead(position)
            if self.data[position : position + 1] == closing:
                children += [self._comment(lead)] if lead else []
                break
            if kind == "map":
                name, place = self.dotted(position)
                node = self._value(name, position, self._skip(self.data.index(b"=", place) + 1), depth + 1)
            else:
                node = self._value("", position, position, depth + 1)
                node = replace(node, key=self._item_key(key, node))
            node, position = self._placed(node, lead)
            children.append(node)
        body = Body(kind=kind, open=at + 1, close=position, separator=b",", children=tuple(children))
        return Node(key=key, start=head, head=head, value=at, tail=position + 1, end=position + 1, body=body)

    def _item_key(self, key: str, node: Node) -> str:
        if node.body is not None and node.body.kind == "map":
            entries = {child.key: (child.canon or b"").decode("utf-8", "replace") for child in node.body.children}
            return identity(key, entries) or self.data[node.head : node.tail].decode("utf-8", "replace")
        return (
            self.data[node.head : node.tail].decode("utf-8", "replace") if node.canon is None else node.canon.decode()
        )

    def _inner_lead(self, at: int) -> tuple[list[tuple[int, int]], int]:
        """The whole lines of comments before the next item of an array, and where that begins."""
        lead: list[tuple[int, int]] = []
        while True:
            match = re.compile(rb"[ \t\r\n]*").match(self.data, at)
            at = match.end() if match is not None else at
            if self.data[at : at + 1] != b"#":
                return lead, at
            start = self.data.rfind(b"\n", 0, at) + 1
            end = self._line_end(at)
            if not self.data[start:at].strip():
                lead.append((start, end))
            at = end

    def _placed(self, node: Node, lead: list[tuple[int, int]]) -> tuple[Node, int]:
        start = self.data.rfind(b"\n", 0, node.head) + 1
        alone = not self.data[start : node.head].strip()
        if lead and not self.data[lead[-1][1] : node.head].strip() and b"\n" not in self.data[lead[-1][1] : node.head]:
            first = lead[0][0]
        else:
            first = start if alone else node.head
        match = SPACE.match(self.data, node.tail)
        at = match.end() if match is not None else node.tail
        behind = node.tail
        if self.data[at : at + 1] == b",":
            behind = at = at + 1
        end, note = self._rest(behind)
        if b"#" in self.data[node.tail : behind]:
            end, note = node.tail, (0, 0)
        ended = end if self.data[end - 1 : end] == b"\n" else node.tail
        return replace(node, start=first, end=ended, note=note if ended == end else (0, 0)), max(at, behind)

    def _rest(self, at: int) -> tuple[int, tuple[int, int]]:
        """The end of the line behind a value, and the comment on it; the value's end if more follows on the line."""
        end = self._line_end(at)
        rest = self.data[at:end]
        text = rest.strip()
        if text and not text.startswith(b"#"):
            return at, (0, 0)
        note = at + len(rest) - len(rest.lstrip())
        return end, (note, note + len(text)) if text else (0, 0)

    def _comment(self, lines: list[tuple[int, int]]) -> Node:
        start, end = lines[0][0], lines[-1][1]
        text = b"\n".join(self.data[first:last].strip() for first, last in lines)
        head = start + len(self.data[start:end]) - len(self.data[start:end].lstrip())
        tail = start + len(self.data[start:end].rstrip())
        name = text.decode("utf-8", "surrogateescape")
        return Node(key=name, start=start, head=head, value=head, tail=tail, end=end, canon=text, comment=True)

    def dotted(self, at: int) -> tuple[str, int]:
        """A dotted key, its parts quoted where they must be, and the offset behind it."""
        parts: list[str] = []
        while True:
            at = self._skip(at)
            match = BARE.match(self.data, at) or KEY_STRING.match(self.data, at)
            if match is None:
                raise NotUnderstood(at, "a key was expected", "mend the line")
            name = unquote(match.group())
            parts.append(_part(name))
            at = self._skip(match.end())
            if self.data[at : at + 1] != b".":
                return ".".join(parts), at
            at += 1

    def _skip(self, at: int) -> int:
        match = BLANK.match(self.data, at)
        return match.end() if match is not None else at

    def _line_end(self, at: int) -> int:
        newline = self.data.find(b"\n", at)
        return len(self.data) if newline < 0 else newline + 1


def read(data: bytes) -> Plain:
    """What tomllib finds, under the names of the tree's tables. ValueError if the tree does not account for all of it."""
    try:
        document, root = _parsed(data), scan(data)
    except NotUnderstood as error:
        raise ValueError(error.message) from error
    found: dict[str, Plain] = {}
    arrays: dict[str, int] = {}
    seen = 0
    for node in root.body.children if root.body is not None else ():
        if node.comment:
            continue
        if not _is_table(data, node):
            found[node.key] = _plain(_at(document, node.key))
            seen += _leaves(found[node.key])
            continue
        name = _header_name(data, node)
        place: Any = _at(document, name)
        if isinstance(place, list):
            arrays[name] = arrays.get(name, -1) + 1
            place = place[arrays[name]]
        table: dict[str, Plain] = {}
        for child in node.body.children if node.body is not None else ():
            if not child.comment:
                table[child.key] = _plain(_at(place, child.key))
        seen += _leaves(table)
        found[node.key] = table
    if seen != _leaves(_plain(document)):
        raise ValueError("not every value of the file was found")
    return found


def _part(name: str) -> str:
    """A name as a part of a dotted key: in quotes if it must be."""
    return name if BARE.fullmatch(name.encode()) else json.dumps(name, ensure_ascii=False)


def _is_table(data: bytes, node: Node) -> bool:
    return node.body is not None and data.startswith(b"[", node.head)


def _header_name(data: bytes, node: Node) -> str:
    return _Scanner(data).dotted(node.head + (2 if data.startswith(b"[[", node.head) else 1))[0]


def _at(table: Any, key: str) -> Any:
    data = key.encode()
    at = 0
    while at < len(data):
        match = BARE.match(data, at) or KEY_STRING.match(data, at)
        if match is None:
            raise ValueError(f"{key} is no key")
        while isinstance(table, list):
            table = table[-1]
        name = unquote(match.group())
        if not isinstance(table, dict) or name not in table:
            raise ValueError(f"{key} is not there")
        table, at = table[name], match.end() + 1
    return table


def _plain(value: Any) -> Plain:
    if isinstance(value, dict):
        return {_part(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool) else str(value)


def _leaves(value: Plain) -> int:
    if isinstance(value, dict):
        return sum(_leaves(each) for each in value.values())
    if isinstance(value, list):
        return sum(_leaves(each) for each in value)
    return 1


FORMAT = Format(name="toml", scan=scan, read=read)
