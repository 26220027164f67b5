"""Where a project's paths are on disk, and what is there. Symbolic links are followed, but never out of the project."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path, PurePosixPath

from bakegen.errors import UserError

# Opening a pipe without O_NONBLOCK waits for somebody to write into it.
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Places:
    """Paths below one folder, which is itself without symbolic links."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[PurePosixPath, Path] = {}

    def forget(self) -> None:
        """Look at links again: somebody may have changed them."""
        self._folders.clear()

    def entry(self, path: PurePosixPath) -> Path:
        """The path with links in its folders followed; the last part, if it is a link, is that link."""
        try:
            if path.parent not in self._folders:  # most files share a folder, and resolving is what reading costs
                self._folders[path.parent] = (self.root / path.parent).resolve()
        except (OSError, RuntimeError) as error:
            raise _unresolved(path, error) from None
        return self._inside(path, self._folders[path.parent] / path.name)

    def file(self, path: PurePosixPath) -> Path:
        """The path with all links followed: where bytes are read and written."""
        place = self.entry(path)
        try:
            return self._inside(path, place.resolve()) if place.is_symlink() else place
        except (OSError, RuntimeError) as error:
            raise _unresolved(path, error) from None

    def name(self, place: Path) -> PurePosixPath:
        """A place inside the project as a path of it."""
        return PurePosixPath(place.relative_to(self.root).as_posix())

    def _inside(self, path: PurePosixPath, place: Path) -> Path:
        if place == self.root or not place.is_relative_to(self.root):
            raise UserError("the path leads out of the project", where=str(path), hint="replace the symbolic link")
        return place


def read(place: Path, path: PurePosixPath) -> tuple[bytes, os.stat_result] | None:
    """The bytes of a regular file and what it is, None if there is none; UserError, naming `path`, if it is no file."""
    try:
        handle = os.open(place, FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if place.is_dir():  # Windows opens no folder
            raise _folder(path) from None
        raise _unreadable(path, error) from None
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise _folder(path)
        if not stat.S_ISREG(found.st_mode):
            raise UserError("is not a regular file", where=str(path), hint="put a file in its place")
        with os.fdopen(handle, "rb", buffering=0, closefd=False) as file:
            return file.readall(), found
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(handle)


def _unresolved(path: PurePosixPath, error: OSError | RuntimeError) -> UserError:
    if isinstance(error, OSError) and error.errno != errno.ELOOP:
        return _unreadable(path, error)
    return UserError("a symbolic link leads to itself", where=str(path), hint="replace the link")


def _folder(path: PurePosixPath) -> UserError:
    return UserError("a folder is where a generated file belongs", where=str(path), hint="move it away")


def _unreadable(path: PurePosixPath, error: OSError) -> UserError:
    return UserError(f"cannot be read: {error.strerror}", where=str(path))
