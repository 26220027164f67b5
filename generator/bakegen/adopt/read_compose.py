"""Compose files -> their services: what is built, and how it runs.

Every scalar is read as the text it is (YAML 1.1 would make 22:22 a number and `on` a truth), anchors and merge keys
are resolved, and variables stand for their literal defaults: what only the environment can tell is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from bakegen import keys
from bakegen.adopt import read_dockerfile
from bakegen.adopt.facts import Build, Entry, Health, build_of, repository
from bakegen.compose import NOT_A_VALUE, tagged
from bakegen.errors import UserError
from bakegen.rules import VARIABLE
from bakegen.stack import Variable

BACKING = {"postgres": "postgres", "postgresql": "postgres", "postgis": "postgres", "redis": "redis", "valkey": "redis"}
SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|PRIVATE|DSN|SALT", re.IGNORECASE)
LOGIN = re.compile(r"://[^/\s]*@")
REFERENCE = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([^{}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))")
PORT = re.compile(r"[0-9]{1,5}")
HINT = "see: docker compose config"
LINKS = 50  # services that extend each other


class _Loader(yaml.SafeLoader):
    """Scalars are texts, `null` and nothing are None; Compose's own tags stand for the values behind them."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  (PyYAML's own way)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge keys as YAML says, each key once: merged merges would grow without bound."""
        super().flatten_mapping(node)
        last = {key.value if isinstance(key, yaml.ScalarNode) else id(key): (key, value) for key, value in node.value}
        node.value = list(last.values())


_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"<<$"), ["<"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_multi_constructor("!", tagged)


def read(files: Mapping[PurePosixPath, bytes]) -> tuple[Entry, ...]:
    """The services of a Compose file and its override, sorted; UserError with file and line if one cannot be read."""
    services: dict[str, dict[str, Any]] = {}
    places: dict[str, PurePosixPath] = {}
    for path, text in files.items():
        for name, body in document(text, path).items():
            places.setdefault(name, path)
            services[name] = _merged(services.get(name, {}), normal(body))
    return tuple(_entry(name, places[name], _extended(name, services)) for name in sorted(services))


def document(text: bytes, path: PurePosixPath) -> dict[str, Any]:
    """The mapping under `services`, empty if there is none."""
    try:
        loaded: Any = yaml.load(text, Loader=_Loader)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, RecursionError, *NOT_A_VALUE) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise UserError("not YAML that can be read", where=where, hint=HINT) from None
    if not isinstance(loaded, dict | None):
        raise UserError("not a Compose file: a mapping is expected", where=str(path), hint=HINT)
    found: object = (loaded or {}).get("services") or {}
    if not isinstance(found, dict):
        raise UserError("`services` is not a mapping", where=str(path), hint=HINT)
    return {str(name): body for name, body in found.items()}


def backing(image: str) -> str | None:
    """`postgres` or `redis`, if an image is one of these."""
    return BACKING.get(repository(filled(image) or image).rpartition("/")[2])


def filled(value: Any) -> str | None:
    """A text with the literal defaults of its variables; None where only the environment can tell."""
    if not isinstance(value, str):
        return None
    unclear = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal unclear
        if match[0] == "$$":
            return "$"
        if match[2] in {"-", ":-"}:
            return match[3]
        unclear = True
        return ""

    result = REFERENCE.sub(replaced, value)
    return None if unclear else result


def normal(body: Any) -> dict[str, Any]:
    """A service with its short forms written out, so that two files can be merged."""
    found: dict[str, Any] = dict(body) if isinstance(body, dict) else {}
    build = found.get("build")
    found["build"] = {"context": build} if isinstance(build, str) else build if isinstance(build, dict) else {}
    found["environment"] = _pairs(found.get("environment"))
    depends = found.get("depends_on")
    found["depends_on"] = [str(each) for each in depends] if isinstance(depends, dict | list) else []
    for key in ("ports", "expose"):
        found[key] = found[key] if isinstance(found.get(key), list) else []
    return found


def _pairs(value: Any) -> dict[str, Any]:
    """Variables or arguments, from either form; None for one that is taken from the environment."""
    if isinstance(value, list):
        parts = (str(item).partition("=") for item in value)
        return {name: text if equals else None for name, equals, text in parts}
    return {str(name): item for name, item in value.items()} if isinstance(value, dict) else {}


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        before = base.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            result[key] = before | value
        elif isinstance(before, list) and isinstance(value, list):
            result[key] = [*before, *value]
        else:
            result[key] = value
    return result


def _extended(name: str, services: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A service with those of the same files that it extends."""
    chain: list[dict[str, Any]] = []
    while name in services and len(chain) < LINKS:
        chain.append(services[name])
        link = services[name].get("extends")
        name = str(link.get("service")) if isinstance(link, dict) and "file" not in link else str(link)
    result: dict[str, Any] = {}
    for each in reversed(chain):
        result = _merged(result, each)
    return result


