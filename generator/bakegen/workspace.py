"""The only module that reads the project's files for a plan, and the only one that writes.

New bytes are written beside the files they replace, then renamed, after every file was seen to be what the plan was
made from. Symbolic links are followed only inside the project.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from bakegen import project_reader
from bakegen.errors import RefusalError, UserError
from bakegen.plan import Change, Plan

try:
    import fcntl
except ImportError:  # Windows has no flock: there the check of the snapshot alone guards
    fcntl = None  # type: ignore[assignment]


class Workspace:
    """A project's folder on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._folders: dict[PurePosixPath, Path] = {}

    @classmethod
    def find(cls, start: Path) -> Workspace:
        """The workspace of the nearest folder, from `start` upward, that has a bakegen.toml; UserError if none has."""
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / project_reader.FILE).is_file():
                return cls(folder)
        hint = "run it inside a project, or make one: bakegen new shop"
        raise UserError(f"no {project_reader.FILE} here or in a folder above", where=str(start), hint=hint)

    def read(self, path: PurePosixPath) -> bytes | None:
        """The bytes of a file, None if there is none. UserError if it is no file or outside the project."""
        place = self._place(path)
        try:
            return place.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except IsADirectoryError:
            raise UserError("a folder is where a generated file belongs", where=str(path)) from None
        except OSError as error:
            raise UserError(f"cannot be read: {error.strerror}", where=str(path)) from None

    def snapshot(self, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, bytes | None]:
        """The bytes of each path, None where there is no file."""
        return {path: self.read(path) for path in paths}

    def write(self, plan: Plan) -> None:
        """Make the plan's changes, all of them or, if anything goes wrong before the first rename, none.

        Raises RefusalError if a file is not what the plan was made from.
        """
        with self._guard():
            self._folders.clear()
            for change in plan.changes:
                if self.read(change.path) != change.before:
                    hint = "run the command again"
                    raise RefusalError("the file changed while bakegen was at work", where=str(change.path), hint=hint)
            for temporary, place in self._write_all_beside(plan):
                temporary.replace(place)
            for change in plan.changes:
                if change.after is None:
                    self._remove(change.path)

    def _write_all_beside(self, plan: Plan) -> list[tuple[Path, Path]]:
        """New bytes in temporary files, each with the place it is for; if one cannot be written, none stays."""
        written: list[tuple[Path, Path]] = []
        folders: list[Path] = []
        for change in plan.changes:
            if change.after is None:
                continue
            place = self._place(change.path)
            try:
                folders += _make_folders(place.parent)
                written.append((self._write_beside(place, change), place))
            except OSError as error:
                for temporary, _ in written:
                    temporary.unlink(missing_ok=True)
                for folder in reversed(folders):
                    folder.rmdir()
                message = f"cannot be written: {error.strerror}"
                raise UserError(message, where=str(change.path), hint="nothing was changed") from None
        return written

    def _place(self, path: PurePosixPath) -> Path:
        try:
            if path.parent not in self._folders:  # most files share a folder, and resolving is what reading costs
                self._folders[path.parent] = (self.root / path.parent).resolve()
            place = self._folders[path.parent] / path.name
            if place.is_symlink():
                place = place.resolve()
        except (OSError, RuntimeError):
            raise UserError("a symbolic link leads to itself", where=str(path), hint="replace the link") from None
        if not place.is_relative_to(self.root):
            raise UserError("the path leads out of the project", where=str(path), hint="replace the symbolic link")
        return place

    def _write_beside(self, place: Path, change: Change) -> Path:
        mode = stat.S_IMODE(place.stat().st_mode) if change.before is not None else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(change.after or b"")
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(mode)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        return temporary

    def _remove(self, path: PurePosixPath) -> None:
        place = self.root / path
        place.unlink()
        with contextlib.suppress(OSError):  # a folder that is not empty stays
            for folder in place.parents:
                if folder == self.root:
                    break
                folder.rmdir()

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"the folder cannot be made: {error.strerror}", where=str(self.root)) from None
        if fcntl is None:
            yield
            return
        folder = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it that are missing; gives back the new ones, outermost first."""
    if folder.is_dir():
        return []
    outer = _make_folders(folder.parent)
    try:
        folder.mkdir()
    except OSError:
        for each in reversed(outer):
            each.rmdir()
        raise
    return [*outer, folder]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
