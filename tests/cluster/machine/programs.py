"""The programs of a cluster: its own, and those of the engine that run its containers."""

import shutil
from pathlib import Path

from tests.engine.machine import pins, programs
from tests.engine.machine.process import run, say

PINS = Path(__file__).with_name("pins.toml")
NODE = ("containerd", "runc")


def wanted() -> tuple[pins.Program, ...]:
    """All, in the order of building: Kubernetes takes longest."""
    return (*pins.programs(PINS), *(program for program in pins.programs() if program.name in NODE))


def ensure() -> None:
    """Build what is not in the cache yet, and install what Kubernetes calls."""
    packages: dict[str, str] = pins.read(PINS)["debian"]
    missing = [package for program, package in packages.items() if shutil.which(program) is None]
    if missing:
        say(f"installing {' '.join(missing)}")
        run(["apt-get", "-q", "update"])
        run(["apt-get", "-qy", "--no-install-recommends", "install", *missing])
    programs.ensure(wanted())


def path(binary: str) -> Path:
    """The file of one program, such as `kubelet`."""
    return programs.folder(next(p for p in wanted() if binary in p.binaries)) / binary
