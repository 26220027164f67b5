"""bakegen's part of a foreign Compose file: an entry for each service, with everything written out.

The file's own databases are used under their own names; one that it does not have comes with the service that needs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bakegen.adopt import read_compose
from bakegen.model import Project, Service
from bakegen.rules import BACKING

Lines = list[str]
CHECKS = {
    "postgres": ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "app", "-d", "app"],
    "redis": ["CMD", "redis-cli", "ping"],
}
VOLUMES = {"postgres": "/var/lib/postgresql", "redis": "/data"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Host:
    """A Compose service that others reach: its name, whether its health is known, and for a database its login."""

    name: str
    healthy: bool
    login: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """The services of the file, as it has them (`raw`) and with short forms written out, and the hosts in it."""

    raw: Mapping[str, Any]
    found: Mapping[str, dict[str, Any]]
    hosts: Mapping[str, _Host]

    def is_list(self, service: Service, key: str) -> bool:
        """Whether the file has a list there, and no mapping as bakegen would write."""
        body = self.raw.get(service.name)
        return isinstance(body, dict) and isinstance(body.get(key), list)

    def lacks(self, service: Service, key: str, name: str) -> bool:
        """Whether the file has the service, and not this in it."""
        return service.name in self.found and name not in self.found[service.name][key]


def render(
    path: PurePosixPath, project: Project, ours: bytes, images: Mapping[str, str], other: Project | None = None
) -> bytes:
    """The entries of all services; with `build` unless no service of `ours` has one.

    Services, variables and dependencies that `other` has as well and `ours` has not are left out: they are none of its
    business.
    """
    raw = read_compose.document(ours, path)
    found = {name: read_compose.normal(body) for name, body in raw.items()}
    builds = not found or any(body["build"] for body in found.values())
    kinds = sorted({*project.backing, *(other.backing if other is not None else ())})
    own = {kind: _database(kind, images[kind]) for kind in kinds}
    file = _File(raw=raw, found=found, hosts={kind: _host(kind, own[kind], found) for kind in kinds})
    lines: Lines = []
    known = {service.name for service in other.services} - found.keys() if other is not None else set()
    for service in project.services:
        if service.name not in known:
            lines += _service(project, service, file, other, builds=builds)
    brought = [
        kind for kind in project.backing if file.hosts[kind].name == kind and not _is_foreign(kind, own[kind], found)
    ]
    for kind in brought:
        lines += own[kind]
    if not lines:
        return b""
    volumes = ["volumes:", *(f"  {kind}:" for kind in brought)] if brought else []
    return "".join(f"{line}\n" for line in ("services:", *lines, *volumes)).encode()


def _service(project: Project, service: Service, file: _File, other: Project | None, *, builds: bool) -> Lines:
    lines = [f"  {service.name}:", f"    image: {project.images}-{service.name}:latest"]
    if builds:
        lines += ["    build:", f"      context: {_text(service.context)}"]
        lines += [f"      dockerfile: {_text(service.dockerfile_in_context)}"]
        lines += [f"      target: {_text(service.target)}"] if service.target else []
    lines += ["    restart: unless-stopped"]
    before = next((each for each in other.services if each.name == service.name), None) if other is not None else None
    same = _environment(other, before, file.hosts) if other is not None and before is not None else {}
    environment = {
        name: value
        for name, value in sorted(_environment(project, service, file.hosts).items())
        if same.get(name) != value or not file.lacks(service, "environment", name)
    }
    lines += ["    environment:"] if environment else []
    if file.is_list(service, "environment"):
        lines += [f"      - {_text(f'{name}={value}')}" for name, value in environment.items()]
    else:
        lines += [f"      {name}: {_text(value)}" for name, value in environment.items()]
    if service.publish:
        lines += ["    ports:", f'      - "{service.publish}:{service.port}"']
    same_needs = before.needs if before is not None else ()
    needed = [(need, _needed(project, need, file)) for need in service.needs]
    depends = [
        host
        for need, host in needed
        if host is not None and (need not in same_needs or not file.lacks(service, "depends_on", host.name))
    ]
    lines += ["    depends_on:"] if depends else []
    for host in depends:
        if file.is_list(service, "depends_on"):
            lines += [f"      - {host.name}"]
        else:
            lines += [f"      {host.name}:", f"        condition: service_{'healthy' if host.healthy else 'started'}"]
    return lines


def _needed(project: Project, need: str, file: _File) -> _Host | None:
    """What `depends_on` may name: a database, or a service that is in the file or that bakegen brought there."""
    if need in file.hosts:
        return file.hosts[need]
    if need in file.found:
        return _Host(name=need, healthy="healthcheck" in file.found[need])
    ours = bool(project.service(need).stack.managed)
    return _Host(name=need, healthy=False) if ours else None


def _environment(project: Project, service: Service, hosts: Mapping[str, _Host]) -> dict[str, str]:
    values: dict[str, str] = {}
    for need in service.needs:
        if need == "postgres":
            values["DATABASE_URL"] = f"postgresql://{hosts[need].login}"
        elif need == "redis":
            values["REDIS_URL"] = f"redis://{hosts[need].login}"
        else:
            other = project.service(need)
            values[f"{other.variable}_URL"] = f"http://{other.name}:{other.port}"
    for item in service.env:
        values[item.name] = f"${{{item.name}:-}}" if item.secret else item.value.replace("$", "$$")
    return values


def _host(kind: str, own: Lines, found: Mapping[str, dict[str, Any]]) -> _Host:
    """The database of this kind that the file has, else the one that bakegen brings."""
    name = next((name for name, body in found.items() if _kind(name, body) == kind), kind)
    if not _is_foreign(kind, own, found):
        login = "app:${POSTGRES_PASSWORD:-postgres}@postgres:5432/app" if kind == "postgres" else "redis:6379/0"
        return _Host(name=kind, healthy=True, login=login)
    body = found[name]
    if kind == "redis":
        return _Host(name=name, healthy="healthcheck" in body, login=f"{name}:6379/0")
    values = {key: str(value) for key, value in body["environment"].items() if value is not None}
    user = values.get("POSTGRES_USER", "postgres")
    password = values.get("POSTGRES_PASSWORD", "${POSTGRES_PASSWORD:-}")
    login = f"{user}:{password}@{name}:5432/{values.get('POSTGRES_DB', user)}"
    return _Host(name=name, healthy="healthcheck" in body, login=login)


def _is_foreign(kind: str, own: Lines, found: Mapping[str, dict[str, Any]]) -> bool:
    """Whether the file has a database of this kind that is not, word for word, the one that bakegen brings."""
    text = "\n".join(("services:", *own)).encode()
    brought = read_compose.normal(read_compose.document(text, PurePosixPath("compose.yaml"))[kind])
    return any(_kind(name, body) == kind and body != brought for name, body in found.items())


def _kind(name: str, body: Mapping[str, Any]) -> str | None:
    if name in BACKING:
        return name
    return None if body["build"] else read_compose.backing(str(body.get("image") or ""))


def _database(kind: str, tag: str) -> Lines:
    lines = [f"  {kind}:", f"    image: {kind}:{tag}", "    restart: unless-stopped"]
    if kind == "postgres":
        lines += ["    environment:", "      POSTGRES_DB: app"]
        lines += ["      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-postgres}", "      POSTGRES_USER: app"]
    lines += ["    volumes:", f"      - {kind}:{VOLUMES[kind]}", "    healthcheck:"]
    lines += [f"      test: {json.dumps(CHECKS[kind])}", "      interval: 2s", "      timeout: 3s", "      retries: 30"]
    return lines


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
