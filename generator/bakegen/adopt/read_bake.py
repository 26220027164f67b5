"""Bake files -> the targets that make images, as `docker buildx bake` would find them without `-f`.

Files are merged in buildx's order; targets of one name merge attribute by attribute, of two groups the last one counts.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import hcl2

from bakegen.adopt import files as known
from bakegen.adopt.facts import Build, Omitted, Target, build_of, repository
from bakegen.adopt.values import Scope, Unclear
from bakegen.bake import reached
from bakegen.errors import UserError

NAME = re.compile(r"[A-Za-z0-9_-]+")
NO_IMAGE = frozenset({"cacheonly", "local", "tar"})
COMBINATIONS = 1000  # of one matrix
SOURCE = "org.opencontainers.image.source"
UNCLEAR = "only bake can tell"
HINT = "see: docker buildx bake --print"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bake:
    """What the files mean together. `names` has all targets, also those that make no image, and whole matrices.

    `dockerfiles` are all that any of them builds from; `groups` has the targets reached from each group, None where only bake can tell; `unclear` names the blocks whose
    expanded names only bake can tell.
    """

    targets: tuple[Target, ...] = ()
    omitted: tuple[Omitted, ...] = ()
    names: frozenset[str] = frozenset()
    dockerfiles: frozenset[PurePosixPath] = frozenset()
    groups: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Definition:
    block: Mapping[str, Any]
    scope: Scope
    file: PurePosixPath


def read(files: Mapping[PurePosixPath, bytes]) -> Bake:
    """What these bake files mean; UserError with file and line for one that cannot be read."""
    reader = _Reader()
    for path in sorted(files, key=known.BAKE.index):
        try:
            reader.add(path, *_parsed(path, files[path]))
        except RecursionError:
            raise UserError("the file is nested too deeply", where=str(path), hint=HINT) from None
    try:
        return reader.bake()
    except RecursionError:
        where = ", ".join(str(path) for path in files)
        raise UserError("targets inherit from each other too deeply", where=where, hint=HINT) from None


def _parsed(path: PurePosixPath, text: bytes) -> tuple[dict[str, Any], bool]:
    """The document, and whether its strings are written with quotes."""
    try:
        if path.suffix == ".json":
            document = json.loads(text.decode("utf-8-sig"))
            return document if isinstance(document, dict) else {}, False
        return hcl2.loads(text.decode("utf-8-sig", "replace")), True
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001  (python-hcl2 raises lark's, RuntimeError and others)
        line = getattr(error, "line", getattr(error, "lineno", 0))
        where = f"{path}:{line}" if isinstance(line, int) and line > 0 else str(path)
        raise UserError("not a bake file that can be read", where=where, hint=HINT) from None


class _Reader:
    def __init__(self) -> None:
        self.variables: dict[str, Any] = {}
        self.scopes = {quoted: Scope(self.variables, quoted=quoted) for quoted in (True, False)}
        self.blocks: dict[str, list[_Definition]] = {}
        self.groups: dict[str, tuple[Any, Scope]] = {}
        self.definitions: dict[str, list[_Definition]] = {}
        self.unclear: set[str] = set()
        self.resolved: dict[str, dict[str, Any]] = {}
        self.parents: set[str] = set()

    def add(self, path: PurePosixPath, document: Mapping[str, Any], quoted: bool) -> None:  # noqa: FBT001  (_parsed's)
        scope = self.scopes[quoted]
        for key, value in document.items():
            if key not in {"variable", "function", "group", "target"} and not key.startswith("__"):
                self.variables[key] = value if quoted else _as_hcl(value)
        for name, block in _blocks(document, "variable"):
            if "default" in block:
                self.variables[name] = block["default"] if quoted else _as_hcl(block["default"])
        for name, block in _blocks(document, "group"):
            self.groups[name] = (block.get("targets", []), scope)
        for name, block in _blocks(document, "target"):
            self.blocks.setdefault(name, []).append(_Definition(block=block, scope=scope, file=path))

    def bake(self) -> Bake:
        lists = {name: self._members(raw, scope) for name, (raw, scope) in self.groups.items()}
        for name, definitions in self.blocks.items():
            self._expand(name, definitions, lists)
        for name in self.definitions:
            self._attributes(name)
        builds = [self._build(found) for found in self.resolved.values()]
        groups = {name: reached(name, lists) for name in lists}
        listed = {member for members in groups.values() for member in members or ()}
        targets: list[Target] = []
        omitted = [
            Omitted(name=name, where=str(self.blocks[name][0].file), reason=f"its matrix has names that {UNCLEAR}")
            for name in self.unclear
        ]
        for name in self.definitions:
            if name.startswith("_") or (name in self.parents and name not in listed):
                continue
            found = self._target(name)
            if isinstance(found, Target):
                targets.append(found)
            else:
                omitted.append(found)
        return Bake(
            targets=tuple(sorted(targets, key=lambda each: each.name)),
            omitted=tuple(sorted(omitted, key=lambda each: each.name)),
            names=frozenset({*self.definitions, *self.blocks}),
            dockerfiles=frozenset(build.dockerfile for build in builds if isinstance(build, Build)),
            groups=groups,
            unclear=frozenset(self.unclear),
        )

    def _members(self, raw: Any, scope: Scope) -> frozenset[str] | None:
        value = scope.literal(raw)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return frozenset(value)
        return None

    def _expand(self, name: str, definitions: list[_Definition], lists: dict[str, frozenset[str] | None]) -> None:
        """The targets that a block makes: itself, or the combinations of its matrix, as members of a group."""
        made: set[str] = set()
        for definition in definitions:
            if "matrix" not in definition.block:
                self.definitions.setdefault(name, []).append(definition)
                continue
            try:
                for scope in _combinations(definition):
                    own = str(scope.value(definition.block.get("name", name)))
                    if not NAME.fullmatch(own):
                        raise Unclear  # noqa: TRY301  (as for any other name that bake refuses)
                    each = _Definition(block=definition.block, scope=scope, file=definition.file)
                    self.definitions.setdefault(own, []).append(each)
                    made.add(own)
            except Unclear:
                self.unclear.add(name)
        if made:
            lists[name] = frozenset(made) - {name}

    def _attributes(self, name: str, above: tuple[str, ...] = ()) -> dict[str, Any]:
        """A target's attributes with those that it inherits; a value is Unclear where only bake can tell it."""
        if name in self.resolved or name in above:
            return self.resolved.get(name, {})
        merged: dict[str, Any] = {}
        for definition in self.definitions.get(name, []):
            own: dict[str, Any] = {key: _value(definition, raw) for key, raw in definition.block.items()}
            parents = own.pop("inherits", [])
            for parent in parents if isinstance(parents, list) else [Unclear]:
                if isinstance(parent, str):
                    self.parents.add(parent)
                    inherited = self._attributes(parent, (*above, name))
                    args = {**_dict(merged.get("args")), **_dict(inherited.get("args"))}
                    merged |= inherited | {"args": args}
                else:
                    merged["context"] = Unclear
            contexts = own.get("contexts")
            if isinstance(contexts, dict):
                self.parents |= {
                    str(link).removeprefix("target:")
                    for link in contexts.values()
                    if isinstance(link, str) and link.startswith("target:")
                }
            args = {**_dict(merged.get("args")), **_dict(own.get("args"))}
            merged |= {key: value for key, value in own.items() if value is not None} | {"args": args}
        self.resolved[name] = merged
        return merged

    def _target(self, name: str) -> Target | Omitted:
        file = self.definitions[name][0].file
        found = self.resolved[name]
        output = [_kind(item) for item in found.get("output", []) or []] if _is_list(found.get("output", [])) else []
        if (output and set(output) <= NO_IMAGE) or found.get("call", "build") not in ("build", Unclear):
            return Omitted(name=name, where=str(file), reason="it makes no image")
        tags = found.get("tags", [])
        build = self._build(found)
        source = _pairs(found.get("labels")).get(SOURCE)
        return Target(
            name=name,
            file=file,
            build=build if isinstance(build, Build) else None,
            reason=build if isinstance(build, str) else "",
            args=_pairs(found.get("args")),
            images=tuple(repository(tag) for tag in tags if isinstance(tag, str)) if _is_list(tags) else (),
            platforms=_texts(found.get("platforms")),
            source=source,
        )

    def _build(self, found: Mapping[str, Any]) -> Build | str:
        if "dockerfile-inline" in found:
            return "its Dockerfile is written in the bake file"
        parts = [found.get("context", "."), found.get("dockerfile", "Dockerfile"), found.get("target")]
        for key, part in zip(("context", "dockerfile", "target"), parts, strict=True):
            if part is not None and not isinstance(part, str):
                return f"its {key} is an expression that {UNCLEAR}"
        return build_of(str(parts[0]), str(parts[1]), parts[2])


