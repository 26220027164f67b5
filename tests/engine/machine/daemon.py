"""Start and stop long-running programs that must outlive the shell that started them.

A daemon is known by its process id together with the time that process started, so a recycled id
is never mistaken for it. Its output goes to a file; a failed start shows the end of that file.
"""

import hashlib
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
    """A program, the files it reads (path -> text), the programs it starts, and how to see that it answers."""

    name: str
    command: tuple[str, ...]
    files: Mapping[Path, str]
    companions: tuple[Path, ...] = ()
    ready: Callable[[], bool]
    env: Mapping[str, str]

    @property
    def key(self) -> str:
        """A hash of what it is started with: where that has changed, it is another daemon."""
        facts = repr((self.command, sorted(self.files.items()), self.companions))
        return hashlib.sha256(facts.encode()).hexdigest()[:16]

    @property
    def log(self) -> Path:
        """Its standard output and error."""
        return folders.state() / "logs" / f"{self.name}.log"


def start(daemon: Daemon) -> None:
    """Have the daemon running and answering; EngineError with the end of its log if it fails."""
    if is_running(daemon) and daemon.ready():
        return
    stop(daemon.name)
    say(f"starting {daemon.name}")
    for file in (daemon.log, *daemon.files):
        file.parent.mkdir(parents=True, exist_ok=True)
    for file, text in daemon.files.items():
        file.write_text(text, encoding="utf-8")
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
    _pid_file(daemon.name).write_text(f"{process.pid} {_started(process.pid)} {daemon.key}\n", encoding="ascii")
    deadline = time.monotonic() + START_SECONDS
    while not daemon.ready():
        if process.poll() is not None or time.monotonic() > deadline:
            stop(daemon.name)
            end = "\n".join(daemon.log.read_text(errors="replace").splitlines()[-30:])
            raise EngineError(f"{daemon.name} did not start; the end of {daemon.log}:\n{end}")
        time.sleep(0.1)


def stop(name: str) -> None:
    """End a daemon if it runs: it is asked first, and killed when it does not listen."""
    recorded = _recorded(name)
    if recorded is not None:
        say(f"stopping {name}")
        end(recorded[0])
    _pid_file(name).unlink(missing_ok=True)


def is_running(daemon: Daemon) -> bool:
    """Whether the process that `start` recorded still exists, and is this daemon as it would be started now."""
    recorded = _recorded(daemon.name)
    return recorded is not None and recorded[1] == daemon.key


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


def _recorded(name: str) -> tuple[int, str] | None:
    """Process id and key of a daemon that exists."""
    try:
        pid, started, key = _pid_file(name).read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        return None
    return (int(pid), key) if _started(int(pid)) == started else None


def _started(pid: int) -> str | None:
    """When the process started, in clock ticks since boot; None if it is gone or a zombie."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text(errors="replace").rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]
