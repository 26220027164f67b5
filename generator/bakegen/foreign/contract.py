"""What must hold in adopted files, judged by what bakegen can know of them.

A service of a stack of ours was brought by bakegen, so its target, its group membership and its Compose entry must be
there. One that was found at adoption (stack dockerfile) may be in either file, and in no group; or in none, if it was
found by its Dockerfile alone because these files build nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from bakegen.adopt import files, read_bake, read_compose
from bakegen.foreign.bake import GROUP
from bakegen.model import Project


def missing(project: Project, texts: Mapping[PurePosixPath, bytes | None]) -> tuple[tuple[PurePosixPath, str], ...]:
    """What is missing, as a path and a sentence; `texts` has the adopted bake and Compose files that are there.

    Names that only bake can tell are not judged. Raises UserError with file and line for a file that cannot be read.
    """
    there = {path: text for path, text in texts.items() if text is not None}
    bakes = {path: text for path, text in there.items() if path in files.BAKE}
    composes = {path: text for path, text in there.items() if path in (*files.COMPOSE, *files.COMPOSE_OVERRIDE)}
    bake = read_bake.read(bakes)
    bodies = [body for path, text in composes.items() for body in read_compose.document(text, path).items()]
    entries = {name for name, _ in bodies}
    brought = {service.name for service in project.services if service.stack.managed}
    own = {service.name for service in project.services} - brought
    by_hand = {name for name, body in bodies if name in own or read_compose.normal(body)["build"]} | bake.names
    alone = not bake.unclear and by_hand <= brought
    listed = bake.groups.get(GROUP)
    found: list[tuple[PurePosixPath, str]] = []
    for service in project.services if there else ():
        name, ours = service.name, service.name in brought
        if not ours and alone:
            continue
        built = name in bake.names or bool(bake.unclear) or (name in entries and not (ours and bakes))
        if not built:
            what = f'target "{name}"' if bakes else f"services.{name}"
            found.append((next(iter(bakes or composes)), f"{what} is missing"))
        if ours and listed is not None and name not in listed:
            found.append((next(iter(bakes)), f'"{name}" is not in the group "{GROUP}"'))
        if ours and bakes and composes and name not in entries:
            found.append((next(iter(composes)), f"services.{name} is missing"))
    return tuple(found)


def names(path: PurePosixPath, text: bytes) -> frozenset[str]:
    """The names of the services that stand in one adopted file."""
    if path in files.BAKE:
        return read_bake.read({path: text}).names
    if path in (*files.COMPOSE, *files.COMPOSE_OVERRIDE):
        return frozenset(read_compose.document(text, path))
    return frozenset()
