"""What bakegen writes into files that were there before it (`adopted` in bakegen.toml).

Of such a file bakegen knows only its own part: a rendering that stands on its own and uses nothing of the file. A verb
merges after minus before of that part, so one new service is one new target, and every other byte stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from bakegen.adopt import files
from bakegen.foreign.places import place, surfaces
from bakegen.model import Project

__all__ = ["lost", "missing", "place", "render", "surfaces"]


def render(
    path: PurePosixPath, project: Project, ours: bytes, images: Mapping[str, str], other: Project | None = None
) -> bytes:
    """What bakegen itself has in the adopted file at `path`, for a merge with `ours`: nothing for most kinds of files.

    `other` is the project on the other side of that merge: what both have and `ours` has not may be left out.
    `images` has the tags of the database images (`pins.images`). Only what cannot be read off the project is taken from
    `ours`: whether there is a group `default`, what the databases of a Compose file are called, what is a list in it.
    Raises UserError with file and line if `ours` cannot be read.
    """
    if path in files.BAKE:
        from bakegen.foreign import bake

        return bake.render(path, project, ours, other)
    if path in files.COMPOSE:
        from bakegen.foreign import compose

        return compose.render(path, project, ours, images, other)
    return b""


def missing(project: Project, texts: Mapping[PurePosixPath, bytes | None]) -> tuple[tuple[PurePosixPath, str], ...]:
    """What must be in adopted files and is not, as a path and a sentence; see `foreign.contract`."""
    from bakegen.foreign import contract

    return contract.missing(project, texts)


def lost(
    path: PurePosixPath, before: bytes, after: bytes, names: Iterable[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Which of the renamed services, as old and new name, stood in the adopted file and do not under the new name."""
    from bakegen.foreign import contract

    return tuple(
        (old, new)
        for old, new in names
        if old in contract.names(path, before) and new not in contract.names(path, after)
    )
