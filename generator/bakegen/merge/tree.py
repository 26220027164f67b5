"""The tree of keyed spans that every scanner finds and every merge works on.

A node says where an item of a file is and what it is, never how it is printed. Offsets are of bytes; what is between
the nodes (blanks, brackets, separators, blank lines) belongs to nobody and survives every merge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Fixed:
    """Why a node may not be changed from outside, and the one-line cure a person has for it."""

    message: str
    hint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What is inside a container, in file order.

    `open` is behind its opening bracket, or for a body without brackets where its first line starts; `close` is its
    closing bracket, or where its last line ends. In a map order has no meaning; in a list it has. `separator` stands
    between two items (`,`) or is empty where a newline does.
    """

    kind: Literal["map", "list"]
    open: int
    close: int
    separator: bytes
    children: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One item: a block, an entry, a list item, a document, or a comment that belongs to no item.

    Spans:  start  <=  head  <=  value  <=  tail  <=  end

    - `start`: the first byte of its lead comments (whole lines directly above, no blank line between), else of its
      line if only blanks stand before it there, else `head`.
    - `head`: the first byte of the item itself: the key, the dash of a YAML item, the value of any other list item.
    - `value`: the first byte of the value; `head` for a block of HCL, a list item, a comment.
    - `tail`: behind the last byte of the item itself, before a separator.
    - `end`: behind the newline of its last line, if only blanks, a separator and a comment follow the item there;
      else `tail`. (At the end of a file without a final newline: the file's end.)
    - `note`: the comment at the end of the item's line, or of a container's first line, from its mark to its last byte
      before the newline; (n, n) if there is none.

    `key` identifies the item among its siblings (`target "api"`, `services`, the text of a list item). A leaf has
    `canon`, its value in a form that is equal for equal values however they are spelled, and `inner`, the comments
    inside the value joined by newlines. A container has a `body`. `fixed` says that what is inside is not for editing.
    `verbatim` says that the lines behind a leaf's first may not be indented anew (a heredoc, a multi-line string).
    A comment is a leaf with `comment=True`, its stripped lines as key and canon.
    """

    key: str
    start: int
    head: int
    value: int
    tail: int
    end: int
    note: tuple[int, int] = (0, 0)
    canon: bytes | None = None
    inner: bytes = b""
    body: Body | None = None
    fixed: Fixed | None = None
    verbatim: bool = False
    comment: bool = False


class NotUnderstood(Exception):  # noqa: N818  (a fact about a file, not an error of the program)
    """A scanner met a shape that it cannot give spans for. `offset` is the byte where it did."""

    def __init__(self, offset: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.hint = hint


class ShapeError(Exception):
    """Ours has a shape at `offset` that cannot be edited; `hint` is what a person can do about it."""

    def __init__(self, offset: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.hint = hint


# What an independent reader makes of a file: maps as dicts whose keys are the nodes' keys, lists as lists in the
# nodes' order (comments left out), leaves as any value that can be compared.
Plain = dict[str, "Plain"] | list["Plain"] | str | bytes | int | float | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """What a merge needs to know of a file format.

    `scan` finds the root node (a container over the whole file) or raises NotUnderstood, for any bytes, in linear
    time. `read` is the second opinion by another implementation; it raises ValueError if it cannot read the text.
    `indent` is one step of indentation in what bakegen renders, `null` what `read` finds where a key has no value.
    """

    name: str
    scan: Callable[[bytes], Node]
    read: Callable[[bytes], Plain]
    comment: bytes = b"#"
    indent: bytes = b"  "
    null: Plain = None
