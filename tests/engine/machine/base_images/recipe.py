"""What a stand-in base image is, and the pieces that several of them share."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.engine.machine import emulation
from tests.engine.machine.process import run

FILES = Path(__file__).with_name("files")
BOTH = (emulation.NATIVE, emulation.FOREIGN)
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
TRUST = f"ENV SSL_CERT_FILE={CERTIFICATES} NODE_EXTRA_CA_CERTS={CERTIFICATES}\n"
SMALL_DEBIAN = (
    "base-files", "base-passwd", "bash", "coreutils", "dash", "findutils", "grep", "libc-bin",
    "sed",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How to make one image.

    `fill(root, arch)` puts the image's files in a folder. `source` is the module that does it and
    `made_of` the versions it uses: both are part of the image's key.
    """

    name: str
    tag: str
    dockerfile: str
    fill: Callable[[Path, str], None]
    source: str
    made_of: tuple[str, ...] = ()
    arches: tuple[str, ...] = BOTH


def from_root(config: str) -> str:
    """A Dockerfile for the folder that `fill` made, and what the image's configuration says."""
    return f"FROM scratch\nARG TARGETARCH\nADD root-${{TARGETARCH}}.tar /\n{config}"


def unpack_wheel(folder: Path, requirement: str, *platforms: str) -> None:
    """Unpack a wheel of PyPI for another platform, keeping no modes: wheels mark no program."""
    wheels = folder / ".wheel"
    options = ["--quiet", "--no-deps", "--only-binary=:all:", f"--dest={wheels}"]
    options += [f"--platform={name}" for name in platforms]
    run([*_pip(), "download", *options, requirement])
    (wheel,) = wheels.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    wheel.unlink()
    wheels.rmdir()


def install(root: Path, name: str, target: str) -> None:
    """Copy one of our small scripts into an image, as a program."""
    file = root / target
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes((FILES / name).read_bytes())
    file.chmod(0o755)


def link(root: Path, name: str, target: str) -> None:
    """A symbolic link in an image, over what is there."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.symlink_to(target)


def add_user(root: Path, name: str, uid: int, home: str) -> None:
    """A user with a group of the same name and number."""
    with (root / "etc/passwd").open("a", encoding="ascii") as passwd:
        passwd.write(f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n")
    with (root / "etc/group").open("a", encoding="ascii") as group:
        group.write(f"{name}:x:{uid}:\n")


def _pip() -> list[str]:
    """This interpreter's pip, or the one on PATH: virtual environments may have none."""
    own = [sys.executable, "-m", "pip"]
    works = subprocess.run([*own, "--version"], capture_output=True, check=False).returncode == 0
    return own if works else ["pip"]
