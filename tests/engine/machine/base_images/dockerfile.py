"""docker/dockerfile:1, the frontend that `# syntax=docker/dockerfile:1` names.

BuildKit runs it on its own platform only, so the machine's architecture is enough. The label lists
what BuildKit may ask of it: without `contexts` named contexts are refused.
"""

import shutil
from pathlib import Path

from tests.engine.machine import debian, emulation, pins, programs
from tests.engine.machine.base_images.recipe import Recipe, from_root

BINARY = "dockerfile-frontend"
CAPABILITIES = ",".join(f"moby.buildkit.frontend.{name}" for name in ("inputs", "subrequests", "contexts"))
CONFIG = f'LABEL moby.buildkit.frontend.caps="{CAPABILITIES}"\nENTRYPOINT ["/bin/{BINARY}"]\n'


def recipes() -> tuple[Recipe, ...]:
    """The one frontend, of the same version as BuildKit."""
    (version,) = (p.version for p in pins.programs() if BINARY in p.binaries)
    return (
        Recipe(
            name="docker/dockerfile",
            tag="1",
            dockerfile=from_root(CONFIG),
            fill=_fill,
            source=__file__,
            made_of=(version,),
            arches=(emulation.NATIVE,),
        ),
    )


def _fill(root: Path, _arch: str) -> None:
    (root / "bin").mkdir()
    shutil.copy2(programs.path(BINARY), root / "bin" / BINARY)
    debian.add_certificates(root)
