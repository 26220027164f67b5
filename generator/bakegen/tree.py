"""Which files a project has, and whose each is: known from names alone, before anything is rendered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

from bakegen.catalog import Catalog
from bakegen.model import Project, Service

SEEDED = frozenset(
    PurePosixPath(path) for path in ("README.md", ".gitignore", ".editorconfig", ".nvmrc", ".python-version")
)

PNPM_LOCK = PurePosixPath("pnpm-lock.yaml")
PACKAGE_JSON = PurePosixPath("package.json")
PACKAGES = "packages"
PER_SERVICE = re.compile(r"\{(?:name|path)\}")
HOSTS = "/hosts"

Ownership = Literal["managed", "seeded"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a file comes from: a path in a folder of the catalog's files or "project", for a service or (None) all.

    Managed files are merged on every sync; seeded ones are written once and are the user's from then on. `package` is
    the folder of the internal package that it belongs to.
    """

    folder: str
    path: PurePosixPath
    ownership: Ownership
    service: Service | None = None
    package: PurePosixPath | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A rendered file: its whole text, its owner, and the service or package that brings it (None: the project)."""

    text: bytes
    ownership: Ownership
    service: Service | None = None
    package: PurePosixPath | None = None


Tree = Mapping[PurePosixPath, File]


def layout(project: Project, catalog: Catalog) -> Mapping[PurePosixPath, Source]:
    """Every generated path but bakegen.lock, relative to the project root, sorted."""
    sources: dict[PurePosixPath, Source] = {}
    for path in catalog.project:
        ownership: Ownership = "seeded" if path in SEEDED else "managed"
        sources[path] = Source(folder="project", path=path, ownership=ownership)
    for service in project.services:
        managed = {PurePosixPath(path) for path in service.stack.managed}
        managed |= {PACKAGE_JSON} if service.member else set()
        for folder in folders(service, catalog):
            for path in catalog.files[folder]:
                ownership = "managed" if path in managed else "seeded"
                sources[service.path / path] = Source(folder=folder, path=path, ownership=ownership, service=service)
    if project.pnpm:
        sources |= _workspace(project, catalog)
    return dict(sorted((sources | optional(project, catalog)).items()))


def optional(project: Project, catalog: Catalog) -> dict[PurePosixPath, Source]:
    """The files of the project's hosts and features; one whose path has a place for it, once for each service."""
    brought = [f"{HOSTS}/{host.id}" for host in project.hosts] + [HOSTS] * project.deploys
    brought += [f"/features/{feature.id}" for feature in project.features]
    return {
        place(path, service): Source(folder=folder, path=path, ownership="managed", service=service)
        for folder in brought
        for path in catalog.files[folder]
        for service in (project.services if PER_SERVICE.search(str(path)) else (None,))
    }


def named_after(
    project: Project, catalog: Catalog, service: Service, name: str
) -> Mapping[PurePosixPath, PurePosixPath]:
    """The generated files outside a service's folder that bear its name, and where they are under another name."""
    renamed = replace(service, name=name)
    mine = {path: source for path, source in layout(project, catalog).items() if source.service == service}
    outside = {path: place(each.path, renamed) for path, each in mine.items() if not path.is_relative_to(service.path)}
    return {path: target for path, target in outside.items() if path != target}


def place(path: PurePosixPath, service: Service | None) -> PurePosixPath:
    """Where a template of a host or feature goes: `{name}` and `{path}` in its path are those of the service."""
    if service is None:
        return path
    places = {"{name}": service.name, "{path}": str(service.path)}
    return PurePosixPath(PER_SERVICE.sub(lambda match: places[match[0]], str(path)))


def _workspace(project: Project, catalog: Catalog) -> dict[PurePosixPath, Source]:
    """The files of the pnpm workspace: those at its root, and its packages, but for those of the user's own.

    Each package.json is managed, of members and packages alike: it and the lock file can only change together.
    """
    sources = {
        path: Source(folder="/workspace", path=path, ownership="managed") for path in catalog.files["/workspace"]
    }
    for name in project.packages:
        folder, package = f"/packages/{name}", PurePosixPath(PACKAGES, name)
        for path in catalog.files.get(folder, {}):
            ownership: Ownership = "managed" if path == PACKAGE_JSON else "seeded"
            sources[package / path] = Source(folder=folder, path=path, ownership=ownership, package=package)
    return sources


def folders(service: Service, catalog: Catalog) -> list[str]:
    """The folders of the catalog that a service's files come from; what a later one has, replaces the earlier.

    A variant's name is its conditions, joined by `+`: `server=dev`, an option with a value; `needs=postgres`.
    """
    holds = {f"{name}={str(value).lower()}" for name, value in service.options.items()}
    holds |= {f"needs={need}" for need in service.needs} | {f"uses={package}" for package in service.uses}
    stack = service.stack.id
    variants = [key for key in catalog.files if key.startswith(f"{stack}/") and holds.issuperset(_conditions(key))]
    return [stack, *sorted(variants, key=lambda key: (len(_conditions(key)), key))]


def _conditions(variant: str) -> list[str]:
    return variant.partition("/")[2].split("+")
