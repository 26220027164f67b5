"""What must hold in a pnpm workspace: that its files are there, can be read, and name each other."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import PurePosixPath

from bakegen import dockerfile
from bakegen.errors import UserError
from bakegen.finding import Finding, Judge, missing, way_back
from bakegen.merge.pnpm_lock import DEPENDENCIES
from bakegen.merge.splice import line_of
from bakegen.merge.tree import NotUnderstood
from bakegen.model import Project
from bakegen.tree import PACKAGE_JSON, PACKAGES, PNPM_LOCK

PNPM_WORKSPACE = PurePosixPath("pnpm-workspace.yaml")
TSCONFIG = PurePosixPath("tsconfig.json")
STAGE = PurePosixPath("workspace.Dockerfile")
INSTALL = "pnpm install"
IMPORT = re.compile(rb"(?:[\"']|node_modules/)(@([a-z0-9-]+)/([a-z0-9-]+))(?=[\"'/])")


def judges(project: Project, shipped: Collection[str]) -> dict[PurePosixPath, Judge]:
    """What judges each file of the pnpm workspace."""
    if not project.pnpm:
        return {}
    packages = [name for name in project.packages if name in shipped]
    names = {member.path: member.package for member in project.members}
    names |= {PurePosixPath(PACKAGES, name): f"@{project.slug}/{name}" for name in packages}
    found: dict[PurePosixPath, Judge] = {
        PNPM_LOCK: partial(_pnpm_lock, (PurePosixPath(), *names)),
        PNPM_WORKSPACE: _pnpm_workspace,
        TSCONFIG: _tsconfig,
        STAGE: _stage,
        PACKAGE_JSON: partial(_manifest, PACKAGE_JSON, None),
    }
    return found | {path / PACKAGE_JSON: partial(_manifest, path / PACKAGE_JSON, name) for path, name in names.items()}


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


def _stage(project: Project, text: bytes) -> list[Finding]:
    stages = [words.lower().split()[-1] for name, words in dockerfile.instructions(text) if name == "FROM"]
    return [] if "workspace" in stages else [missing(project, STAGE, "there is no stage workspace in it")]


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
        missing(project, PNPM_WORKSPACE, f"{path} is not among its packages")
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
        return [missing(project, path, "it is not an object")]
    if name is None:
        return []
    found = [] if content.get("name") == name else [missing(project, path, f'its "name" is not "{name}"')]
    groups = [content.get(group) for group in DEPENDENCIES]
    there = {each for group in groups if isinstance(group, dict) for each in group}
    uses = [member.uses for member in project.members if member.path == path.parent]
    wanted = sorted({f"@{project.slug}/{package}" for names in uses for package in names} - there)
    return found + [missing(project, path, f"{each} is not among its dependencies") for each in wanted]


def _tsconfig(project: Project, text: bytes) -> list[Finding]:
    from bakegen.merge import json as jsonc

    try:
        jsonc.scan(text)
    except NotUnderstood as error:
        place = f"{TSCONFIG}:{line_of(text, error.offset)}"
        raise UserError(error.message, where=place, hint=f"mend it, or: {way_back(project, TSCONFIG)}") from None
    return [] if text.strip() else [missing(project, TSCONFIG, "it is empty")]
