"""The lock file of a pnpm workspace, made without a network.

bakegen ships one lock file of everything that a workspace can have: an importer for each package.json that its stacks
and packages can render, resolved together by pnpm itself (tools/refresh_workspace.py). A project's lock is cut out of
it: the importers with the same dependencies, under the paths of this project, and what they reach.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from bakegen.merge.pnpm_lock import DEPENDENCIES, GROUP, WANT, closed, read, unquoted, write
from bakegen.merge.yaml_scalar import NOT_FIRST, plain

Want = tuple[str, str, str]  # group, name, specifier


def lock(shipped: bytes, manifests: Mapping[str, bytes]) -> bytes:
    """The lock file of the importers whose package.json is given, by their path from the root ("." for the root's own).

    Raises LookupError for a package.json whose dependencies, other than on packages of the workspace, are not shipped.
    """
    whole = read(shipped.decode())
    if whole is None:
        raise LookupError("the shipped lock file is not as pnpm writes it")
    shapes = (dict(_entries(block)) for block in whole.importers.values())
    resolved: dict[frozenset[Want], dict[Want, str]] = {frozenset(): {}}
    resolved |= {frozenset(shape): shape for shape in shapes}
    parsed = {path: json.loads(text) for path, text in manifests.items()}
    paths = {manifest["name"]: path for path, manifest in parsed.items()}
    importers: dict[str, str] = {}
    for path, manifest in parsed.items():
        wants, links = _split(manifest)
        if wants not in resolved:
            raise LookupError(f"no importer of the shipped lock file has the dependencies of {path}/package.json")
        linked = {want: f"link:{posixpath.relpath(paths.get(want[1], _own(want[1])), path)}" for want in links}
        importers[path] = _block(path, resolved[wants] | linked)
    return write(closed(whole.head, importers, [whole])).encode()


def _own(name: str) -> str:
    """Where a package of the user's own is."""
    return f"packages/{name.rpartition('/')[2]}"


def _entries(importer: str) -> Iterator[tuple[Want, str]]:
    for group in GROUP.finditer(importer):
        for want in WANT.finditer(group["entries"]):
            name, specifier, version = (unquoted(want[part]) for part in ("name", "specifier", "version"))
            yield (group["group"], name, specifier), version


def _split(manifest: Mapping[str, Any]) -> tuple[frozenset[Want], frozenset[Want]]:
    """What a package.json wants from a registry, and what from the workspace."""
    wants = frozenset((group, *want) for group in DEPENDENCIES for want in manifest.get(group, {}).items())
    links = frozenset(want for want in wants if want[2].startswith("workspace:"))
    return wants - links, links


def _block(path: str, entries: Mapping[Want, str]) -> str:
    lines = [f"\n  {_scalar(path)}:\n" if entries else f"\n  {_scalar(path)}: {{}}\n"]
    for group in DEPENDENCIES:
        mine = sorted((*want[1:], version) for want, version in entries.items() if want[0] == group)
        lines += [f"    {group}:\n"] * bool(mine)
        for name, specifier, version in mine:
            lines.append(f"      {_scalar(name)}:\n")
            lines.append(f"        specifier: {_scalar(specifier)}\n        version: {_scalar(version)}\n")
    return "".join(lines)


def _scalar(value: str) -> str:
    """The value as pnpm writes it: in quotes where YAML would not read it as text."""
    text = value.encode()
    return value if text[0] not in NOT_FIRST and plain(text)[0].startswith(b"s:") else f"'{value}'"
