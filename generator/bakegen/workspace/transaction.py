"""A plan written: all of it, or none.

First every new file is written beside the one that it replaces, and nothing else has changed. Then the journal says
"commit", and from there on moves and renames are all that is left to do: a crash is rolled forward, an error is undone.
A file with several hard links loses them: the new file takes its name only, as editors do it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bakegen.errors import UserError
from bakegen.plan import Change, Move, Plan
from bakegen.workspace import disk, files, journal
from bakegen.workspace.journal import Journal, Step
from bakegen.workspace.places import Places
from bakegen.workspace.signals import deferred

UNDONE = "nothing was changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A change, and where it happens before any move."""

    change: Change
    place: Path
    temporary: Path
    found: os.stat_result | None


class Transaction:
    """One plan, about to be written by the holder of the guard."""

    def __init__(self, places: Places, plan: Plan) -> None:
        """UserError if a file or folder may not be changed."""
        self.root = places.root
        self.places = places
        self.moves = tuple(_resolve(places, move) for move in plan.moves)
        token = secrets.token_hex(6)
        changes = sorted(plan.changes, key=lambda change: (change.after is None, change.path))
        self.entries = [self._entry(change, plan.moves, f"{token}-{at}") for at, change in enumerate(changes)]
        _require_distinct(self.entries)
        targets = [self.root / move.target for move in self.moves]
        self.folders = _missing([*(e.place for e in self.entries if e.change.after is not None), *targets])

    def run(self, still: Callable[[], None]) -> None:
        """Write. UserError says that nothing was changed, or, if even undoing it failed, what to do.

        `still` is called when all new files lie beside the old ones, which took a while, and before the first is
        replaced: it raises UserError if what the plan was made from is there no more.
        """
        prepare = Journal(
            phase="prepare",
            temporaries=tuple(self.places.name(e.temporary) for e in self.entries if e.change.after is not None),
            folders=tuple(self.places.name(folder) for folder in self.folders),
        )
        commit = self._commit()
        try:
            self._prepare(prepare)
            still()
        except BaseException:
            self._abort(prepare)
            raise
        with deferred():
            with self._aborting(prepare):
                disk.save(self.root, commit)
            done: list[Move | Step] = []
            try:
                disk.roll(self.root, commit.moves, commit.steps, done)
            except OSError as error:
                self._undo(commit, done)
                raise _failed(error, self._where(commit, done)) from None
            with contextlib.suppress(OSError):  # all is written: what is left over, the next run removes
                disk.finish(self.root, commit)

    def _entry(self, change: Change, moves: tuple[Move, ...], name: str) -> _Entry:
        path = journal.origin(change.path, moves)
        place = self.places.entry(path) if change.after is None else self.places.file(path)
        found = place.stat() if change.before is not None else None
        if found is not None:
            _require_writable(place, found, path)
        return _Entry(change=change, place=place, temporary=place.parent / f".bakegen-{name}", found=found)

    def _prepare(self, prepare: Journal) -> None:
        with _naming(journal.FILE):
            disk.save(self.root, prepare)
        for entry in self.entries:
            if entry.change.after is not None:
                with _naming(entry.change.path):
                    files.make_folders(entry.place.parent)
                    files.write_new(entry.temporary, entry.change.after, entry.found)
        for move in self.moves:
            with _naming(move.target):
                files.make_folders((self.root / move.target).parent)
        with _naming(journal.FOLDER):
            made = {folder.parent for folder in self.folders}
            files.sync_folders(made.union(e.temporary.parent for e in self.entries if e.change.after is not None))

    def _commit(self) -> Journal:
        def after_moves(place: Path) -> PurePosixPath:
            return journal.destination(self.places.name(place), self.moves)

        steps = tuple(
            Step(
                path=after_moves(entry.place),
                before=journal.digest(entry.change.before),
                after=journal.digest(entry.change.after),
                temporary=after_moves(entry.temporary),
            )
            for entry in self.entries
        )
        left = [*(step.path for step in steps if step.after is None), *(move.source for move in self.moves)]
        return Journal(
            phase="commit",
            moves=self.moves,
            steps=steps,
            temporaries=tuple(step.temporary for step in steps),
            folders=disk.parents(left),
        )

    @contextlib.contextmanager
    def _aborting(self, prepare: Journal) -> Iterator[None]:
        try:
            with _naming(journal.FILE):
                yield
        except UserError:
            self._abort(prepare)
            raise

    def _abort(self, prepare: Journal) -> None:
        """As if nothing had been; what cannot be removed now, the next run removes."""
        with deferred(), contextlib.suppress(OSError):
            try:
                disk.save(self.root, prepare)  # it may say "commit" already
            except OSError:
                (self.root / journal.FILE).unlink(missing_ok=True)
            disk.finish(self.root, prepare)

    def _undo(self, commit: Journal, done: list[Move | Step]) -> None:
        """Go back the way it came: the old bytes are written first, then the journal says that this is the way."""
        back = commit.reversed(self.places.name(folder) for folder in self.folders)
        olds = zip(commit.steps, self.entries, strict=True)
        try:
            for step, entry in olds:
                if step in done and entry.change.before is not None and entry.change.after is not None:
                    files.write_new(self.root / step.temporary, entry.change.before, entry.found)
            disk.save(self.root, back)
            moves = [Move(source=move.target, target=move.source) for move in reversed(self.moves) if move in done]
            steps = [again for again, step in zip(back.steps, commit.steps, strict=True) if step in done]
            disk.roll(self.root, moves, steps, [])
            disk.finish(self.root, back)
        except OSError as error:
            hint = "make room, or let bakegen write there; then run: bakegen sync"
            message = f"the project is half written, and it cannot be undone: {error.strerror}"
            raise UserError(message, where=str(error.filename or self.root), hint=hint) from None

    @staticmethod
    def _where(commit: Journal, done: list[Move | Step]) -> PurePosixPath:
        """What came next when an error ended it."""
        paths = [*(move.source for move in commit.moves), *(step.path for step in commit.steps)]
        return paths[min(len(done), len(paths) - 1)]