def _blocks(document: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Label and body of each block: HCL gives a list of them, JSON an object or a list of such."""
    entries = document.get(kind, [])
    for entry in entries if isinstance(entries, list) else [entries]:
        for label, block in entry.items() if isinstance(entry, dict) else ():
            for body in block if isinstance(block, list) else [block]:
                if isinstance(body, dict):
                    yield label.strip('"'), body


def _as_hcl(value: Any) -> Any:
    """A value of JSON as python-hcl2 would give it, for the names that both kinds of files share."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return [_as_hcl(item) for item in value]
    return {key: _as_hcl(item) for key, item in value.items()} if isinstance(value, dict) else value


def _value(definition: _Definition, raw: Any) -> Any:
    """The value, with Unclear (the class) for what is; of a list or an object each item for itself."""
    if isinstance(raw, list):
        return [_value(definition, item) for item in raw]
    if isinstance(raw, dict):
        pairs = ((key, _value(definition, item)) for key, item in raw.items() if key != "__is_block__")
        return {key.strip('"'): value for key, value in pairs}
    try:
        return definition.scope.value(raw)
    except Unclear:
        return Unclear


def _combinations(definition: _Definition) -> Iterator[Scope]:
    matrix = definition.block["matrix"]
    axes = {str(key).strip('"'): definition.scope.value(values) for key, values in dict(matrix).items()}
    size = 1
    for values in axes.values():
        if not isinstance(values, list):
            raise Unclear
        size *= len(values)
    if size > COMBINATIONS:
        raise Unclear
    for values in itertools.product(*axes.values()):
        yield definition.scope.with_values(dict(zip(axes, values, strict=True)))


def _kind(output: Any) -> str:
    """The type of an output: `type=docker,…`, an object with `type`, or a folder."""
    if isinstance(output, dict):
        return str(output.get("type", ""))
    if not isinstance(output, str):
        return "unclear"
    fields = dict(part.partition("=")[::2] for part in output.split(","))
    return fields.get("type", "local")


def _pairs(value: Any) -> dict[str, str]:
    """The literal entries of an object, as Docker gets them."""
    items = value.items() if isinstance(value, dict) else ()
    return {key: str(item) for key, item in items if isinstance(item, str | int | float)}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
