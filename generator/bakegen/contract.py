"""What must hold in files that bakegen no longer writes alone: every service has its target, its group, its entry.

Otherwise a target that was lost while somebody resolved a conflict would pass as a hand edit. Of the Dockerfiles of our
own stacks, too: that they run as a user who is not root, expose the service's port and ask its health path. And of a
pnpm workspace: that its files are there, can be read, and name each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from bakegen import dockerfile
from bakegen.errors import UserError
from bakegen.merge.pnpm_lock import DEPENDENCIES
from bakegen.merge.splice import line_of
from bakegen.merge.tree import NotUnderstood
from bakegen.model import Project, Service
from bakegen.tree import PACKAGE_JSON, PACKAGES, PNPM_LOCK

BAKE = PurePosixPath("docker-bake.hcl")
OVERRIDE = PurePosixPath("docker-bake.override.hcl")
COMPOSE = PurePosixPath("compose.yaml")
PNPM_WORKSPACE = PurePosixPath("pnpm-workspace.yaml")
TSCONFIG = PurePosixPath("tsconfig.json")
STAGE = PurePosixPath("workspace.Dockerfile")
INSTALL = "pnpm install"
# Of a shell; `${process.env.PORT}` is one of JavaScript's.
VARIABLE = re.compile(r"\$(?:\w+|\{\w+(?::[^}]*)?\})")
IMPORT = re.compile(rb"(?:[\"']|node_modules/)(@([a-z0-9-]+)/([a-z0-9-]+))(?=[\"'/])")
# What targets of bakegen's call.
FUNCTIONS = frozenset({"cache_from", "cache_to", "given", "output", "reproducible", "tags"})

Judge = Callable[[Project, bytes], list["Finding"]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that is not as the project file says; `where` is a path, with a line where there is one."""

    where: str
    message: str
    hint: str = ""


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


def imports(project: Project, texts: Mapping[PurePosixPath, bytes | None]) -> tuple[Finding, ...]:
    """A finding for each of these files that names a package of the workspace by another slug, as before a change.

    `texts` are sources, the project file, and the package.json files: what is among the dependencies there, of the
    source's own member or of any, is another package of that name.
    """
    found: list[Finding] = []
    everywhere = b"\n".join(text or b"" for path, text in texts.items() if path.name == PACKAGE_JSON.name)
    for path, text in texts.items():
        folder = next((each for each in project.workspace_paths if path.is_relative_to(each)), None)
        manifest = texts.get(folder / PACKAGE_JSON) if folder is not None else everywhere
        for match in IMPORT.finditer(text or b"") if path.name != PACKAGE_JSON.name else ():
            name, slug, package = (part.decode() for part in match.group(1, 2, 3))
            if slug != project.slug and package in project.packages and match[1] not in (manifest or b""):
                where = f"{path}:{line_of(text or b'', match.start())}"
                now = f"@{project.slug}/{package}"
                found.append(Finding(where=where, message=f"{name} is {now} now", hint=f"write {now} in this file"))
    return tuple(found)


def packages(project: Project, texts: Mapping[PurePosixPath, bytes | None]) -> tuple[Finding, ...]:
    """A finding for each package of the user's own that is not called as its users call it; `texts` are package.json."""
    found: list[Finding] = []
    for path, text in texts.items():
        try:
            content = json.loads((text or b"").decode("utf-8-sig"))
        except (ValueError, RecursionError):
            content = None
        name = f"@{project.slug}/{path.parent.name}"
        if not isinstance(content, dict) or content.get("name") != name:
            hint = f'write "name": "{name}" in it: its users call it so'
            found.append(Finding(where=str(path), message=f'its "name" is not "{name}"', hint=hint))
    return tuple(found)


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
    return judges | _workspace(project, shipped)


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


def _compose(path: PurePosixPath, wanted: Mapping[str, int | None], project: Project, text: bytes) -> list[Finding]:
    from bakegen import compose

    services = compose.services(text, str(path))
    found: list[Finding] = []
    for name, port in wanted.items():
        if name not in services:
            found.append(_missing(project, path, f"services.{name} is missing"))
        elif port is not None and port not in services[name]:
            found.append(_missing(project, path, f"services.{name} does not publish its port {port}"))
    return found


def _dockerfile(service: Service, project: Project, text: bytes) -> list[Finding]:
    path = service.dockerfile
    present = dockerfile.final(text)
    users = [words for name, words in present if name == "USER"]
    found: list[Finding] = []
    if not users or users[-1].split(":")[0] in ("", "0", "root"):
        found.append(_missing(project, path, "the image would run as root: there is no USER at its end"))
    if service.stack.defaults.port is None:  # a worker's port, if it has one, is for the hosts
        return found
    exposed = " ".join(words for name, words in present if name == "EXPOSE")
    if service.port is not None and "$" not in exposed and not re.search(rf"\b{service.port}\b", exposed):
        found.append(_missing(project, path, f"EXPOSE {service.port} is missing"))
    checks = [words for name, words in present if name == "HEALTHCHECK"]
    if service.health is not None and not (checks and _asks(checks[-1], service.health)):
        found.append(_missing(project, path, f"no HEALTHCHECK asks for {service.health}"))
    return found


