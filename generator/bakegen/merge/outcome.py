"""What a merge comes to: a text, conflicts, or the refusal to touch a shape that it does not understand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Favor = Literal["ours", "theirs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """The merged bytes; `notes` are sentences for the user about what was decided on the way (a pin that is newer)."""

    text: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """Both sides changed one thing.

    `line` is where it is in ours, from 1; `key` is the way to it (`services > api > ports > 80`); a side that does not
    have it is None.
    """

    line: int
    key: str
    message: str
    base: bytes | None
    ours: bytes | None
    theirs: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflicted:
    """Not merged. `marked` is ours with everything merged that could be, and diff3 markers around the conflicts."""

    conflicts: tuple[Conflict, ...]
    marked: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """Not merged: `line` of ours, from 1, has a shape that is not edited. `hint` is the one-line change that helps."""

    line: int
    message: str
    hint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Markers:
    """How conflicts are marked: what stands behind the marks, and how long these are."""

    ours: str = "ours"
    base: str = "base"
    theirs: str = "theirs"
    size: int = 7


Outcome = Merged | Conflicted | Refused
