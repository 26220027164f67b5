"""The few things done to the disk, each as durable as the system allows."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
NO_FSYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}  # file systems that cannot do it for a folder


def write_new(place: Path, data: bytes, like: os.stat_result | None) -> None:
    """A file that is on the disk when this returns, with mode and owner of the one that it is to replace.

    What replaces none has the mode that the umask leaves, and for root the owner of its folder.
    """
    handle = os.open(place, NEW, 0o666 if like is None else 0o600)
    try:
        _give(handle, like if like is not None else place.parent.stat())
        if like is not None and hasattr(os, "fchmod"):
            os.fchmod(handle, stat.S_IMODE(like.st_mode))
        with os.fdopen(handle, "wb", buffering=0, closefd=False) as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(place: Path, data: bytes) -> None:
    """New bytes for one file in one step, on the disk when this returns; mode and owner stay, and a link stays a link."""
    place = place.resolve()
    temporary = place.parent / f".bakegen-{secrets.token_hex(6)}"
    try:
        write_new(temporary, data, place.stat())
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folders([place.parent])


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it that are missing; gives back the new ones, outermost first.

    Where a file is in the way, that shows when something is to be made below it.
    """
    if os.path.lexists(folder):
        return []
    made = make_folders(folder.parent)
    try:
        folder.mkdir()
        if _is_root():
            above = folder.parent.stat()
            os.chown(folder, above.st_uid, above.st_gid)
    except BaseException:
        remove_folders([folder, *reversed(made)])
        raise
    return [*made, folder]


def remove_folders(folders: Iterable[Path]) -> None:
    """Remove those that are empty, in this order."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def sync_folders(folders: Iterable[Path]) -> None:
    """Names that were added or removed there are on the disk when this returns (Windows does so by itself)."""
    if os.name == "nt":
        return
    for folder in sorted(set(folders)):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in NO_FSYNC:
                raise
        finally:
            os.close(handle)


def _give(handle: int, like: os.stat_result) -> None:
    mine = os.fstat(handle)
    if _is_root() and (mine.st_uid, mine.st_gid) != (like.st_uid, like.st_gid):
        os.fchown(handle, like.st_uid, like.st_gid)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
