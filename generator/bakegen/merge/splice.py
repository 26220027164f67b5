"""The only function that makes new bytes out of old ones: every byte outside a splice survives by construction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Splice(NamedTuple):
    """Replace `data[start:end]` by `new`; offsets are in bytes of the original data."""

    start: int
    end: int
    new: bytes


def splice(data: bytes, splices: Iterable[Splice]) -> bytes:
    """Apply splices that do not overlap, in any order; what is inserted at one place keeps the order given.

    Raises ValueError when two overlap: that is a bug of the caller.
    """
    parts: list[bytes] = []
    position = 0
    for start, end, new in sorted(splices, key=lambda each: each[:2]):
        if start < position or end < start:
            raise ValueError(f"splices overlap at byte {start}")
        parts += [data[position:start], new]
        position = end
    parts.append(data[position:])
    return b"".join(parts)


def newline_of(data: bytes) -> bytes:
    """The line ending that new lines in this data should have: its own, CRLF or LF."""
    crlf = data.count(b"\r\n")
    return b"\r\n" if crlf * 2 > data.count(b"\n") else b"\n"


def line_of(data: bytes, offset: int) -> int:
    """The line number, from 1, that holds the byte at `offset`."""
    return data.count(b"\n", 0, offset) + 1
