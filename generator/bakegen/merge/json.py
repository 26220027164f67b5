"""Spans of a JSON file: docker-bake.json, package.json; with comments, tsconfig.json."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, Literal

from bakegen.merge.identity import identity
from bakegen.merge.tree import Body, Format, Node, NotUnderstood, Plain

DEPTH = 100
MARK = b"\xef\xbb\xbf"
BLANK = re.compile(rb"[ \t\r\n]*")
COMMENT = re.compile(rb"//[^\n]*|/\*.*?\*/", re.DOTALL)
STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*"')
ATOM = re.compile(rb"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
CLOSING = {b"{": b"}", b"[": b"]"}


def scan(data: bytes) -> Node:
    """The tree of a JSON file, with the comments of JSONC. Raises NotUnderstood."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUnderstood(error.start, "it is not UTF-8", "save it as UTF-8") from None
    start = len(MARK) if data.startswith(MARK) else 0
    scanner = _Scanner(data)
    _, at = scanner.lead(start)
    if at == len(data):
        body = Body(kind="map", open=start, close=at, separator=b",", children=())
        return Node(key="", start=start, head=start, value=start, tail=at, end=at, body=body)
    root = scanner.value("", at, at, 0)
    _, behind = scanner.lead(root.tail)
    if behind != len(data):
        raise NotUnderstood(behind, "there is more behind the value", "keep one value in the file")
    return root


