"""What is left in a state folder when its daemons are gone: programs that lost their daemon, and mounts."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from . import daemon, folders


def end_programs(state: Path) -> None:
    """End programs that lost their daemon: shims, and the containers below them.

    They are known by their program and by the state folder on their command line: another engine
    may run the same programs from the same cache.
    """
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            program = Path(process / "exe").readlink()
            arguments = (process / "cmdline").read_bytes()
            if program.is_relative_to(folders.cache()) and f"{state}/".encode() in arguments:
                for container in (process / "task" / process.name / "children").read_text().split():
                    os.kill(int(container), signal.SIGKILL)
                daemon.end(int(process.name))


def unmount(state: Path) -> None:
    """Unmount all that is mounted in the state folder, innermost first."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    points = [Path(line.split()[1].replace("\\040", " ")) for line in mounts]
    ours = [point for point in points if point.is_relative_to(state)]
    for point in sorted(ours, key=lambda point: len(point.parts), reverse=True):
        subprocess.run(["umount", "--lazy", str(point)], capture_output=True, check=False)
