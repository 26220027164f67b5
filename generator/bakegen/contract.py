"""What must hold in files that bakegen no longer writes alone: every service is in the bake file and in compose.yaml.

Otherwise a target that was lost while somebody resolved a conflict would pass as a hand edit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bakegen.errors import UserError
from bakegen.model import Project

BAKE = PurePosixPath("docker-bake.hcl")
COMPOSE = PurePosixPath("compose.yaml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that is not as the project file says; `where` is a path, with a line where there is one."""

    where: str
    message: str
    hint: str = ""


def check(project: Project, edited: Mapping[PurePosixPath, bytes | None]) -> tuple[Finding, ...]:
    """Findings of those surfaces in `edited` that a contract exists for (None: no such file)."""
    found: list[Finding] = []
    for path, judge in ((BAKE, _bake), (COMPOSE, _compose)):
        if path not in edited:
            continue
        text = edited[path]
        if text is None:
            hint = f"get it back: git checkout HEAD -- {path}"
            found.append(Finding(where=str(path), message="the file is gone", hint=hint))
        else:
            try:
                found += judge(project, text)
            except UserError as error:
                found.append(Finding(where=error.where, message=error.message, hint=error.hint))
    return tuple(found)


def dockerfiles(project: Project, present: Collection[PurePosixPath]) -> tuple[Finding, ...]:
    """A finding for each service without a Dockerfile among the files that are present."""
    hint = "get it back from git, or remove the service"
    return tuple(
        Finding(where=str(service.dockerfile), message=f"the Dockerfile of {service.name} is missing", hint=hint)
        for service in project.services
        if service.dockerfile not in present
    )


def ports(project: Project) -> tuple[Finding, ...]:
    """A finding for each service that publishes a port of another on a developer's machine."""
    found: list[Finding] = []
    owners: dict[int, str] = {}
    for service in project.services:
        if service.publish is None:
            continue
        if service.publish in owners:
            message = f"{service.name} and {owners[service.publish]} both publish {service.publish}"
            found.append(Finding(where="bakegen.toml", message=message, hint="change `publish` of one of them"))
        owners.setdefault(service.publish, service.name)
    return tuple(found)


def _bake(project: Project, text: bytes) -> list[Finding]:
    from bakegen import bake

    file = bake.read(text, str(BAKE))
    wanted = [(service.name, "default") for service in project.services]
    wanted += [(f"{service.name}-test", "test") for service in project.services if "test" in service.stack.stages]
    found: list[Finding] = []
    for target, group in wanted:
        members = file.groups.get(group, frozenset())
        if target not in file.targets:
            found.append(_missing(BAKE, f'target "{target}" is missing'))
        if members is not None and target not in members:
            found.append(_missing(BAKE, f'"{target}" is not in the group "{group}"'))
    return found


def _compose(project: Project, text: bytes) -> list[Finding]:
    from bakegen import compose

    services = compose.services(text, str(COMPOSE))
    return [
        _missing(COMPOSE, f"services.{service.name} is missing")
        for service in project.services
        if service.name not in services
    ]


def _missing(path: PurePosixPath, message: str) -> Finding:
    return Finding(where=str(path), message=message, hint=f"put it back (git log -p -- {path}), or remove the service")
