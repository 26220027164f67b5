"""What a Compose file means: its services, their ports, and those of the machine that they want; read with PyYAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from bakegen.errors import UserError

# What PyYAML lets through from a scalar that does not fit its tag, such as `!!int x`.
NOT_A_VALUE = (ValueError, TypeError, KeyError, AttributeError)

# `[ADDRESS:]PORT:CONTAINER[/PROTOCOL]`; a range is none: Compose finds a free port in it.
ON_THE_MACHINE = re.compile(r"(?:(.*):)?(\d+):\d+(?:/(\w+))?")
DEFAULT = re.compile(r"\$\{\w+:?-([^}]*)\}")
EVERYWHERE_4, EVERYWHERE_6 = "0.0.0.0", "::"  # noqa: S104  (nothing is bound here)
DEPTH = 200
Fastest: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(Fastest):  # type: ignore[valid-type,misc]  # libyaml's, where PyYAML was built with it
    """Reads Compose's own tags (`!reset`, `!override`) as the values that they stand before."""


def tagged(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    """The value that a tag of Compose's own stands before; nothing for a scalar."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return None


_Loader.add_multi_constructor("!", tagged)
# Compose reads YAML 1.2, in which a date is text; no value matters here.
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _loader, node: node.value)


HINT = "see: docker compose config"


def services(text: bytes, name: str = "compose.yaml") -> Mapping[str, frozenset[int]]:
    """The names under `services`, each with the ports in the container that it publishes.

    Raises UserError with the line if the file is not YAML or `services` is not a mapping.
    """
    return {key: _ports(service) for key, service in _services(text, name).items()}


def rivals(text: bytes, name: str = "compose.yaml") -> tuple[tuple[str, str, int], ...]:
    """Two containers that want one port of the machine: their services, which may be one with replicas, and the port.

    What has `profiles` is left out: it need not run beside the others. Raises UserError as `services` does.
    """
    found: list[tuple[str, str, int]] = []
    taken: list[tuple[str, tuple[str, int, str]]] = []
    for key, service in _services(text, name).items():
        body = service if isinstance(service, dict) and not service.get("profiles") else {}
        deploy = body.get("deploy")
        replicas = (deploy if isinstance(deploy, dict) else {}).get("replicas", body.get("scale"))
        for port in _on_the_machine(body.get("ports")):
            if isinstance(replicas, int) and replicas > 1:
                found.append((key, key, port[1]))
            found += [(other, key, port[1]) for other, theirs in taken if other != key and _meet(port, theirs)]
            taken.append((key, port))
    return tuple(found)


def _services(text: bytes, name: str) -> dict[str, Any]:
    content = document(text, name, HINT)
    found = content.get("services") if isinstance(content, dict) else None
    if not isinstance(found, dict):
        raise UserError("`services` is not a mapping", where=name, hint=HINT)
    return {str(key): service for key, service in found.items()}


def document(text: bytes, name: str, hint: str) -> Any:
    """What a YAML file holds. UserError with the line and this hint if it cannot be read."""
    try:
        _check_depth(text, name)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, RecursionError, *NOT_A_VALUE) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        raise UserError("not YAML that can be read", where=where, hint=hint) from None


def _check_depth(text: bytes, name: str) -> None:
    """Raise UserError for a nesting that libyaml's recursion would not survive."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH:
            raise UserError("it is nested too deeply", where=name, hint=f"nest at most {DEPTH} levels")


def _ports(service: object) -> frozenset[int]:
    """The container's side of each published port: `8080:80/tcp`, `80`, or the long syntax's `target`."""
    listed = service.get("ports") if isinstance(service, dict) else None
    found: set[int] = set()
    for port in listed if isinstance(listed, list) else ():
        text = str(port.get("target") if isinstance(port, dict) else port)
        match = re.fullmatch(r"(?:.*:)?(\d+)(?:-(\d+))?(?:/\w+)?", text)
        if match:
            found |= set(range(int(match[1]), min(int(match[2] or match[1]), 65535) + 1))
    return frozenset(found)


def _on_the_machine(listed: object) -> Iterator[tuple[str, int, str]]:
    """Address, port and protocol of each published port, with the defaults of variables; others are left out."""
    for port in listed if isinstance(listed, list) else ():
        if isinstance(port, dict):
            sides = (port.get("host_ip"), port.get("published"), port.get("target"))
            text = ":".join(str(side) for side in sides if side) + f"/{port.get('protocol', 'tcp')}"
        else:
            text = str(port)
        if match := ON_THE_MACHINE.fullmatch(DEFAULT.sub(r"\1", text)):
            yield (match[1] or "").strip("[]"), int(match[2]), match[3] or "tcp"


def _meet(one: tuple[str, int, str], other: tuple[str, int, str]) -> bool:
    return one[1:] == other[1:] and (_has(one[0], other[0]) or _has(other[0], one[0]))


def _has(address: str, other: str) -> bool:
    """Whether an address is the other one too; none at all is every address, of IPv4 and of IPv6."""
    return address in {"", other, EVERYWHERE_6 if ":" in other else EVERYWHERE_4}
