"""Where a repository keeps what bakegen would write: `docker-compose.yml` stands for `compose.yaml`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from bakegen.adopt import files

NAMES = {
    PurePosixPath("docker-bake.hcl"): (PurePosixPath("docker-bake.hcl"), PurePosixPath("docker-bake.json")),
    PurePosixPath("compose.yaml"): files.COMPOSE,
    PurePosixPath("compose.override.yaml"): files.COMPOSE_OVERRIDE,
}


def surfaces(generated: Iterable[PurePosixPath], present: Collection[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    """The `adopted` of a repository with the files `present`: each generated path, by the name that it has there."""
    found = (next((name for name in NAMES.get(path, ()) if name in present), path) for path in generated)
    return tuple(sorted(found))


def place(path: PurePosixPath, adopted: Collection[PurePosixPath]) -> PurePosixPath | None:
    """The adopted path that stands for a generated one; None if bakegen manages the file itself."""
    return next((name for name in (path, *NAMES.get(path, ())) if name in adopted), None)
