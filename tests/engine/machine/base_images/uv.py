"""ghcr.io/astral-sh/uv: the static uv and uvx of PyPI's wheel, and nothing else.

The version is the one that generated Dockerfiles name, read from the product's pins.
"""

import shutil
import tomllib
from pathlib import Path

from tests.engine.machine.base_images.recipe import MACHINES, Recipe, from_root, unpack_wheel

PRODUCT_PINS = Path(__file__).parents[4] / "generator" / "bakegen" / "pins.toml"


def recipes() -> tuple[Recipe, ...]:
    """The version that the product pins."""
    version = tomllib.loads(PRODUCT_PINS.read_text(encoding="utf-8"))["images"]["uv"]
    return (
        Recipe(
            name="astral-sh/uv",
            tag=version,
            dockerfile=from_root('ENTRYPOINT ["/uv"]\n'),
            fill=lambda root, arch: _fill(root, arch, version),
            source=__file__,
        ),
    )


def _fill(root: Path, arch: str, version: str) -> None:
    unpack_wheel(root, f"uv=={version}", f"musllinux_1_1_{MACHINES[arch]}")
    for name in ("uv", "uvx"):
        (found,) = root.glob(f"uv-*.data/scripts/{name}")
        found.rename(root / f".{name}")
    for folder in [path for path in root.iterdir() if path.is_dir()]:
        shutil.rmtree(folder)
    for name in ("uv", "uvx"):
        (root / f".{name}").rename(root / name).chmod(0o755)
