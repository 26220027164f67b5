"""A variable that code reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["needed", "plain", "fallback"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A variable that a file reads, by the line. `built`: a build puts its value in.

    `needed`: the code fails without it, or declares that it must be there; `plain`: nobody can tell; `fallback`: it has
    something else to take.
    """

    name: str
    line: int
    kind: Kind = "plain"
    built: bool = False
