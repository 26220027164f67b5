"""Spans of a TOML document: its tables and their entries, on bytes.

Only finds spans and never prints. Values and errors are tomllib's business: `scan` is called on text that tomllib
has read, so it can rely on the text being valid TOML 1.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BARE = re.compile(rb"[A-Za-z0-9_-]+")
BLANK = re.compile(rb"[ \t]*")
END_OF_VALUE = re.compile(rb"[ \t]*(#|\r?\n|$)")
KEY_STRING = re.compile(rb'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
VALUE_STRING = re.compile(
    rb'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}|\'\'\'(?:[^\']|\'{1,2}(?!\'))*\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`key = value`: `start` is the key's first byte, `end` is behind the value's last."""

    key: tuple[str, ...]
    start: int
    value: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table with its comments: from `start` (line start of the first one above) to `end` (line end of its last line).

    A comment directly below belongs to the table, unless the next table follows directly: then it leads that one.
    The root table has the empty key and starts at the file's first byte. `header` is the first byte of the `[`.
    """

    key: tuple[str, ...]
    start: int
    header: int
    end: int
    entries: tuple[Entry, ...]

    def entry(self, name: str) -> Entry | None:
        """The entry of a name without dots."""
        return next((entry for entry in self.entries if entry.key == (name,)), None)


def scan(data: bytes) -> tuple[Table, ...]:
    """The tables of a valid TOML document in file order, the root table first. `[[x]]` tables have their name as key."""
    scanner = _Scanner(data)
    return scanner.document()


def lead(data: bytes, table: Table, entry: Entry) -> int:
    """Where the comments directly above an entry of the table begin; without any, its own line."""
    above = max((each.end for each in table.entries if each.end <= entry.start), default=table.header)
    first = data.index(b"\n", above) + 1
    start = data.rfind(b"\n", 0, entry.start) + 1
    while start > first:
        line = data.rfind(b"\n", 0, start - 1) + 1
        if not data[line:start].lstrip().startswith(b"#"):
            break
        start = line
    return start


def has_comment(data: bytes, table: Table, entry: Entry) -> bool:
    """Whether a comment stands directly above an entry of the table, or behind it."""
    behind = data[entry.end :].partition(b"\n")[0]
    return b"#" in behind or b"#" in data[lead(data, table, entry) : entry.start]


class _Scanner:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 3 if data.startswith(b"\xef\xbb\xbf") else 0

    def document(self) -> tuple[Table, ...]:
        tables: list[Table] = []
        key: tuple[str, ...] = ()
        start = header = end = self.at
        entries: list[Entry] = []
        lead: int | None = None
        while self.at < len(self.data):
            line = self.at
            self._skip(BLANK)
            rest = self.data[self.at : self.at + 1]
            if rest == b"#":
                lead = line if lead is None else lead
                self._to_next_line()
                continue
            if rest == b"[":
                tables.append(Table(key=key, start=start, header=header, end=end, entries=tuple(entries)))
                start, header, entries = line if lead is None else lead, self.at, []
                key = self._header()
                end = self._to_next_line()
            elif rest in (b"\n", b"\r", b""):
                end = line if lead == end else end
                self._to_next_line()
            else:
                entries.append(self._entry())
                end = self._to_next_line()
            lead = None
        end = self.at if lead == end else end
        tables.append(Table(key=key, start=start, header=header, end=end, entries=tuple(entries)))
        return tuple(tables)

    def _skip(self, pattern: re.Pattern[bytes]) -> None:
        match = pattern.match(self.data, self.at)
        if match:
            self.at = match.end()

    def _to_next_line(self) -> int:
        newline = self.data.find(b"\n", self.at)
        self.at = len(self.data) if newline < 0 else newline + 1
        return self.at

    def _header(self) -> tuple[str, ...]:
        while self.data[self.at : self.at + 1] == b"[":
            self.at += 1
        return self._key()

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self._skip(BLANK)
            match = BARE.match(self.data, self.at) or KEY_STRING.match(self.data, self.at)
            if match is None:
                raise ValueError(f"not valid TOML at byte {self.at}")
            parts.append(unquote(match.group()))
            self.at = match.end()
            self._skip(BLANK)
            if self.data[self.at : self.at + 1] != b".":
                return tuple(parts)
            self.at += 1

    def _entry(self) -> Entry:
        start = self.at
        key = self._key()
        self.at += 1
        self._skip(BLANK)
        value = self.at
        self._value()
        return Entry(key=key, start=start, value=value, end=self.at)

    def _value(self) -> None:
        depth = 0
        while self.at < len(self.data):
            string = VALUE_STRING.match(self.data, self.at)
            if string:
                self.at = string.end()
            else:
                if depth == 0 and END_OF_VALUE.match(self.data, self.at):
                    return
                byte = self.data[self.at : self.at + 1]
                if byte == b"#":
                    self._to_next_line()
                    continue
                depth += (byte in b"[{") - (byte in b"]}")
                self.at += 1


def unquote(part: bytes) -> str:
    """The name that a bare or quoted key stands for."""
    text = part.decode()
    if text[0] == "'":
        return text[1:-1]
    if text[0] == '"':
        import tomllib

        return next(iter(tomllib.loads(f"{text} = 0")))
    return text
