"""The files that `docker buildx bake` and `docker compose` read without `-f`, each kind in the order of its tool; Railway's."""

from __future__ import annotations

from pathlib import PurePosixPath


def _paths(*names: str) -> tuple[PurePosixPath, ...]:
    return tuple(PurePosixPath(name) for name in names)


BAKE = _paths("docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl")
COMPOSE = _paths("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
COMPOSE_OVERRIDE = _paths(
    "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"
)
RAILWAY = frozenset({"railway.json", "railway.toml"})  # in any folder


def is_compose(path: PurePosixPath) -> bool:
    """Whether a path of a project is that of a Compose file, be it one for which `docker compose` needs `-f`."""
    return "compose" in path.name and path.suffix in {".yaml", ".yml"} and len(path.parts) == 1
