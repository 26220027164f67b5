"""The only package that reads the project's files for a plan, and the only one that writes.

Symbolic links are followed only inside the project. One writer at a time, and after a crash at any point the next
command that writes leaves the old or the new project (`transaction` says how).
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator
from pathlib import Path, PurePosixPath

from bakegen import project_document
from bakegen.errors import RefusalError, UserError
from bakegen.plan import Plan
from bakegen.workspace import files, journal, recovery
from bakegen.workspace.guard import Guard, Say
from bakegen.workspace.places import Places, read
from bakegen.workspace.transaction import Transaction

PATIENCE = 10.0
LARGE = 1_000_000

_Seen = dict[PurePosixPath, tuple[Path, tuple[int, ...] | None]]


class Workspace:
    """A project's folder on disk. `say` is told when another bakegen is waited for, at most `patience` seconds."""

    def __init__(self, root: Path, *, patience: float = PATIENCE, say: Say = lambda _: None) -> None:
        self.root = root.resolve()
        self.patience = patience
        self.say = say
        self._places = Places(self.root)
        self._guard: Guard | None = None
        self._seen: _Seen = {}

    @classmethod
    def find(cls, start: Path, *, say: Say = lambda _: None) -> Workspace:
        """The workspace of the nearest folder, from `start` upward, that has a bakegen.toml; UserError if none has.

        A crash may have come before that file was in its place: a journal will do.
        """
        for folder in (start.resolve(), *start.resolve().parents):
            if os.path.lexists(folder / project_document.FILE) or (folder / journal.FILE).is_file():
                return cls(folder, say=say)
        hint = "run it inside a project, or make one: bakegen new shop"
        raise UserError(f"no {project_document.FILE} here or in a folder above", where=str(start), hint=hint)

    def read(self, path: PurePosixPath) -> bytes | None:
        """The bytes of a file, None if there is none. UserError if it is no file or outside the project."""
        place = self._places.file(path)
        found = read(place, path)
        self._seen[path] = (place, None if found is None else _signature(found[1]))
        return None if found is None else found[0]

    def snapshot(self, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, bytes | None]:
        """The bytes of each path, None where there is no file."""
        return {path: self.read(path) for path in paths}

    def names(self, folder: PurePosixPath) -> list[str]:
        """The names in a folder, sorted; none if there is no such folder."""
        try:
            return sorted(entry.name for entry in self._places.file(folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise UserError(f"cannot be read: {error.strerror}", where=str(folder)) from None

    def below(self, folder: PurePosixPath, skipped: Container[str]) -> list[PurePosixPath]:
        """The regular files in a folder and those in it, sorted; but no link, and nothing in a folder of such a name.

        Folders whose names begin with a dot are skipped, too.
        """
        return sorted(_below(self.root / folder, folder, skipped))

    def peek(self, path: PurePosixPath) -> bytes | None:
        """The bytes of a file that no plan is made from; None where they cannot be had, or are more than a person wrote."""
        try:
            place = self.root / path
            return place.read_bytes() if place.stat().st_size <= LARGE else None
        except OSError:
            return None

    def exists(self, path: PurePosixPath) -> bool:
        """Whether anything has this name: a file, a folder, a link."""
        return os.path.lexists(self._places.entry(path))

    def interrupted(self) -> bool:
        """Whether a run was interrupted while it wrote; `recover` puts that right."""
        return os.path.lexists(self.root / journal.FILE)

    def recover(self) -> None:
        """The first thing that a writing command does: keep others out, and put right what a crash left half done.

        Others are kept out until `write` is done, `release` is called or this object is gone. Raises RefusalError if
        a file was edited after the crash, and UserError if another bakegen stays at work for too long.
        """
        if self._guard is None:
            self._guard = Guard(self.root, self.patience, self.say)
        try:
            self._seen.clear()
            self._places.forget()
            recovery.recover(self._places)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let other writers in."""
        if self._guard is not None:
            self._guard.release()
            self._guard = None

    def write(self, plan: Plan) -> None:
        """Make the plan's changes: all of them or, whatever goes wrong, none.

        Raises RefusalError if a file is not what the plan was made from.
        """
        try:
            if plan.changes or plan.moves:
                self._write(plan)
        finally:
            self.release()

    def _write(self, plan: Plan) -> None:
        seen = dict(self._seen)
        try:
            made = files.make_folders(self.root)
        except OSError as error:
            raise UserError(f"the folder cannot be made: {error.strerror}", where=str(self.root)) from None
        try:
            if self._guard is None:
                self.recover()
            self._places.forget()
            self._verify(plan)
            self._require_unchanged(seen)
            Transaction(self._places, plan).run(lambda: self._require_unchanged(seen | self._seen))
        finally:
            self._seen.clear()
            files.remove_folders(reversed(made))  # only what is empty

    def _verify(self, plan: Plan) -> None:
        """Every file that changes must still have the bytes that the plan was made from."""
        for change in plan.changes:
            path = journal.origin(change.path, plan.moves)
            if self.read(path) != change.before:
                raise _changed(path)

    def _require_unchanged(self, seen: _Seen) -> None:
        """Every file that was read must still be what it was: place, kind, mode, size and times."""
        self._places.forget()
        for path, was in seen.items():
            place = self._places.file(path)
            try:
                now = _signature(place.stat())
            except (FileNotFoundError, NotADirectoryError):
                now = None
            if (place, now) != was:
                raise _changed(path)


def _below(place: Path, folder: PurePosixPath, skipped: Container[str]) -> Iterator[PurePosixPath]:
    try:
        entries = list(os.scandir(place))
    except OSError:  # no such folder, or one that is closed to us
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in skipped and not entry.name.startswith("."):
                yield from _below(place / entry.name, folder / entry.name, skipped)
        elif entry.is_file(follow_symlinks=False):
            yield folder / entry.name


def _signature(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)


def _changed(path: PurePosixPath) -> RefusalError:
    hint = "run the command again"
    return RefusalError("the file changed while bakegen was at work", where=str(path), hint=hint)
