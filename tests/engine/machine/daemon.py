"""Start and stop long-running programs that must outlive the shell that started them.

A daemon is known by its process id together with the time that process started, so a recycled id
is never mistaken for it. Its output goes to a file; a failed start shows the end of that file.
"""

import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .process import EngineError, run, say

START_SECONDS = 300
STOP_SECONDS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Daemon:
    """A program, the files it reads (path -> text), the programs it starts, and how to see that it answers.

    Its log and the note of its process are kept in `folder`. What it `leaves` when it is killed would
    keep the next one from starting.
    """

    name: str
    folder: Path
    command: tuple[str, ...]
    files: Mapping[Path, str]
    companions: tuple[Path, ...] = ()
    leaves: tuple[Path, ...] = ()
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
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def note(self) -> Path:
        """Process id, the time it started, and the key it was started with."""
        return self.folder / "run" / f"{self.name}.pid"


def start(daemon: Daemon) -> None:
    """Have the daemon running and answering; EngineError with the end of its log if it fails."""
    if is_running(daemon) and daemon.ready():
        return
    stop(daemon)
    say(f"starting {daemon.name}")
    for file in (daemon.log, daemon.note, *daemon.files):
        file.parent.mkdir(parents=True, exist_ok=True)
    for file, text in daemon.files.items():
        file.write_text(text, encoding="utf-8")
    pid = _launch(daemon)
    started = _started(pid)
    daemon.note.write_text(f"{pid} {started} {daemon.key}\n", encoding="ascii")
    deadline = time.monotonic() + START_SECONDS
    while not daemon.ready():
        if started is None or _started(pid) != started or time.monotonic() > deadline:
            stop(daemon)
            end = "\n".join(daemon.log.read_text(errors="replace").splitlines()[-30:])
            raise EngineError(f"{daemon.name} did not start; the end of {daemon.log}:\n{end}")
        time.sleep(0.1)


def stop(daemon: Daemon) -> None:
    """End a daemon, also one whose note was lost: asked first, and killed when it does not listen."""
    recorded = _recorded(daemon)
    found = {pid for pid in _processes() if _command(pid) == daemon.command}
    for pid in sorted(found | ({recorded[0]} if recorded else set())):
        say(f"stopping {daemon.name}")
        end(pid)
    for file in (daemon.note, *daemon.leaves):
        file.unlink(missing_ok=True)


def is_running(daemon: Daemon) -> bool:
    """Whether the process that `start` recorded still exists, and is this daemon as it would be started now."""
    recorded = _recorded(daemon)
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


def _launch(daemon: Daemon) -> int:
    """The id of a process that is no child of this one: nobody here will wait for it."""
    launch = ("sh", "-c", 'setsid "$@" </dev/null >"$0" 2>&1 & echo $!', str(daemon.log), *daemon.command)
    return int(run(launch, cwd=Path("/"), env=daemon.env))


def _recorded(daemon: Daemon) -> tuple[int, str] | None:
    """Process id and key of a daemon that exists."""
    try:
        pid, started, key = daemon.note.read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        return None
    return (int(pid), key) if _started(int(pid)) == started else None


def _processes() -> Iterator[int]:
    return (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal())


def _command(pid: int) -> tuple[str, ...]:
    """A process's command line; empty if it is gone."""
    try:
        text = Path("/proc", str(pid), "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ()
    return tuple(text.removesuffix("\0").split("\0"))


def _started(pid: int) -> str | None:
    """When the process started, in clock ticks since boot; None if it is gone or a zombie."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text(errors="replace").rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]
