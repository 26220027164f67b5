"""Let the kernel run programs of the other platform, through qemu's static user emulators.

Where an emulator is registered already, nothing is touched. What this module mounts and registers
is noted in the state folder, and only that is undone.
"""

import platform
from pathlib import Path

from . import folders
from .process import run, say

NATIVE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
FOREIGN = {"amd64": "arm64", "arm64": "amd64"}[NATIVE]
QEMU = {"arm64": "qemu-aarch64", "amd64": "qemu-x86_64"}[FOREIGN]
BINFMT = Path("/proc/sys/fs/binfmt_misc")


def ensure() -> None:
    """Register the emulator unless one is there; it must be before BuildKit starts."""
    if not (BINFMT / "register").exists():
        say(f"mounting {BINFMT}")
        run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT])
        _note("mounted").touch()
    if not (BINFMT / QEMU).exists():
        say(f"registering {QEMU}")
        run(["update-binfmts", "--import", QEMU])
        run(["update-binfmts", "--enable", QEMU])
        _note("registered").touch()


def undo() -> None:
    """Take back what `ensure` did, and nothing else."""
    if _note("registered").exists():
        if (BINFMT / QEMU).exists():
            run(["update-binfmts", "--disable", QEMU])
        _note("registered").unlink()
    if _note("mounted").exists():
        if (BINFMT / "register").exists():
            run(["umount", BINFMT])
        _note("mounted").unlink()


def _note(what: str) -> Path:
    note = folders.state() / "run" / f"binfmt-{what}"
    note.parent.mkdir(parents=True, exist_ok=True)
    return note
