"""postgres:18-alpine: PostgreSQL of the Debian suite, with the official image's way of starting.

Debian has an older major version than the tag says. The volume is /var/lib/postgresql, as in the
official image since 18. Perl and LLVM come along as dependencies and serve neither server nor
client programs.
"""

import shutil
import tomllib
from pathlib import Path

from tests.engine.machine import debian
from tests.engine.machine.base_images.recipe import SMALL_DEBIAN, Recipe, add_user, from_root, install
from tests.engine.machine.base_images.uv import PRODUCT_PINS

SERVER = "postgresql-17"
CONFIG = (
    "ENV PATH=/usr/local/bin:/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8"
    " PGDATA=/var/lib/postgresql/18/docker\n"
    'VOLUME /var/lib/postgresql\nENTRYPOINT ["docker-entrypoint.sh"]\nEXPOSE 5432\n'
    'STOPSIGNAL SIGINT\nCMD ["postgres"]\n'
)


def recipes() -> tuple[Recipe, ...]:
    """Under the tag that generated compose files name."""
    tag = tomllib.loads(PRODUCT_PINS.read_text(encoding="utf-8"))["images"]["postgres"]
    return (
        Recipe(
            name="library/postgres",
            tag=tag,
            dockerfile=from_root(CONFIG),
            fill=_fill,
            source=__file__,
        ),
    )


def _fill(root: Path, arch: str) -> None:
    debian.unpack(root, arch, (*SMALL_DEBIAN, "gosu", SERVER))
    libraries = next((root / "usr/lib").glob("*-linux-gnu"))
    for folder in (libraries / "perl", root / "usr/share/perl", root / "usr/lib/llvm-19"):
        shutil.rmtree(folder, ignore_errors=True)
    for library in (*libraries.glob("libLLVM*"), *libraries.glob("libz3*")):
        library.unlink()
    add_user(root, "postgres", 70, "/var/lib/postgresql")
    for name in ("var/lib/postgresql", "run/postgresql"):
        (root / name).mkdir(parents=True, exist_ok=True)
        shutil.chown(root / name, 70, 70)
    install(root, "postgres-entrypoint", "usr/local/bin/docker-entrypoint.sh")
