"""What a machine must have before the engine can be built: checked first, told all at once."""

import os
import platform
import re
import shutil
import subprocess

from . import pins
from .process import EngineError


def check(reason: str = "this machine has no Docker to use (install one), and to build one it lacks") -> None:
    """EngineError that names everything that is missing, with a remedy for each."""
    missing = [problem for problem in (_linux(), _root(), _apt(), _go(), _node()) if problem]
    if missing:
        lines = "\n".join(f"  - {problem}" for problem in missing)
        raise EngineError(f"{reason}:\n{lines}")


def _linux() -> str | None:
    known = platform.system() == "Linux" and platform.machine() in {"x86_64", "aarch64"}
    return None if known else "Linux on amd64 or arm64: use such a machine"


def _root() -> str | None:
    return None if os.geteuid() == 0 else "root: run it as root, for example in a container or VM"


def _apt() -> str | None:
    return None if shutil.which("apt-get") else "apt-get: use Debian or Ubuntu"


def _go() -> str | None:
    minimum: str = pins.read()["go"]["minimum"]
    remedy = f"go {minimum} or newer: install it from https://go.dev/dl and put it on PATH"
    if shutil.which("go") is None:
        return remedy
    answer = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=False)
    found = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    wanted = tuple(int(part) for part in minimum.split("."))
    return None if found and tuple(map(int, found.groups())) >= wanted else remedy


def _node() -> str | None:
    return None if shutil.which("node") else "node: install Node.js 20 or newer and put it on PATH"
