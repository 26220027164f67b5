"""Which files a project has, and whose each is: known from names alone, before anything is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from bakegen.catalog import Catalog
from bakegen.model import Project, Service

SEEDED = frozenset(
    PurePosixPath(path) for path in ("README.md", ".gitignore", ".editorconfig", ".nvmrc", ".python-version")
)

Ownership = Literal["managed", "seeded"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a file comes from: a path in a folder of the catalog ("project" or a stack), for a service or (None) all.

    Managed files are merged on every sync; seeded ones are written once and are the user's from then on.
    """

    folder: str
    path: PurePosixPath
    ownership: Ownership
    service: Service | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A rendered file: its whole text, its owner, and the service that brings it (None: the project)."""

    text: bytes
    ownership: Ownership
    service: Service | None = None


Tree = Mapping[PurePosixPath, File]


def layout(project: Project, catalog: Catalog) -> Mapping[PurePosixPath, Source]:
    """Every generated path but bakegen.lock, relative to the project root, sorted."""
    sources: dict[PurePosixPath, Source] = {}
    for path in catalog.project:
        ownership: Ownership = "seeded" if path in SEEDED else "managed"
        sources[path] = Source(folder="project", path=path, ownership=ownership)
    for service in project.services:
        managed = {PurePosixPath(path) for path in service.stack.managed}
        for path in catalog.files[service.stack.id]:
            ownership = "managed" if path in managed else "seeded"
            source = Source(folder=service.stack.id, path=path, ownership=ownership, service=service)
            sources[service.path / path] = source
    return dict(sorted(sources.items()))
