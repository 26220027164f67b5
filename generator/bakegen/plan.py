"""What would be written, and what stands in the way: the one result of planning, which every command prints or writes.

`planner` makes it; `workspace` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from bakegen.edited import Conflict
from bakegen.lock import Lock
from bakegen.merge import Favor
from bakegen.model import Project
from bakegen.tree import Tree

Ours = Mapping[PurePosixPath, bytes | None]
COPIES = PurePosixPath(".bakegen", "base")


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One file: None as `before` is a new file, None as `after` a removed one."""

    path: PurePosixPath
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A folder or file that gets another name, before any change: a change of it, or below it, has its old bytes as
    `before`.
    """

    source: PurePosixPath
    target: PurePosixPath


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Changes sorted by path, conflicts, and the edited files that stay as they are. Write only without conflicts.

    `marked` are the changes to make where somebody wants the conflicts as markers in the files; it leaves out what
    cannot be marked. `notes` are sentences about what was decided.
    """

    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...] = ()
    kept: tuple[PurePosixPath, ...] = ()
    moves: tuple[Move, ...] = ()
    marked: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def visible(self) -> bool:
        """Whether anything changes but the copies that bakegen keeps for itself."""
        return bool(self.moves) or any(change.path.parent != COPIES for change in self.changes)


class Base(NamedTuple):
    """What was rendered last; `known` is false where that is only the best guess."""

    text: bytes
    known: bool = True


FindBase = Callable[[str, frozenset[str]], tuple[Base, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """What a plan is made from.

    `theirs` is the new rendering; `ours` holds the bytes of each of its paths, of each in the lock and of every file
    in `COPIES` (None: no such file); `find_base` gives the texts that were rendered last under a key of the lock, by their
    hashes: one, several after a merge of branches, or none; `before` is the project that the lock describes, None if that is not known.
    """

    lock: Lock
    before: Project | None
    ours: Ours
    theirs: Tree
    find_base: FindBase


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """How a plan is made. The default merges every file and reports every conflict.

    `delete` names services whose files go with them, `only` limits the plan to some paths, `favor` decides conflicts
    for a side, `moves` are folders of services that get another name (`ours` holds their files by the new paths),
    `anew` are files that become what is rendered, whatever is in them, `said` the new names of services that the caller
    renamed, and says so itself.
    """

    delete: frozenset[str] = frozenset()
    only: frozenset[PurePosixPath] | None = None
    favor: Favor | None = None
    moves: tuple[Move, ...] = ()
    anew: frozenset[PurePosixPath] = frozenset()
    said: frozenset[str] = frozenset()

    @property
    def folders(self) -> Mapping[PurePosixPath, PurePosixPath]:
        """The new path of each folder that moves."""
        return {move.source: move.target for move in self.moves}


def all_marked(plan: Plan) -> bool:
    """Whether every file with a conflict can have it as markers."""
    marked = {change.path for change in plan.marked if b"<<<<<<<" in (change.after or b"")}
    return {conflict.path for conflict in plan.conflicts} <= marked
