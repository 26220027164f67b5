"""bakegen's part of a foreign bake file: a target for each service that uses no other block, and its group membership.

There is a group only where the file has one: a new group `default` would change what a bare `docker buildx bake` builds.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from bakegen.adopt import read_bake
from bakegen.model import Project, Service

GROUP = "default"


def render(path: PurePosixPath, project: Project, ours: bytes, other: Project | None = None) -> bytes:
    """The targets of all services and, if `ours` has it, the group `default` of them, as HCL or JSON by the name.

    Services that `other` has as well and `ours` has not are left out: they are none of its business.
    """
    found = read_bake.read({path: ours})
    known = {service.name for service in other.services} - found.names if other is not None else set()
    services = [service for service in project.services if service.name not in known]
    names = [service.name for service in services]
    group = names if names and GROUP in found.groups else None
    targets = {service.name: _target(project, service) for service in services}
    return _as_json(group, targets) if path.suffix == ".json" else _as_hcl(group, targets)


def _target(project: Project, service: Service) -> dict[str, str | list[str]]:
    values: dict[str, str | list[str]] = {
        "context": service.context,
        "dockerfile": service.dockerfile_in_context,
    }
    if service.target:
        values["target"] = service.target
    return values | {"tags": [f"{project.images}-{service.name}:latest"]}


def _as_json(group: list[str] | None, targets: dict[str, dict[str, str | list[str]]]) -> bytes:
    document: dict[str, object] = {} if group is None else {"group": {GROUP: {"targets": group}}}
    return (json.dumps(document | {"target": targets}, indent=2, ensure_ascii=False) + "\n").encode()


def _as_hcl(group: list[str] | None, targets: dict[str, dict[str, str | list[str]]]) -> bytes:
    blocks: list[str] = []
    if group is not None:
        items = "".join(f"    {_quoted(name)},\n" for name in group)
        blocks.append(f'group "{GROUP}" {{\n  targets = [\n{items}  ]\n}}\n')
    for name, values in targets.items():
        width = max(map(len, values))
        lines = "".join(f"  {key.ljust(width)} = {_value(value)}\n" for key, value in values.items())
        blocks.append(f"target {_quoted(name)} {{\n{lines}}}\n")
    return "\n".join(blocks).encode()


def _value(value: str | list[str]) -> str:
    return _quoted(value) if isinstance(value, str) else f"[{', '.join(map(_quoted, value))}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
