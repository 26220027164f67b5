"""Bring the engine up and down: the order of things, and one at a time.

`up` is idempotent and repairs a half-started engine; `down` ends whatever of it exists. Both hold
a lock, so two test runs that start at once get the same engine.
"""

from pathlib import Path

from . import (
    base_images,
    client,
    daemon,
    daemons,
    debian,
    emulation,
    folders,
    leftovers,
    lock,
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
    with lock.held(folders.state() / "lock"):
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
    with lock.held(folders.state() / "lock"):
        if _kind() == OWN:
            own.down()
        _complete().unlink(missing_ok=True)
        daemons.stop()
        leftovers.end_programs(folders.state())
        emulation.undo()
        leftovers.unmount(folders.state())
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
    daemon.start(daemons.containerd())
    daemon.start(daemons.docker())
    base_images.ensure()


def _complete() -> Path:
    """Exists while the engine is up and whole, and says which kind of engine that is."""
    return folders.state() / "run" / "complete"


def _kind() -> str | None:
    file = _complete()
    return file.read_text(encoding="ascii") if file.exists() else None
