"""What a Compose file means: its services and the ports that they publish, read with PyYAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from bakegen.errors import UserError

# What PyYAML lets through from a scalar that does not fit its tag, such as `!!int x`.
NOT_A_VALUE = (ValueError, TypeError, KeyError, AttributeError)


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
    content = document(text, name, HINT)
    found = content.get("services") if isinstance(content, dict) else None
    if not isinstance(found, dict):
        raise UserError("`services` is not a mapping", where=name, hint=HINT)
    return {str(key): _ports(service) for key, service in found.items()}


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