def _asks(check: str, path: str) -> bool:
    """Whether a health check has this path as an argument or as all of an address's; a variable is taken on trust."""
    whole = rf"(?:^|[\s\"'`=,]|://[^/\s\"'`]+){re.escape(path)}(?![\w./~%-])"
    return bool(VARIABLE.search(check) or re.search(whole, check))


def _workspace(project: Project, shipped: Collection[str]) -> dict[PurePosixPath, Judge]:
    """What judges each file of the pnpm workspace."""
    if not project.pnpm:
        return {}
    packages = [name for name in project.packages if name in shipped]
    names = {member.path: member.package for member in project.members}
    names |= {PurePosixPath(PACKAGES, name): f"@{project.slug}/{name}" for name in packages}
    judges: dict[PurePosixPath, Judge] = {
        PNPM_LOCK: partial(_pnpm_lock, (PurePosixPath(), *names)),
        PNPM_WORKSPACE: _pnpm_workspace,
        TSCONFIG: _tsconfig,
        STAGE: _stage,
        PACKAGE_JSON: partial(_manifest, PACKAGE_JSON, None),
    }
    return judges | {path / PACKAGE_JSON: partial(_manifest, path / PACKAGE_JSON, name) for path, name in names.items()}


def _stage(project: Project, text: bytes) -> list[Finding]:
    stages = [words.lower().split()[-1] for name, words in dockerfile.instructions(text) if name == "FROM"]
    return [] if "workspace" in stages else [_missing(project, STAGE, "there is no stage workspace in it")]


def _pnpm_lock(folders: Collection[PurePosixPath], project: Project, text: bytes) -> list[Finding]:
    from bakegen import compose
    from bakegen.merge import pnpm_lock

    lock = pnpm_lock.read(text.decode("utf-8", "replace").replace("\r\n", "\n"))
    content = None if lock is not None else compose.document(text, str(PNPM_LOCK), f"get it back: {INSTALL}")
    found = content.get("importers") if isinstance(content, dict) else None
    importers = lock.importers if lock is not None else found if isinstance(found, dict) else {}
    missing = sorted(str(folder) for folder in folders if str(folder) not in importers)
    way = f"{INSTALL}; or let bakegen do it: {way_back(project, PNPM_LOCK)}"
    return [
        Finding(where=str(PNPM_LOCK), message=f"there is no importer {folder} in it", hint=way) for folder in missing
    ]


def _pnpm_workspace(project: Project, text: bytes) -> list[Finding]:
    from bakegen import compose

    content = compose.document(text, str(PNPM_WORKSPACE), f"get it back: {way_back(project, PNPM_WORKSPACE)}")
    listed = content.get("packages") if isinstance(content, dict) else None
    patterns = [_pattern(str(each)) for each in listed] if isinstance(listed, list) else []
    return [
        _missing(project, PNPM_WORKSPACE, f"{path} is not among its packages")
        for path in project.workspace_paths
        if not any(pattern.fullmatch(str(path)) for pattern in patterns)
    ]


def _pattern(text: str) -> re.Pattern[str]:
    """What pnpm means by an item of `packages`: `*` is any name, `**` any way down."""
    parts = re.split(r"(\*\*/|\*\*|\*)", text.removeprefix("./").rstrip("/"))
    means = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return re.compile("".join(means.get(part, re.escape(part)) for part in parts))


def _manifest(path: PurePosixPath, name: str | None, project: Project, text: bytes) -> list[Finding]:
    """Of a package.json: its name, and the packages that it uses; `name` is None at the root, where neither matters."""
    try:
        content = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        place = f"{path}:{error.lineno}" if isinstance(error, json.JSONDecodeError) else str(path)
        raise UserError(
            "not JSON that can be read", where=place, hint=f"mend it, or: {way_back(project, path)}"
        ) from None
    if not isinstance(content, dict):
        return [_missing(project, path, "it is not an object")]
    if name is None:
        return []
    found = [] if content.get("name") == name else [_missing(project, path, f'its "name" is not "{name}"')]
    groups = [content.get(group) for group in DEPENDENCIES]
    there = {each for group in groups if isinstance(group, dict) for each in group}
    uses = [member.uses for member in project.members if member.path == path.parent]
    wanted = sorted({f"@{project.slug}/{package}" for names in uses for package in names} - there)
    return found + [_missing(project, path, f"{each} is not among its dependencies") for each in wanted]


def _tsconfig(project: Project, text: bytes) -> list[Finding]:
    from bakegen.merge import json as jsonc

    try:
        jsonc.scan(text)
    except NotUnderstood as error:
        place = f"{TSCONFIG}:{line_of(text, error.offset)}"
        raise UserError(error.message, where=place, hint=f"mend it, or: {way_back(project, TSCONFIG)}") from None
    return [] if text.strip() else [_missing(project, TSCONFIG, "it is empty")]


def _missing(project: Project, path: PurePosixPath, message: str) -> Finding:
    hint = f"put it back, or let bakegen do it: {way_back(project, path)}"
    return Finding(where=str(path), message=message, hint=hint)


def way_back(project: Project, path: PurePosixPath) -> str:
    """The command after which the file is as bakegen would have it."""
    command = "manage" if path in project.unmanaged else "sync --only"
    return f"bakegen {command} {path} --discard-edits"
