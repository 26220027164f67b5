"""What must hold in files that bakegen no longer writes alone: every service has its target, its group, its entry.

Otherwise a target that was lost while somebody resolved a conflict would pass as a hand edit. Of the Dockerfiles of our
own stacks, too: that they run as a user who is not root, expose the service's port and ask its health path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from bakegen import dockerfile
from bakegen.errors import UserError
from bakegen.model import Project, Service

BAKE = PurePosixPath("docker-bake.hcl")
OVERRIDE = PurePosixPath("docker-bake.override.hcl")
COMPOSE = PurePosixPath("compose.yaml")
FUNCTIONS = frozenset({"cache_from", "cache_to", "given", "output", "tags"})  # that targets of bakegen's call

Judge = Callable[[Project, bytes], list["Finding"]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that is not as the project file says; `where` is a path, with a line where there is one."""

    where: str
    message: str
    hint: str = ""


def check(project: Project, edited: Mapping[PurePosixPath, bytes | None]) -> tuple[Finding, ...]:
    """Findings of those files in `edited` that a contract exists for (None: no such file).

    What stands in `docker-bake.override.hcl`, if it is there too, need not stand in the bake file.
    """
    judges: dict[PurePosixPath, Judge] = {BAKE: partial(_bake, edited.get(OVERRIDE)), COMPOSE: _compose}
    for service in project.services:
        if "Dockerfile" in service.stack.managed:
            judges[service.dockerfile] = partial(_dockerfile, service)
    found: list[Finding] = []
    for path, judge in judges.items():
        if path not in edited:
            continue
        text = edited[path]
        if text is None:
            hint = f"get it back: {_way(project, path)}"
            found.append(Finding(where=str(path), message="the file is gone", hint=hint))
        else:
            try:
                found += judge(project, text)
            except UserError as error:
                found.append(Finding(where=error.where, message=error.message, hint=error.hint))
    return tuple(found)


def adopted(project: Project, texts: Mapping[PurePosixPath, bytes | None]) -> tuple[Finding, ...]:
    """Findings of the adopted files (None: no such file)."""
    from bakegen import foreign

    hint = "put it back, or remove the service"
    try:
        missing = foreign.missing(project, texts) if texts else ()
    except UserError as error:
        return (Finding(where=error.where, message=error.message, hint=error.hint),)
    return tuple(Finding(where=str(path), message=message, hint=hint) for path, message in missing)


def dockerfiles(project: Project, present: Collection[PurePosixPath]) -> tuple[Finding, ...]:
    """A finding for each service without a Dockerfile among the files that are present."""
    found: list[Finding] = []
    for service in project.services:
        path = service.dockerfile
        if path not in present:
            ours = "Dockerfile" in service.stack.managed
            way = _way(project, path) if ours else "git has it, or write it anew"
            hint = f"get it back: {way}; or remove the service"
            found.append(Finding(where=str(path), message=f"the Dockerfile of {service.name} is missing", hint=hint))
    return tuple(found)


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


def _bake(override: bytes | None, project: Project, text: bytes) -> list[Finding]:
    from bakegen import bake

    file = bake.read(text, str(BAKE))
    wanted = [(service.name, "default") for service in project.services]
    wanted += [(f"{service.name}-test", "test") for service in project.services if "test" in service.stack.stages]
    found: list[Finding] = []
    for target, group in wanted:
        members = file.groups.get(group, frozenset())
        if target not in file.targets:
            found.append(_missing(project, BAKE, f'target "{target}" is missing'))
        if members is not None and target not in members:
            found.append(_missing(project, BAKE, f'"{target}" is not in the group "{group}"'))
    try:
        more = bake.read(override or b"", str(OVERRIDE))
    except UserError:  # bake will say so, and what is in it nobody knows
        return found
    names = {target for target, _ in wanted}
    there = names | file.targets | more.targets
    for target in sorted(names & file.targets):
        lost = frozenset() if file.matrices or more.matrices else file.inherits[target] - there
        unknown = file.calls[target] & FUNCTIONS - file.functions - more.functions
        messages = [f'inherits from "{name}"' for name in sorted(lost)] + [
            f"calls {name}()" for name in sorted(unknown)
        ]
        found += [_missing(project, BAKE, f'target "{target}" {each}, which is not there') for each in messages]
    return found


def _compose(project: Project, text: bytes) -> list[Finding]:
    from bakegen import compose

    services = compose.services(text, str(COMPOSE))
    found: list[Finding] = []
    for service in project.services:
        if service.name not in services:
            found.append(_missing(project, COMPOSE, f"services.{service.name} is missing"))
        elif service.publish is not None and service.port not in services[service.name]:
            found.append(
                _missing(project, COMPOSE, f"services.{service.name} does not publish its port {service.port}")
            )
    return found


def _dockerfile(service: Service, project: Project, text: bytes) -> list[Finding]:
    path = service.dockerfile
    present = list(dockerfile.instructions(text))
    users = [words for name, words in present if name == "USER"]
    found: list[Finding] = []
    if not users or users[-1].split(":")[0] in ("", "0", "root"):
        found.append(_missing(project, path, "the image would run as root: there is no USER at its end"))
    exposed = " ".join(words for name, words in present if name == "EXPOSE")
    if service.port is not None and "$" not in exposed and not re.search(rf"\b{service.port}\b", exposed):
        found.append(_missing(project, path, f"EXPOSE {service.port} is missing"))
    checks = [words for name, words in present if name == "HEALTHCHECK"]
    if service.health is not None and not any(service.health in words or "$" in words for words in checks):
        found.append(_missing(project, path, f"no HEALTHCHECK asks for {service.health}"))
    return found


def _missing(project: Project, path: PurePosixPath, message: str) -> Finding:
    hint = f"put it back, or let bakegen do it: {_way(project, path)}"
    return Finding(where=str(path), message=message, hint=hint)


def _way(project: Project, path: PurePosixPath) -> str:
    """The command after which the file is as bakegen would have it."""
    command = "manage" if path in project.unmanaged else "sync --only"
    return f"bakegen {command} {path} --discard-edits"
