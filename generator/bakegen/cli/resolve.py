"""The options with which a user decides conflicts, the same for every command that merges."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from bakegen.errors import UserError
from bakegen.merge.outcome import Favor


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolve:
    """What to do about conflicts: decide them for a side, write them as markers, or (the default) report them."""

    favor: Favor | None = None
    markers: bool = False


def resolving(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command --keep-edits, --discard-edits and --conflict, as one argument `resolve`."""

    @click.option("--keep-edits", is_flag=True, help="Where your edit is in the way, keep it.")
    @click.option("--discard-edits", is_flag=True, help="Where your edit is in the way, replace it.")
    @click.option(
        "--conflict",
        type=click.Choice(["report", "markers"]),
        default="report",
        help="With `markers`, write both sides into the files.",
    )
    @functools.wraps(function)
    def wrapped(*, keep_edits: bool, discard_edits: bool, conflict: str, **given: Any) -> None:
        if keep_edits and discard_edits:
            raise UserError("--keep-edits and --discard-edits exclude each other")
        favor: Favor | None = "ours" if keep_edits else "theirs" if discard_edits else None
        function(resolve=Resolve(favor=favor, markers=conflict == "markers"), **given)

    return wrapped
