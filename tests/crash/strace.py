"""The real command line under strace: which system calls of it write, and what if it ends, or fails, at one of them.

strace numbers the calls of one name, so a point is a name and a number. A signal arrives before the call is made: what
is on the disk between two calls is seen at the second one. So the call that opens a file needs no point of its own, and
has none, for its number depends on what Python opens to read.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.engine.machine import pins

WRITING = (
    *("write", "pwrite64", "writev", "truncate", "ftruncate", "fallocate"),
    *("fsync", "fdatasync", "sync_file_range", "sendfile", "copy_file_range"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat"),
    *("mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "utimensat"),
)
CALL = re.compile(r"(\w+)\((.*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """The `number`th call of that name; `text` is the call as strace prints it."""

    call: str
    number: int
    text: str


class Machine:
    """Where commands run: a home of their own, nothing of this machine's settings."""

    def __init__(self, home: Path) -> None:
        self.environment = {
            "HOME": str(home),
            "PATH": str(home / "bin"),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(
        self, arguments: Sequence[str], project: Path, under: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """`bakegen` with these arguments, to its end."""
        command = [*under, sys.executable, "-m", "bakegen", *arguments]
        return subprocess.run(
            command, cwd=project, env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )

    def points(self, arguments: Sequence[str], project: Path) -> list[Point]:
        """Every call of this command that writes. The command is run to its end, and must succeed."""
        log = project.parent / "calls"
        calls = ",".join(f"?{name}" for name in WRITING)
        done = self.run(arguments, project, [*_strace(), "-o", str(log), "-e", f"trace={calls}"])
        assert done.returncode == 0, done.stderr
        found = [match.groups() for match in map(CALL.match, log.read_text().splitlines()) if match]
        numbers: Counter[str] = Counter()
        points = []
        for call, text in found:
            numbers[call] += 1
            points.append(Point(call=call, number=numbers[call], text=text))
        return points

    def inject(
        self, arguments: Sequence[str], project: Path, point: Point, what: str, *, onwards: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run the command, with `signal=...` or `error=...` happening at the point (and ever after)."""
        when = f"{point.number}{'+' if onwards else ''}"
        inject = ["-e", f"trace={point.call}", "-e", f"inject={point.call}:{what}:when={when}"]
        return self.run(arguments, project, [*_strace(), "-o", os.devnull, *inject])


def require() -> None:
    """Install strace where that is possible; RuntimeError with what to do where it is not."""
    packages = pins.read()["debian"]["crash"]
    if not shutil.which("strace") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        subprocess.run(["apt-get", "-qqy", "--no-install-recommends", "install", *packages], env=quiet, check=True)
    if not shutil.which("strace"):
        raise RuntimeError("this machine has no strace: install it (apt-get install strace) and run the same again")
    tried = subprocess.run([*_strace(), "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise RuntimeError(f"strace may not trace here (allow ptrace, as with --cap-add SYS_PTRACE): {tried.stderr}")


def everything(project: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of every file, folder and link."""
    return {
        path.relative_to(project).as_posix(): (
            path.lstat().st_mode,
            os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b"",
        )
        for path in project.rglob("*")
    }


def _strace() -> list[str]:
    return [shutil.which("strace") or "strace", "-qq", "-e", "signal=none"]
