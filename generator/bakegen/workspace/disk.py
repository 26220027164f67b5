"""What a journal says, done: the same for the run that wrote it, for undoing that run, and after a crash."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bakegen.plan import Move
from bakegen.workspace import files, journal
from bakegen.workspace.journal import Journal, Step


def save(root: Path, noted: Journal) -> None:
    """Make this the journal; when this returns, a crash finds it."""
    folder, new = root / journal.FOLDER, root / journal.NEW
    made = files.make_folders(folder)
    new.unlink(missing_ok=True)
    files.write_new(new, journal.dump(noted), None)
    new.replace(root / journal.FILE)
    files.sync_folders([folder, *(each.parent for each in made)])


def roll(root: Path, moves: Iterable[Move], steps: Iterable[Step], done: list[Move | Step]) -> None:
    """Do what is pending; `done` says how far it came if an OSError ends it."""
    touched: set[Path] = set()
    for move in moves:
        (root / move.source).rename(root / move.target)
        done.append(move)
        touched |= {(root / move.source).parent, (root / move.target).parent}
    for step in steps:
        place, temporary = root / step.path, root / step.temporary
        if step.after is None:
            place.replace(temporary)
        else:
            temporary.replace(place)
        done.append(step)
        touched.add(place.parent)
    files.sync_folders(touched)


def finish(root: Path, noted: Journal) -> None:
    """Tidy up, and last of all forget the journal."""
    for path in noted.temporaries:
        _unlink(root / path)
    files.remove_folders(root / path for path in noted.folders)
    forget(root)


def forget(root: Path) -> None:
    """No journal any more, and no folder for it if nothing else is in there."""
    folder = root / journal.FOLDER
    if not os.path.lexists(folder):
        return
    gone = [_unlink(root / path) for path in (journal.NEW, journal.FILE)]
    try:
        if any(gone):
            files.sync_folders([folder])
    finally:
        files.remove_folders([folder])


def parents(paths: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    """The folders of these paths, each before the one it is in."""
    found = {folder for path in paths for folder in path.parents if folder.parts}
    return tuple(sorted(found, key=lambda folder: (-len(folder.parts), folder)))


def _unlink(place: Path) -> bool:
    try:
        place.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
