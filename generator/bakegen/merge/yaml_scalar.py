"""The scalars of YAML: where each style ends, and the value that it spells.

A value is `s:` and its content for a string of any style, `p:` and its text for a plain scalar that YAML 1.1 or 1.2
reads as anything else (`8000`, `yes`, a date). Such text is compared as written: 3.10 is not 3.1 to its author.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bakegen.merge.tree import NotUnderstood

NULL = b"p:null"
BREAKS = re.compile(rb"[ \t]*(?:\r?\n[ \t]*)+")
SINGLE = re.compile(rb"'(?:[^']++|'')*+'")
DOUBLE = re.compile(rb'"(?:[^"\\]++|\\(?s:.))*+"')
# In a block: up to `: ` or ` #`. In brackets: up to these and any bracket or comma.
PLAIN = re.compile(rb"(?:[^ \t\r\n:#]++|:(?=[^ \t\r\n])|(?<=[^ \t\r\n])#|[ \t]++(?=[^ \t\r\n:#]|:[^ \t\r\n]))++")
FLOW_PLAIN = re.compile(
    rb"(?:[^ \t\r\n:#,\[\]{}]++|:(?=[^ \t\r\n,\[\]{}])|(?<=[^ \t\r\n,\[\]{}])#"
    rb"|[ \t]++(?=[^ \t\r\n:#,\[\]{}]|:[^ \t\r\n,\[\]{}]))++"
)
NOT_FIRST = frozenset(b",[]{}#&*!|>'\"%@`")
HEADER = re.compile(rb"([|>])(?:([1-9])([+-])?|([+-])([1-9])?)?[ \t]*(?:(?<=[ \t])(#[^\r\n]*))?(?=\r?\n|\Z)")
LEADING = re.compile(rb"(?: *\r?\n)*( *)")

NULLS = frozenset({b"", b"~", b"null", b"Null", b"NULL"})
BOOLEANS = {word: word.lower() for word in (b"true", b"True", b"TRUE", b"false", b"False", b"FALSE")}
OTHER = re.compile(
    rb"yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|=|<<"
    rb"|[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9][0-9_]*|[-+]?0x[0-9a-fA-F_]+"
    rb"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
    rb"|[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?"
    rb"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    rb"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    rb"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
)
FIRST_OF_OTHER = frozenset(b"0123456789+-.=<yYnNoO")

ESCAPES = {
    b"0": "\0",
    b"a": "\a",
    b"b": "\b",
    b"t": "\t",
    b"\t": "\t",
    b"n": "\n",
    b"v": "\v",
    b"f": "\f",
    b"r": "\r",
    b"e": "\x1b",
    b" ": " ",
    b'"': '"',
    b"/": "/",
    b"\\": "\\",
    b"N": "\x85",
    b"_": "\xa0",
    b"L": "\u2028",
    b"P": "\u2029",
}
IN_DOUBLE = re.compile(
    rb"\\\r?\n(?:[ \t]*\r?\n)*+[ \t]*+|\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(?s:(.)))"
    rb"|[ \t]++(?:(?:\r?\n[ \t]*+)++)?|(?:\r?\n[ \t]*+)++"
)
LAST_CHARACTER = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)


def plain(text: bytes) -> tuple[bytes, bytes]:
    """The value of a plain scalar, and its content."""
    if b"\n" in text:
        text = BREAKS.sub(_fold, text)
    if text in NULLS:
        return NULL, text
    if text in BOOLEANS:
        return b"p:" + BOOLEANS[text], text
    return (b"p:" if text[0] in FIRST_OF_OTHER and OTHER.fullmatch(text) else b"s:") + text, text


def single(text: bytes) -> bytes:
    """The content of a scalar in single quotes, from quote to quote."""
    text = text[1:-1]
    if b"\n" in text:
        text = BREAKS.sub(_fold, text)
    return text.replace(b"''", b"'")


def double(text: bytes, offset: int) -> bytes:
    """The content of a scalar in double quotes, from quote to quote; `offset` is where it stands."""
    inside = text[1:-1]
    if b"\\" not in inside and b"\n" not in inside:
        return inside

    def replace(match: re.Match[bytes]) -> bytes:
        token = match.group()
        if token[:1] != b"\\":
            return _fold(match) if b"\n" in token else token
        if b"\n" in token:
            return b"\n" * (token.count(b"\n") - 1)
        digits = match[1] or match[2] or match[3]
        if digits is None:
            found = ESCAPES.get(match[4])
        else:
            number = int(digits, 16)
            found = None if number > LAST_CHARACTER or number in SURROGATES else chr(number)
        if found is None:
            at = offset + 1 + match.start()
            raise NotUnderstood(at, "an escape that YAML does not know", "write a backslash twice, or use '...'")
        return found.encode()

    return IN_DOUBLE.sub(replace, inside)


def _fold(match: re.Match[bytes]) -> bytes:
    """One line break is a blank, more are as many as there are, less one."""
    return b"\n" * (match.group().count(b"\n") - 1) or b" "


@lru_cache(maxsize=256)
def _lines(indent: int) -> re.Pattern[bytes]:
    return re.compile(rb"(?: {%d}[^\n]*(?:\n|\Z)| {0,%d}\r?\n)*+" % (indent, indent - 1))


def block(data: bytes, header: re.Match[bytes], parent: int, stop: int) -> tuple[int, bytes]:
    """Behind the last byte of a block scalar, without its line break, and its content.

    `parent` is the column of the collection that it is in, -1 for none; `stop` is where its document ends.
    """
    least = max(parent + 1, 1)
    start = data.find(b"\n", header.end(), stop) + 1
    if start == 0:
        return _stripped(data, header), b""
    digit = header[2] or header[5]
    indent = least - 1 + int(digit) if digit else _indent(data, start, stop, least)
    found = _lines(indent).match(data, start, stop)
    raw = found.group() if found else b""
    finished = raw.endswith(b"\n")
    physical = raw.split(b"\n")[: -1 if finished or not raw else None]
    lines = [line.removesuffix(b"\r")[indent:] for line in physical]
    count = len(lines)
    while count and not lines[count - 1]:
        count -= 1
    blank = len(lines) - count
    text = _folded(lines[:count]) if header[1] == b">" else b"\n".join(lines[:count])
    chomping = header[3] or header[4]
    if chomping != b"-" and count and (finished or blank):
        text += b"\n"
    if chomping == b"+":
        blank -= not finished and blank > 0
        text += b"\n" * blank
        count += blank
    if not count:
        return _stripped(data, header), text
    tail = start + sum(len(line) + 1 for line in physical[:count]) - 1
    return tail - physical[count - 1].endswith(b"\r"), text


def _stripped(data: bytes, header: re.Match[bytes]) -> int:
    return header.start() + len(data[header.start() : header.end()].rstrip())


def _indent(data: bytes, start: int, stop: int, least: int) -> int:
    """How far the text is indented: as its first line that is not blank, or as a longer blank line before that."""
    leading = LEADING.match(data, start, stop)
    if leading is None:
        return least
    lines = leading.group().split(b"\n")
    return max(least, *(len(line.removesuffix(b"\r")) for line in lines))


def _folded(lines: list[bytes]) -> bytes:
    """The lines joined: by a blank where both are at the margin, with a line break where one is indented deeper."""
    parts: list[bytes] = []
    breaks = 0
    before: bytes | None = None
    for line in lines:
        if not line:
            breaks += 1
            continue
        if before is not None:
            level = before[:1] not in (b" ", b"\t") and line[:1] not in (b" ", b"\t")
            parts.append(b"\n" * breaks if level and breaks else b" " if level else b"\n" * (breaks + 1))
        else:
            parts.append(b"\n" * breaks)
        parts.append(line)
        before, breaks = line, 0
    return b"".join(parts)
