"""moby/buildkit, for buildx's drivers that start BuildKit in a container or a pod.

Native only: a builder runs on the machine itself, and emulates inside.
"""

import shutil
from pathlib import Path

from tests.engine.machine import debian, emulation, pins, programs
from tests.engine.machine.base_images.recipe import SMALL_DEBIAN, TRUST, Recipe, from_root

BINARIES = ("buildkitd", "buildctl", "runc")
CONFIG = (
    "ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
    f'{TRUST}VOLUME /var/lib/buildkit\nENTRYPOINT ["buildkitd"]\n'
)


def recipes() -> tuple[Recipe, ...]:
    """The version that the engine itself runs."""
    versions = {p.name: p.version for p in pins.programs() if p.name in {"buildkit", "runc"}}
    return (
        Recipe(
            name="moby/buildkit",
            tag=versions["buildkit"],
            dockerfile=from_root(CONFIG),
            fill=_fill,
            source=__file__,
            made_of=tuple(versions.values()),
            arches=(emulation.NATIVE,),
        ),
    )


def _fill(root: Path, arch: str) -> None:
    debian.unpack(root, arch, (*SMALL_DEBIAN, "libseccomp2", "util-linux"))
    debian.add_certificates(root)
    for name in BINARIES:
        shutil.copy2(programs.path(name), root / "usr/bin" / name)