def _entry(name: str, file: PurePosixPath, body: Mapping[str, Any]) -> Entry:
    image = filled(body.get("image"))
    build = _build(body["build"])
    published = [pair for pair in map(_published, body["ports"]) if pair]
    exposed = [port for port in (_port(filled(item)) for item in body["expose"]) if port]
    port, publish = published[0] if published else (exposed[0] if exposed else None, None)
    env, notes = _environment(name, body["environment"])
    if len(published) > 1:
        more = ", ".join(str(port) for port, _ in published[1:])
        notes.append(f"{name}: of its ports only the first is taken over, not {more}")
    return Entry(
        name=name,
        file=file,
        build=build if isinstance(build, Build) else None,
        reason=build if isinstance(build, str) else "",
        args={
            name: text for name, raw in _pairs(body["build"].get("args")).items() if (text := filled(raw)) is not None
        },
        image=repository(image) if image else None,
        port=port,
        publish=publish,
        health=_health(body.get("healthcheck")),
        env=env,
        depends=tuple(sorted(set(body["depends_on"]))),
        backing=backing(str(body.get("image") or "")) if not build else None,
        notes=tuple(notes),
    )


def _build(body: Mapping[str, Any]) -> Build | str | None:
    if not body:
        return None
    if "dockerfile_inline" in body:
        return "its Dockerfile is written in the Compose file"
    context, dockerfile = filled(body.get("context") or "."), filled(body.get("dockerfile") or "Dockerfile")
    target = body.get("target")
    stage = filled(target)
    if context is None or dockerfile is None or (target is not None and stage is None):
        return "its build has variables that only the environment can tell"
    return build_of(context, dockerfile, stage)


def _published(item: Any) -> tuple[int, int | None] | None:
    """Port in the container and on the host of one entry of `ports`; None for ranges, UDP and the unknown."""
    if isinstance(item, dict):
        if str(item.get("protocol", "tcp")) != "tcp":
            return None
        port = _port(filled(item.get("target")))
        return (port, _port(filled(item.get("published")))) if port else None
    if not isinstance(item, str):
        return None
    container, host = item, ""
    for match in reversed(list(re.finditer(r":(?![-?+])", item))):
        if item.count("{", 0, match.start()) == item.count("}", 0, match.start()):
            container, host = item[match.end() :], item[: match.start()]
            break
    text = filled(container) or ""
    port = _port(text.removesuffix("/tcp"))
    side = filled(host)
    return (port, _port(side.rpartition(":")[2] if side else None)) if port else None


def _port(text: str | None) -> int | None:
    return int(text) if text and PORT.fullmatch(text) and int(text) in keys.PORT else None


def _health(check: Any) -> Health | None:
    test = check.get("test") if isinstance(check, dict) else None
    command = " ".join(map(str, test)) if isinstance(test, list) else str(test or "")
    return read_dockerfile.health(filled(command) or command)


def _environment(service: str, variables: Mapping[str, Any]) -> tuple[tuple[Variable, ...], list[str]]:
    """Literal values as they are; what is secret or comes from the environment without a value."""
    found: list[Variable] = []
    notes: list[str] = []
    for name, raw in sorted((str(name), raw) for name, raw in variables.items()):
        value = None if raw is None else str(raw)
        if not VARIABLE.fullmatch(name):
            notes.append(f"{service}: the variable {name} is not taken over ({keys.HINTS[VARIABLE]})")
        elif value is None or "$" in value or SECRET.search(name) or LOGIN.search(value):
            found.append(Variable(name=name, secret=True))
        elif keys.problem(keys.ENV["value"], value):
            notes.append(f"{service}: the variable {name} is not taken over (its value is not one line of text)")
        else:
            found.append(Variable(name=name, value=value))
    return tuple(found), notes
