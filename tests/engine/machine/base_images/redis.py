"""redis:8-alpine: Debian's redis-server, with the official image's way of starting.

Debian's library is glibc where the tag says Alpine: a server that others reach over the network.
"""

import shutil
import tomllib
from pathlib import Path

from tests.engine.machine import debian
from tests.engine.machine.base_images.recipe import SMALL_DEBIAN, Recipe, add_user, from_root, install
from tests.engine.machine.base_images.uv import PRODUCT_PINS

CONFIG = (
    "ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nWORKDIR /data\nVOLUME /data\n"
    'ENTRYPOINT ["docker-entrypoint.sh"]\nEXPOSE 6379\nCMD ["redis-server"]\n'
)


def recipes() -> tuple[Recipe, ...]:
    """Under the tag that generated compose files name."""
    tag = tomllib.loads(PRODUCT_PINS.read_text(encoding="utf-8"))["images"]["redis"]
    return (
        Recipe(
            name="library/redis",
            tag=tag,
            dockerfile=from_root(CONFIG),
            fill=_fill,
            source=__file__,
        ),
    )


def _fill(root: Path, arch: str) -> None:
    debian.unpack(root, arch, (*SMALL_DEBIAN, "gosu", "redis-server", "redis-tools"))
    add_user(root, "redis", 999, "/data")
    (root / "data").mkdir()
    shutil.chown(root / "data", 999, 999)
    install(root, "redis-entrypoint", "usr/local/bin/docker-entrypoint.sh")
