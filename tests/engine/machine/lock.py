"""One at a time: two test runs that start at once get the same engine, and the same cluster."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from .process import say


@contextlib.contextmanager
def held(file: Path) -> Iterator[None]:
    """Hold a lock file; who comes later waits."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another run of it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
