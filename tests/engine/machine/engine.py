"""Bring the engine up and down: the order of things, and one at a time.

`up` is idempotent and repairs a half-started engine; `down` ends whatever of it exists. Both hold
a lock, so two test runs that start at once get the same engine.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import (
    base_images,
    client,
    daemon,
    daemons,
    debian,
    emulation,
    folders,
    own,
    pins,
    programs,
    requirements,
)
from .process import say

OWN = "own"
BUILT = "built"


def up() -> bool:
    """Have the engine running; True if it was not running before."""
    with _lock():
        if is_up():
            return False
        kind = OWN if own.is_chosen() else BUILT
        if kind == OWN:
            own.up()
        else:
            _build_and_start()
        _complete().write_text(kind, encoding="ascii")
        say("is up")
        return True


def down() -> None:
    """End every daemon and undo every mount; caches and the registry's images stay."""
    with _lock():
        if _kind() == OWN:
            own.down()
        _complete().unlink(missing_ok=True)
        daemons.stop()
        _end_leftovers()
        emulation.undo()
        _unmount()
        say("is down")


def is_up() -> bool:
    """Whether there is nothing left to do for `up`."""
    return is_running() and (_kind() == OWN or base_images.are_pushed())


def is_running() -> bool:
    """Whether `up` was completed once, and its daemons have been running since."""
    needed = {OWN: (daemons.registry(),), BUILT: daemons.every()}.get(_kind() or "", ())
    return bool(needed) and all(daemon.is_running(one) for one in needed)


def status() -> str:
    """One line per daemon, for people."""
    lines = [f"{one.name}: {'running' if daemon.is_running(one) else 'stopped'}" for one in daemons.every()]
    lines.append(f"state: {folders.state()}")
    lines.append(f"cache: {folders.cache()}")
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    folders.state().mkdir(parents=True, exist_ok=True)
    with (folders.state() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another run of it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build_and_start() -> None:
    requirements.check()
    debian.ensure_packages()
    wanted = pins.programs()
    programs.ensure(wanted)
    client.link_programs(wanted)
    emulation.ensure()
    daemons.start_registry()
    daemon.start(daemons.buildkit())
    client.create_builder()
    daemon.start(daemons.docker())
    base_images.ensure()


def _complete() -> Path:
    """Exists while the engine is up and whole, and says which kind of engine that is."""
    return folders.state() / "run" / "complete"


def _kind() -> str | None:
    file = _complete()
    return file.read_text(encoding="ascii") if file.exists() else None


def _end_leftovers() -> None:
    """End programs of this engine that lost their daemon: shims, and the containers below them.

    They are known by their program and by the state folder on their command line: another engine
    may run the same programs from the same cache.
    """
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            program = Path(process / "exe").readlink()
            arguments = (process / "cmdline").read_bytes()
            if program.is_relative_to(folders.cache()) and f"{folders.state()}/".encode() in arguments:
                for container in (process / "task" / process.name / "children").read_text().split():
                    os.kill(int(container), signal.SIGKILL)
                daemon.end(int(process.name))


def _unmount() -> None:
    """Unmount all that is mounted in the state folder, innermost first."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    points = [Path(line.split()[1].replace("\\040", " ")) for line in mounts]
    ours = [point for point in points if point.is_relative_to(folders.state())]
    for point in sorted(ours, key=lambda point: len(point.parts), reverse=True):
        subprocess.run(["umount", "--lazy", str(point)], capture_output=True, check=False)
