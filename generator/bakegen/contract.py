"""What must hold in files that bakegen no longer writes alone: every service has its target, its group, its entry.

Otherwise a target that was lost while somebody resolved a conflict would pass as a hand edit. Of the Dockerfiles of our
own stacks, too: that they run as a user who is not root, expose the service's port and ask its health path. What must hold
in a pnpm workspace is in pnpm_contract.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import PurePosixPath

from bakegen import dockerfile, pnpm_contract
from bakegen.errors import UserError
from bakegen.finding import Finding, Judge, missing, way_back
from bakegen.model import Project, Service

BAKE = PurePosixPath("docker-bake.hcl")
OVERRIDE = PurePosixPath("docker-bake.override.hcl")
COMPOSE = PurePosixPath("compose.yaml")
# Of a shell; `${process.env.PORT}` is one of JavaScript's.
VARIABLE = re.compile(r"\$(?:\w+|\{\w+(?::[^}]*)?\})")
# What targets of bakegen's call.
FUNCTIONS = frozenset({"cache_from", "cache_to", "given", "output", "reproducible", "tags"})


def check(
    project: Project, edited: Mapping[PurePosixPath, bytes | None], shipped: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Findings of those files in `edited` that a contract exists for (None: no such file).

    What stands in `docker-bake.override.hcl`, if it is there too, need not stand in the bake file. `shipped` are the
    packages of a pnpm workspace that bakegen writes.
    """
    found: list[Finding] = []
    for path, judge in _judges(project, shipped, edited.get(OVERRIDE)).items():
        if path not in edited:
            continue
        text = edited[path]
        if text is None:
            hint = f"get it back: {way_back(project, path)}"
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


def judged(project: Project, shipped: Collection[str] = ()) -> frozenset[PurePosixPath]:
    """The files that a contract exists for."""
    return frozenset(_judges(project, shipped, None))


def bound(
    project: Project,
    texts: Mapping[PurePosixPath, bytes | None],
    there: Callable[[PurePosixPath], bool],
    generated: Collection[PurePosixPath],
) -> tuple[Finding, ...]:
    """A finding for each file of a service that its Dockerfile builds with, and that is not there.

    `texts` are the Dockerfiles; only those of our own stacks are judged. bakegen can write what is in `generated`.
    """
    found: dict[PurePosixPath, Finding] = {}
    for service in project.services:
        text = texts.get(service.dockerfile) if "Dockerfile" in service.stack.managed else None
        for path in (PurePosixPath(each) for each in dockerfile.bound(text or b"")):
            if path.is_relative_to(service.path) and not there(path):
                message = f"it is not there, and {service.dockerfile} builds with it"
                way = way_back(project, path) if path in generated else "git has it, or take it out of the Dockerfile"
                found[path] = Finding(where=str(path), message=message, hint=f"get it back: {way}")
    return tuple(found.values())


def dockerfiles(project: Project, present: Collection[PurePosixPath]) -> tuple[Finding, ...]:
    """A finding for each service without a Dockerfile among the files that are present."""
    found: list[Finding] = []
    for service in project.services:
        path = service.dockerfile
        if path not in present:
            ours = "Dockerfile" in service.stack.managed
            way = way_back(project, path) if ours else "git has it, or write it anew"
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


def _judges(project: Project, shipped: Collection[str], override: bytes | None) -> dict[PurePosixPath, Judge]:
    development = {service.name: service.publish and service.port for service in project.services}
    judges: dict[PurePosixPath, Judge] = {
        BAKE: partial(_bake, override),
        COMPOSE: partial(_compose, COMPOSE, development),
    }
    for service in project.services:
        if "Dockerfile" in service.stack.managed:
            judges[service.dockerfile] = partial(_dockerfile, service)
    return judges | pnpm_contract.judges(project, shipped)


def _bake(override: bytes | None, project: Project, text: bytes) -> list[Finding]:
    from bakegen import bake

    file = bake.read(text, str(BAKE))
    wanted = [(service.name, "default") for service in project.services]
    wanted += [(f"{service.name}-test", "test") for service in project.services if "test" in service.stack.stages]
    found: list[Finding] = []
    for target, group in wanted:
        members = file.groups.get(group, frozenset())
        if target not in file.targets:
            found.append(missing(project, BAKE, f'target "{target}" is missing'))
        if members is not None and target not in members:
            found.append(missing(project, BAKE, f'"{target}" is not in the group "{group}"'))
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
        found += [missing(project, BAKE, f'target "{target}" {each}, which is not there') for each in messages]
    return found


def _compose(path: PurePosixPath, wanted: Mapping[str, int | None], project: Project, text: bytes) -> list[Finding]:
    from bakegen import compose

    services = compose.services(text, str(path))
    found: list[Finding] = []
    for name, port in wanted.items():
        if name not in services:
            found.append(missing(project, path, f"services.{name} is missing"))
        elif port is not None and port not in services[name]:
            found.append(missing(project, path, f"services.{name} does not publish its port {port}"))
    return found


def _dockerfile(service: Service, project: Project, text: bytes) -> list[Finding]:
    path = service.dockerfile
    present = dockerfile.final(text)
    users = [words for name, words in present if name == "USER"]
    found: list[Finding] = []
    if not users or users[-1].split(":")[0] in ("", "0", "root"):
        found.append(missing(project, path, "the image would run as root: there is no USER at its end"))
    if service.stack.defaults.port is None:  # a worker's port, if it has one, is for the hosts
        return found
    exposed = " ".join(words for name, words in present if name == "EXPOSE")
    if service.port is not None and "$" not in exposed and not re.search(rf"\b{service.port}\b", exposed):
        found.append(missing(project, path, f"EXPOSE {service.port} is missing"))
    checks = [words for name, words in present if name == "HEALTHCHECK"]
    if service.health is not None and not (checks and _asks(checks[-1], service.health)):
        found.append(missing(project, path, f"no HEALTHCHECK asks for {service.health}"))
    return found


def _asks(check: str, path: str) -> bool:
    """Whether a health check has this path as an argument or as all of an address's; a variable is taken on trust."""
    whole = rf"(?:^|[\s\"'`=,]|://[^/\s\"'`]+){re.escape(path)}(?![\w./~%-])"
    return bool(VARIABLE.search(check) or re.search(whole, check))
