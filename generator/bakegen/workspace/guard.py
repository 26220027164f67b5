"""One writer at a time: a lock on the project's folder itself, so that nothing is left in the way by a crash.

Who holds it is looked up where the system tells (Linux); elsewhere it is just another bakegen.
"""

from __future__ import annotations

import errno
import os
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from bakegen.errors import UserError

try:
    import fcntl
except ImportError:  # Windows has no flock: there the check of the snapshot alone guards
    fcntl = None  # type: ignore[assignment]

PAUSE = 0.02
NOT_HERE = {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}  # a file system without locks: as on Windows

Say = Callable[[str], None]


class Guard:
    """Held from its making to its release, or to the end of the process."""

    def __init__(self, root: Path, patience: float, say: Say) -> None:
        """Wait for another holder up to `patience` seconds, and say so; UserError that names it if that is not enough."""
        self._close: Callable[[], object] = lambda: None
        if fcntl is None:
            return
        try:
            handle = os.open(root, os.O_RDONLY)
        except OSError as error:
            raise UserError(f"the folder cannot be read: {error.strerror}", where=str(root)) from None
        self._close = weakref.finalize(self, os.close, handle)
        try:
            _lock(handle, root, patience, say)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let the next one in."""
        self._close()


def _lock(handle: int, root: Path, patience: float, say: Say) -> None:
    end = time.monotonic() + patience
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(os.fstat(handle).st_ino)
            if time.monotonic() >= end:
                hint = "wait until it is done, then run the command again"
                raise UserError(f"{holder} is at work in this project", where=str(root), hint=hint) from None
            if not told:
                say(f"waiting for {holder}")
                told = True
            time.sleep(PAUSE)
        except OSError as error:
            if error.errno not in NOT_HERE:
                raise UserError(f"the folder cannot be locked: {error.strerror}", where=str(root)) from None
            return
        else:
            return


def _holder(inode: int) -> str:
    """The process that holds the lock of a file, as far as the system tells."""
    try:
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            _, kind, _, _, pid, file, *_ = line.split()
            if kind == "FLOCK" and file.rpartition(":")[2] == str(inode) and int(pid) > 0:
                return f"bakegen (process {pid})"
    except (OSError, ValueError):
        pass
    return "another bakegen"
