"""Bring the cluster up and down: the order of things, and one at a time.

`up` is idempotent; of a half-started cluster it ends what there is, and starts anew. `down` ends and
removes all of it: only the programs' cache and the images in the engine's registry stay.
"""

import contextlib
import shutil
from pathlib import Path

from tests.engine import machine
from tests.engine.machine import daemon, leftovers, lock, requirements
from tests.engine.machine.daemon import Daemon
from tests.engine.machine.process import say

from . import certificates, client, control_plane, folders, network, node, pause, programs

CGROUPS = Path("/sys/fs/cgroup")
# What kubelet makes outside its folder, whatever it is told: links to our logs, and empty folders.
LOGS = Path("/var/log/containers")
KUBELET = Path("/var/lib/kubelet")


def up() -> bool:
    """Have the cluster running, and the engine; True if the cluster was not running before."""
    requirements.check("to be a Kubernetes cluster, this machine lacks")
    machine.up()
    with _lock():
        if is_up():
            return False
        _end()
        programs.ensure()
        pause.ensure()
        certificates.ensure()
        client.write()
        network.ensure()
        for one in _daemons():
            daemon.start(one)
        _complete().touch()
        say("the cluster is up")
        return True


def down() -> None:
    """End every daemon and every pod, and undo what was changed; the engine stays."""
    with _lock():
        _end()
        say("the cluster is down")


def is_up() -> bool:
    """Whether `up` was completed once, and its daemons have been running since."""
    return _complete().exists() and all(daemon.is_running(one) for one in _daemons())


def status() -> str:
    """One line per daemon, for people."""
    lines = [f"{one.name}: {'running' if daemon.is_running(one) else 'stopped'}" for one in _daemons()]
    return "\n".join([*lines, f"state: {folders.state()}"]) + "\n"


def _daemons() -> tuple[Daemon, ...]:
    return (*control_plane.every(), *node.every())


def _lock() -> contextlib.AbstractContextManager[None]:
    """Outside the state folder, which `down` removes."""
    return lock.held(folders.state().with_name("cluster.lock"))


def _complete() -> Path:
    """Exists while the cluster is up and whole."""
    return folders.state() / "run" / "complete"


def _end() -> None:
    _complete().unlink(missing_ok=True)
    for one in reversed(_daemons()):
        daemon.stop(one)
    leftovers.end_programs(folders.state())
    leftovers.unmount(folders.state())
    network.undo()
    for link in LOGS.glob("*"):
        if link.readlink().is_relative_to(folders.state()):
            link.unlink()
    # cgroups are in one tree, or in one for each controller
    for folder in (CGROUPS / "kubepods", *CGROUPS.glob("*/kubepods"), LOGS, KUBELET):
        _remove_empty(folder)
    if folders.state().exists():
        shutil.rmtree(folders.state())


def _remove_empty(top: Path) -> None:
    """Remove the folders below that hold nothing; a cgroup's own files do not count."""
    for folder in sorted(top.glob("**/"), key=lambda folder: len(folder.parts), reverse=True):
        with contextlib.suppress(OSError):
            folder.rmdir()
