"""Which folder is a service's own: what `path` in bakegen.toml says, and what must be said beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bakegen.adopt.facts import Build
from bakegen.rules import PATH

ROOT = PurePosixPath()
NOT_FOR_SERVICES = (".git", ".github", ".bakegen")
FALLBACKS = ("services", "images", "bake-services", "bake-images")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The folder, and the two paths that are not what the folder means; None where they are."""

    path: PurePosixPath
    context: PurePosixPath | None = None
    dockerfile: PurePosixPath | None = None


def places(builds: Mapping[str, Build]) -> dict[str, Place]:
    """A place for each service: its build context, else its Dockerfile's folder, else `services/NAME`.

    A folder is a service's own if nothing that another one is built from is in it; no place is inside another.
    """
    users: dict[PurePosixPath, set[str]] = {}
    for name, build in builds.items():
        for folder in {build.context, build.dockerfile.parent}:
            for each in (folder, *folder.parents):
                users.setdefault(each, set()).add(name)
    paths = {
        name: folder
        for name, build in builds.items()
        for folder in (build.dockerfile.parent, build.context)  # the last one that fits is taken
        if users[folder] == {name} and _possible(folder)
    }
    taken = set(paths.values())
    around = {parent for path in taken for parent in path.parents}
    for name in builds:
        if name not in paths:
            choices = (PurePosixPath(folder, name) for folder in FALLBACKS)
            free = (one for one in choices if one not in around and not taken & {one, *one.parents})
            paths[name] = next(free, PurePosixPath(f"{name}-service"))
            taken.add(paths[name])
            around |= set(paths[name].parents)
    return {name: _place(paths[name], build) for name, build in builds.items()}


def _possible(folder: PurePosixPath) -> bool:
    return folder != ROOT and folder.parts[0] not in NOT_FOR_SERVICES and PATH.fullmatch(str(folder)) is not None


def _place(path: PurePosixPath, build: Build) -> Place:
    usual = build.dockerfile == path / "Dockerfile"
    return Place(
        path=path,
        context=None if build.context == path else build.context,
        dockerfile=None if usual else build.dockerfile,
    )
