"""A Dockerfile -> the port that it exposes and the address that its health check asks for.

Only these two instructions are understood, with the literal defaults of ARG and ENV; nothing here is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bakegen.adopt.facts import Health
from bakegen.dockerfile import instructions

FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(\"[^\"]*\"|'[^']*'|\S*)")
ARGUMENT = re.compile(r"(?:^|(?<=\s))[A-Za-z_][A-Za-z0-9_]*(?=\s|=|$)")
VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))")
EXPOSED = re.compile(r"([0-9]{1,5})(/tcp)?", re.IGNORECASE)
URL = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(?:([0-9]{1,5})|\$[A-Za-z0-9_{}:-]+))?(/[A-Za-z0-9._~/%-]*)?"
)
PORTS = range(1, 65536)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A stage, with what it takes over from the stage that it is built from."""

    name: str | None
    ports: tuple[int, ...] = ()
    health: Health | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dockerfile:
    """The stages in file order; the last one is what is built if nobody names one."""

    stages: tuple[Stage, ...] = ()

    def stage(self, target: str | None) -> Stage | None:
        """The stage that a build's `target` names."""
        if target is None:
            return self.stages[-1] if self.stages else None
        return next((stage for stage in self.stages if (stage.name or "").lower() == target.lower()), None)


def read(text: bytes, args: Mapping[str, str]) -> Dockerfile:
    """What can be told of a Dockerfile that is built with these `args`; bytes that are none give no stages."""
    stages: list[Stage] = []
    default: dict[str, str] = {}
    for keyword, rest in instructions(text):
        if keyword == "FROM":
            match = FROM.match(rest)
            base = next((each for each in stages if match and (each.name or "\0").lower() == match[1].lower()), None)
            stages.append(
                Stage(
                    name=match[2] if match else None,
                    ports=base.ports if base else (),
                    health=base.health if base else None,
                    values=dict(base.values) if base else {},
                )
            )
        elif not stages:
            default |= _assigned(rest) if keyword == "ARG" else {}
        else:
            stages[-1] = _with(stages[-1], keyword, rest, {**default, **args})
    return Dockerfile(stages=tuple(stages))


def health(command: str) -> Health | None:
    """The address on the container itself that a health check's command asks for."""
    match = URL.search(command)
    if match is None:
        return None
    port = int(match[1]) if match[1] else None
    return Health(path=match[2] or "/", port=port if port in PORTS else None)


def _with(stage: Stage, keyword: str, rest: str, known: Mapping[str, str]) -> Stage:
    ports, check, values = stage.ports, stage.health, stage.values
    match keyword:
        case "ARG":
            given = {name: known[name] for name in ARGUMENT.findall(rest) if name in known}
            values |= _assigned(rest) | given
        case "ENV":
            name, _, value = rest.partition(" ")
            values |= {name: value.strip()} if "=" not in name else _assigned(rest)
        case "EXPOSE":
            found = (EXPOSED.fullmatch(word) for word in _filled(rest, values).split())
            ports += tuple(int(one[1]) for one in found if one and int(one[1]) in PORTS)
        case "HEALTHCHECK":
            check = health(_filled(rest, values))
    return Stage(name=stage.name, ports=ports, health=check, values=values)


def _assigned(rest: str) -> dict[str, str]:
    return {match[1]: match[2].strip("\"'") for match in ASSIGNED.finditer(rest)}


def _filled(text: str, values: dict[str, str]) -> str:
    """The text with variables replaced that have a literal value; others stay."""
    return VARIABLE.sub(lambda match: values.get(match[1] or match[3], match[2]) or match[0], text)
