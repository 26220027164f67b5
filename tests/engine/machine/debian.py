"""Debian packages: those that the machine itself needs, and unpacked ones for base images."""

import os
import shutil
import subprocess
from pathlib import Path

from . import pins
from .process import EngineError, run, say


def ensure_packages() -> None:
    """Install what is missing of the packages that building and running the engine takes."""
    missing = [name for name in pins.read()["debian"]["machine"] if not _is_installed(name)]
    if missing:
        say(f"installing {' '.join(missing)}")
        run(["apt-get", "-q", "update"])
        command = ["apt-get", "-qy", "--no-install-recommends", "install", *missing]
        run(command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})


def unpack(folder: Path, arch: str, packages: tuple[str, ...]) -> None:
    """Unpack these packages, and all they depend on, without running a script of theirs.

    So nothing is emulated. What the scripts would have made and every image needs is made here:
    users, `sh`, and a certificate bundle.
    """
    source = f"deb {mirror()} {suite()} main"
    options = ["--quiet", "--variant=extract", f"--architectures={arch}"]
    run(["mmdebstrap", *options, f"--include={','.join(packages)}", suite(), folder, source])
    for name in ("dev", "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/i18n"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("dev", "proc", "sys"):
        (folder / name).mkdir(exist_ok=True)
    for name in ("etc/resolv.conf", "etc/hostname"):
        (folder / name).unlink(missing_ok=True)
    masters = folder / "usr/share/base-passwd"
    for name in ("passwd", "group"):
        if (masters / f"{name}.master").exists():
            shutil.copyfile(masters / f"{name}.master", folder / "etc" / name)
    if (folder / "usr/bin/dash").exists():
        (folder / "usr/bin/sh").unlink(missing_ok=True)
        (folder / "usr/bin/sh").symlink_to("dash")


def add_certificates(folder: Path) -> None:
    """Give an image the authorities that this machine trusts: builds talk to what it talks to."""
    bundle = folder / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_bytes(certificates())


def certificates() -> bytes:
    """The machine's certificate bundle."""
    named = os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")
    try:
        return Path(named).read_bytes()
    except FileNotFoundError:
        raise EngineError(f"{named} does not exist: set SSL_CERT_FILE to a CA bundle") from None


def suite() -> str:
    """The release that base images are unpacked from; the machine's own may be another."""
    name: str = pins.read()["debian"]["suite"]
    return name


def mirror() -> str:
    """The first Debian mirror that this machine's apt itself uses."""
    listed = run(["apt-get", "indextargets", "--format", "$(SITE)|$(ORIGIN)|$(LABEL)"])
    for line in listed.splitlines():
        site, origin, label = line.split("|")
        if (origin, label) == ("Debian", "Debian"):
            return site
    raise EngineError("apt knows no Debian mirror: add one to its sources, then `apt-get update`")


def _is_installed(package: str) -> bool:
    command = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout == "installed"
