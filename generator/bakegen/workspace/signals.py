"""What must not be cut in half by a signal: it arrives when the block is done."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

POLITE = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Signals that ask a program to stop wait for the end of the block (not on Windows)."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, POLITE)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
