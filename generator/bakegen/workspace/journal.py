"""What is being written, on disk before it is done: with it a crash at any point can be put right.

`.bakegen/journal` is there only while a command writes. Its first line is what is below as JSON, the second one the
SHA-256 of the first: whatever does not fit is not acted upon. It is replaced as a whole, never changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from bakegen.errors import RefusalError
from bakegen.plan import Move

FOLDER = PurePosixPath(".bakegen")
FILE = FOLDER / "journal"
NEW = FOLDER / "journal.new"
TEMPORARY = re.compile(r"\.bakegen-[0-9a-f]{12}-[0-9]+")
SHA256 = re.compile(r"[0-9a-f]{64}")
VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One file, with the SHA-256 of its bytes before and after (None: no file) and a name beside it.

    Under that name are the new bytes until they are renamed to `path`, or the old file once it is removed.
    """

    path: PurePosixPath
    before: str | None
    after: str | None
    temporary: PurePosixPath


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """Moves, then steps (whose paths are those after the moves), then what is to be tidied up.

    While it is being prepared there are no moves and no steps: then tidying up is all it takes.
    """

    phase: Literal["prepare", "commit"]
    moves: tuple[Move, ...] = ()
    steps: tuple[Step, ...] = ()
    temporaries: tuple[PurePosixPath, ...] = ()
    folders: tuple[PurePosixPath, ...] = ()

    def reversed(self, folders: Iterable[PurePosixPath]) -> Journal:
        """What undoes it; `folders` are those that were made for it."""
        return Journal(
            phase="commit",
            moves=tuple(Move(source=move.target, target=move.source) for move in reversed(self.moves)),
            steps=tuple(
                Step(
                    path=origin(step.path, self.moves),
                    before=step.after,
                    after=step.before,
                    temporary=origin(step.temporary, self.moves),
                )
                for step in self.steps
            ),
            temporaries=tuple(origin(path, self.moves) for path in self.temporaries),
            folders=tuple(folders),
        )


def origin(path: PurePosixPath, moves: Iterable[Move]) -> PurePosixPath:
    """Where a path was before these moves."""
    for move in reversed(tuple(moves)):
        if path.is_relative_to(move.target):
            return move.source / path.relative_to(move.target)
    return path


def destination(path: PurePosixPath, moves: Iterable[Move]) -> PurePosixPath:
    """Where a path is after these moves."""
    for move in moves:
        if path.is_relative_to(move.source):
            return move.target / path.relative_to(move.source)
    return path


def digest(data: bytes | None) -> str | None:
    """The SHA-256 of a file's bytes, as they are."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def dump(journal: Journal) -> bytes:
    """The journal as bytes."""
    data = {
        "version": VERSION,
        "phase": journal.phase,
        "moves": [[str(move.source), str(move.target)] for move in journal.moves],
        "steps": [[str(step.path), step.before, step.after, str(step.temporary)] for step in journal.steps],
        "temporaries": [str(path) for path in journal.temporaries],
        "folders": [str(path) for path in journal.folders],
    }
    text = json.dumps(data).encode()
    return text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n"


def load(data: bytes) -> Journal:
    """The journal in these bytes; RefusalError if they are not just what `dump` gives."""
    text, _, checksum = data.partition(b"\n")
    try:
        if checksum != hashlib.sha256(text).hexdigest().encode() + b"\n":
            raise _damaged()
        facts: dict[str, Any] = json.loads(text)
        if facts["version"] != VERSION or facts["phase"] not in {"prepare", "commit"}:
            raise _damaged()
        return Journal(
            phase=facts["phase"],
            moves=tuple(Move(source=_path(source), target=_path(target)) for source, target in facts["moves"]),
            steps=tuple(_step(*step) for step in facts["steps"]),
            temporaries=tuple(map(_temporary, facts["temporaries"])),
            folders=tuple(map(_path, facts["folders"])),
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        raise _damaged() from None


def _step(path: object, before: object, after: object, temporary: object) -> Step:
    step = Step(path=_path(path), before=_hash(before), after=_hash(after), temporary=_temporary(temporary))
    if step.temporary.parent != step.path.parent:
        raise _damaged()
    return step


def _path(value: object) -> PurePosixPath:
    path = PurePosixPath(value) if isinstance(value, str) else None
    if (
        path is None
        or path.is_absolute()
        or not path.parts
        or ".." in path.parts
        or "\0" in str(value)
        or str(path) != value
    ):
        raise _damaged()
    return path


def _temporary(value: object) -> PurePosixPath:
    path = _path(value)
    if not TEMPORARY.fullmatch(path.name):
        raise _damaged()
    return path


def _hash(value: object) -> str | None:
    if value is not None and not (isinstance(value, str) and SHA256.fullmatch(value)):
        raise _damaged()
    return value


def _damaged() -> RefusalError:
    return RefusalError(
        "what an interrupted run noted down cannot be read",
        where=str(FILE),
        hint="see with git what that run wrote, delete this file and every .bakegen-* file, then run: bakegen sync",
    )
