"""`railway.json` and `railway.toml` -> how a service runs: the files that Railway reads until 1 December 2026.

Each says it of one service: https://docs.railway.com/config-as-code/reference. What is set for the environment
`production` comes first. Nothing here is an error but a file that cannot be read.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from bakegen.errors import UserError
from bakegen.rules import HEALTH

# How Railway's names of regions begin, also of those that it had before; and ours.
REGIONS = {"asia-southeast": "asia", "europe-west": "eu", "us-east": "us-east", "us-west": "us-west"}
SHELL = set("();<>|&")
HINT = "see https://docs.railway.com/config-as-code/reference"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a file says. `dockerfiles` are the places that it may mean; `regions` are ours, with the replicas in each, and
    `replicas` their number where it names no region.
    """

    file: PurePosixPath
    dockerfiles: tuple[PurePosixPath, ...] = ()
    health: str | None = None
    start: str | None = None
    pre_deploy: str | None = None
    replicas: int | None = None
    regions: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read(texts: Mapping[PurePosixPath, bytes]) -> tuple[Settings, ...]:
    """What each file says, by its path; UserError with the file if it cannot be read."""
    return tuple(_settings(path, _document(path, text)) for path, text in sorted(texts.items()))


def _document(path: PurePosixPath, text: bytes) -> dict[str, Any]:
    try:
        content = text.decode("utf-8-sig")
        found: object = tomllib.loads(content) if path.suffix == ".toml" else json.loads(content)
    except (ValueError, RecursionError):
        raise UserError(f"not {path.suffix[1:].upper()} that can be read", where=str(path), hint=HINT) from None
    return _table(found)


def _settings(path: PurePosixPath, document: Mapping[str, Any]) -> Settings:
    over = _table(_table(document.get("environments")).get("production"))
    build, deploy = ({**_table(document.get(key)), **_table(over.get(key))} for key in ("build", "deploy"))
    notes: list[str] = []
    dockerfile, health = _text(build.get("dockerfilePath")), _text(deploy.get("healthcheckPath"))
    start, commands = _text(deploy.get("startCommand")), deploy.get("preDeployCommand")
    before = [text for text in map(_text, commands if isinstance(commands, list) else [commands]) if text]
    pre_deploy = " && ".join(before) or None
    for kind, command in (("pre-deploy", pre_deploy), ("start", start)):
        if command and not _simple(command):
            notes.append(f"{path}: its {kind} command takes a shell, so it is not taken over: {command}")
    if health and not HEALTH.fullmatch(health):
        notes.append(f"{path}: its health check asks for more than a path, so it is not taken over: {health}")
    regions = _regions(path, deploy, notes)
    return Settings(
        file=path,
        dockerfiles=_places(dockerfile, path.parent) if dockerfile else (),
        health=health if health and HEALTH.fullmatch(health) else None,
        start=start if start and _simple(start) else None,
        pre_deploy=pre_deploy if pre_deploy and _simple(pre_deploy) else None,
        replicas=None if regions else _number(deploy.get("numReplicas")),
        regions=regions,
        notes=tuple(notes),
    )


def _regions(path: PurePosixPath, deploy: Mapping[str, Any], notes: list[str]) -> dict[str, int]:
    """Our regions with the replicas in each."""
    named: dict[str, Any] = {
        name: _table(each).get("numReplicas") for name, each in _table(deploy.get("multiRegionConfig")).items()
    }
    if not named and (one := _text(deploy.get("region"))):
        named = {one: deploy.get("numReplicas")}
    found: dict[str, int] = {}
    for name, count in named.items():
        start = re.match(r"[a-z]+-[a-z]+", name)
        if start is None or start[0] not in REGIONS:
            notes.append(f"{path}: the region {name} is not one that bakegen knows")
        else:
            found[REGIONS[start[0]]] = _number(count) or 1
    return dict(sorted(found.items()))


def _places(dockerfile: str, folder: PurePosixPath) -> tuple[PurePosixPath, ...]:
    """Where a Dockerfile may be: in the repository, or in the folder of the file, which may be the service's root."""
    name = dockerfile.lstrip("/")
    places = (posixpath.normpath(name), posixpath.normpath(str(folder / name)))
    return tuple(dict.fromkeys(PurePosixPath(place) for place in places))


def _simple(command: str) -> bool:
    """Whether it is a program and its arguments: then it needs no shell."""
    try:
        words = list(shlex.shlex(command, posix=True, punctuation_chars=True))
    except ValueError:  # a quote that is not closed
        return False
    return not any(set(word) <= SHELL for word in words)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) and value.isprintable() else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 100 else None  # noqa: PLR2004
