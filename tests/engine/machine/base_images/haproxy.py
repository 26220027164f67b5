"""haproxy:3.2-alpine: Debian's HAProxy, with the official image's way of starting.

Debian's library is glibc where the tag says Alpine: a server that others reach over the network.
"""

import tomllib
from pathlib import Path

from tests.engine.machine import debian
from tests.engine.machine.base_images.recipe import SMALL_DEBIAN, Recipe, add_user, from_root
from tests.engine.machine.base_images.uv import PRODUCT_PINS

CONFIG = (
    "ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nUSER haproxy\nSTOPSIGNAL SIGUSR1\n"
    'CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]\n'
)


def recipes() -> tuple[Recipe, ...]:
    """Under the tag that generated compose files name."""
    tag = tomllib.loads(PRODUCT_PINS.read_text(encoding="utf-8"))["images"]["haproxy"]
    return (
        Recipe(
            name="library/haproxy",
            tag=tag,
            dockerfile=from_root(CONFIG),
            fill=_fill,
            source=__file__,
        ),
    )


def _fill(root: Path, arch: str) -> None:
    debian.unpack(root, arch, (*SMALL_DEBIAN, "haproxy"))
    add_user(root, "haproxy", 99, "/var/lib/haproxy")
    (root / "usr/local/etc/haproxy").mkdir(parents=True)