@contextlib.contextmanager
def _naming(path: PurePosixPath) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _failed(error, path) from None


def _failed(error: OSError, path: PurePosixPath) -> UserError:
    return UserError(f"cannot be written: {error.strerror}", where=str(path), hint=UNDONE)


def _resolve(places: Places, move: Move) -> Move:
    source, target = places.entry(move.source), places.entry(move.target)
    if source.is_symlink() or not source.exists():
        raise UserError("is no folder or file that can be renamed", where=str(move.source), hint="rename it by hand")
    if os.path.lexists(target):
        raise UserError("something is there already", where=str(move.target), hint="choose another place")
    if target.is_relative_to(source):
        raise UserError(f"is inside of {move.source}", where=str(move.target), hint="choose another place")
    return Move(source=places.name(source), target=places.name(target))


def _require_writable(place: Path, found: os.stat_result, path: PurePosixPath) -> None:
    """A file that says "do not touch" is not replaced behind its back, not even by root."""
    if not stat.S_IMODE(found.st_mode) & 0o222:
        raise UserError("is read-only", where=str(path), hint=f"chmod u+w {path}")
    if not os.access(place, os.W_OK):
        raise UserError("cannot be written: you may not change it", where=str(path), hint="see who owns it: ls -l")


def _require_distinct(entries: list[_Entry]) -> None:
    """By a link two paths can be one file: it cannot become two."""
    first: dict[Path, PurePosixPath] = {}
    for entry in entries:
        other = first.setdefault(entry.place, entry.change.path)
        if other != entry.change.path:
            hint = "replace the link by a file"
            raise UserError(f"is the same file as {other}", where=str(entry.change.path), hint=hint)


def _missing(places: list[Path]) -> list[Path]:
    """The folders that these need and that are not there, each before the one it is in."""
    found: set[Path] = set()
    for place in places:
        folder = place.parent
        while folder not in found and not os.path.lexists(folder):
            found.add(folder)
            folder = folder.parent
    return sorted(found, key=lambda folder: (-len(folder.parts), folder))