class _Scanner:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def lead(self, at: int) -> tuple[list[tuple[int, int]], int]:
        """The comments from here on, and the offset of what follows them."""
        found: list[tuple[int, int]] = []
        while True:
            at = self._blank(at)
            comment = COMMENT.match(self.data, at)
            if comment is None:
                return found, at
            found.append((at, comment.end()))
            at = comment.end()

    def value(self, key: str, head: int, at: int, depth: int) -> Node:
        """The node of an entry or item whose value begins at `at`."""
        if depth > DEPTH:
            raise NotUnderstood(at, "it is nested too deeply", f"nest at most {DEPTH} levels")
        if self.data[at : at + 1] in CLOSING:
            return self._container(key, head, at, depth)
        match = STRING.match(self.data, at) or ATOM.match(self.data, at)
        if match is None:
            raise NotUnderstood(at, "a value was expected", "mend the line")
        try:
            canon = json.dumps(json.loads(match.group())).encode()
        except (ValueError, RecursionError):
            raise NotUnderstood(at, "the value is not JSON", "mend the line") from None
        tail = match.end()
        return Node(key=key, start=head, head=head, value=at, tail=tail, end=tail, canon=canon)

    def _container(self, key: str, head: int, at: int, depth: int) -> Node:
        closing = CLOSING[self.data[at : at + 1]]
        kind: Literal["list", "map"] = "list" if closing == b"]" else "map"
        children: list[Node] = []
        position, separated = at + 1, True
        while True:
            lead, position = self.lead(position)
            if self.data[position : position + 1] == closing:
                children += self._comments([span for span in lead if self._alone(span)])
                break
            if not separated:
                raise NotUnderstood(position, "`,` or a closing bracket was expected", "mend the line")
            node = self._item(key, kind, position, depth)
            node, position, separated = self._placed(node, lead)
            children.append(node)
        body = Body(kind=kind, open=at + 1, close=position, separator=b",", children=tuple(children))
        return Node(key=key, start=head, head=head, value=at, tail=position + 1, end=position + 1, body=body)

    def _item(self, parent: str, kind: Literal["list", "map"], at: int, depth: int) -> Node:
        if kind == "list":
            node = self.value("", at, at, depth + 1)
            return replace(node, key=self._item_key(parent, node))
        name = STRING.match(self.data, at)
        colon = self._blank(name.end()) if name is not None else at
        if name is None or self.data[colon : colon + 1] != b":":
            raise NotUnderstood(at, '`"key": value` was expected', "mend the line")
        _, first = self.lead(colon + 1)
        try:
            key = json.loads(name.group())
        except ValueError:
            raise NotUnderstood(at, "the key is not JSON", "mend the line") from None
        return self.value(key, at, first, depth + 1)

    def _item_key(self, parent: str, node: Node) -> str:
        if node.body is not None and node.body.kind == "map":
            entries = {each.key: str(json.loads(each.canon)) for each in node.body.children if each.canon is not None}
            named = identity(parent, {key: text for key, text in entries.items() if not key.startswith("/")})
            if named is not None:
                return named
        text = node.canon if node.canon is not None else self.data[node.head : node.tail]
        return text.decode("utf-8", "surrogateescape")

    def _placed(self, node: Node, lead: list[tuple[int, int]]) -> tuple[Node, int, bool]:
        """The item with its comments and the end of its line, the offset behind it, and whether a comma was there."""
        start = node.head
        if self._alone((node.head, node.head)):
            start = self._line_start(node.head)
            above = [span for span in lead if self._alone(span)]
            while (
                above
                and not self.data[above[-1][1] : start].strip()
                and self.data.count(b"\n", above[-1][1], start) == 1
            ):
                start = self._line_start(above.pop()[0])
        at = self._blank(node.tail)
        separated = self.data[at : at + 1] == b","
        behind = at + 1 if separated else node.tail
        newline = self.data.find(b"\n", behind)
        line_end = len(self.data) if newline < 0 else newline + 1
        rest = self.data[behind:line_end].strip()
        comment = COMMENT.match(self.data, self._blank(behind)) if rest else None
        note = comment.span() if comment is not None and comment.end() <= line_end else (0, 0)
        alone = not rest or (note != (0, 0) and not self.data[note[1] : line_end].strip())
        end = line_end if alone and b"\n" not in self.data[node.tail : behind] else node.tail
        node = replace(node, start=start, end=end, note=note if end == line_end else (0, 0))
        return node, max(behind, note[1] if end == line_end else 0), separated

    def _comments(self, spans: list[tuple[int, int]]) -> list[Node]:
        found: list[Node] = []
        for start, tail in spans:
            newline = self.data.find(b"\n", tail)
            rest = self.data[tail : newline if newline >= 0 else len(self.data)].strip()
            end = tail if rest or newline < 0 else newline + 1
            text = b"\n".join(line.strip() for line in self.data[start:tail].splitlines())
            found.append(
                Node(
                    key=text.decode("utf-8", "surrogateescape"),
                    start=self._line_start(start),
                    head=start,
                    value=start,
                    tail=tail,
                    end=end,
                    canon=text,
                    comment=True,
                )
            )
        return found

    def _alone(self, span: tuple[int, int]) -> bool:
        return not self.data[self._line_start(span[0]) : span[0]].strip()

    def _line_start(self, at: int) -> int:
        start = self.data.rfind(b"\n", 0, at) + 1
        return len(MARK) if start == 0 and self.data.startswith(MARK) else start

    def _blank(self, at: int) -> int:
        match = BLANK.match(self.data, at)
        return match.end() if match is not None else at


def read(data: bytes) -> Plain:
    """What the json module reads, comments and trailing commas aside. ValueError if it cannot."""
    text = data.decode("utf-8-sig")
    blanked = re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda match: match[1] or " ", text, flags=re.DOTALL)
    plain = re.sub(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', lambda match: match[1] or "", blanked, flags=re.DOTALL)
    try:
        found: Plain = json.loads(plain, object_pairs_hook=_unique) if plain.strip() else {}
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Every pair; keys that repeat get a number, as in the tree."""
    found: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for key, value in pairs:
        counts[key] = counts.get(key, 0) + 1
        found[key if counts[key] == 1 else f"{key}\0{counts[key]}"] = value
    return found


FORMAT = Format(name="json", scan=scan, read=read, comment=b"//")
