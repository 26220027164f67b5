"""Start and stop long-running programs that must outlive the shell that started them.

A daemon is known by its process id together with the time that process started, so a recycled id
is never mistaken for it. Its output goes to a file; a failed start shows the end of that file.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import folders
from .process import EngineError, say

START_SECONDS = 90
STOP_SECONDS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Daemon:
    """A program, and how to see that it answers."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    env: Mapping[str, str]

    @property
    def log(self) -> Path:
        """Its standard output and error."""
        return folders.state() / "logs" / f"{self.name}.log"


def start(daemon: Daemon) -> None:
    """Have the daemon running and answering; EngineError with the end of its log if it fails."""
    if is_running(daemon.name) and daemon.ready():
        return
    stop(daemon.name)
    say(f"starting {daemon.name}")
    daemon.log.parent.mkdir(parents=True, exist_ok=True)
    with daemon.log.open("wb") as log:
        process = subprocess.Popen(
            daemon.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(daemon.env),
            cwd="/",
            start_new_session=True,
        )
    _pid_file(daemon.name).parent.mkdir(parents=True, exist_ok=True)
    _pid_file(daemon.name).write_text(f"{process.pid} {_started(process.pid)}\n", encoding="ascii")
    deadline = time.monotonic() + START_SECONDS
    while not daemon.ready():
        if process.poll() is not None or time.monotonic() > deadline:
            stop(daemon.name)
            end = "\n".join(daemon.log.read_text(errors="replace").splitlines()[-30:])
            raise EngineError(f"{daemon.name} did not start; the end of {daemon.log}:\n{end}")
        time.sleep(0.1)


def stop(name: str) -> None:
    """End a daemon if it runs: it is asked first, and killed when it does not listen."""
    pid = _pid(name)
    if pid is not None:
        say(f"stopping {name}")
        end(pid)
    _pid_file(name).unlink(missing_ok=True)


def is_running(name: str) -> bool:
    """Whether the process that `start` recorded still exists."""
    return _pid(name) is not None


def end(pid: int) -> None:
    """SIGTERM, and SIGKILL for a process that is still there after half a minute."""
    started = _started(pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if started is None or _started(pid) != started:
                return
            time.sleep(0.05)


def _pid_file(name: str) -> Path:
    return folders.state() / "run" / f"{name}.pid"


def _pid(name: str) -> int | None:
    try:
        pid, started = _pid_file(name).read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        return None
    return int(pid) if _started(int(pid)) == started else None


def _started(pid: int) -> str | None:
    """When the process started, in clock ticks since boot; None if it is gone or a zombie."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text(errors="replace").rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]
