"""bakegen.toml read into a Project, with the line of whatever is wrong in it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from bakegen import keys, run_clashes, running, service_clashes, surroundings, versions
from bakegen.catalog import Catalog, variable
from bakegen.errors import UserError, meant
from bakegen.model import Build, Project, Service, Versions
from bakegen.pipeline import Pipeline
from bakegen.project_document import FILE, Lines, values
from bakegen.rules import BUILD_VARIABLES, NAME, PATH, PLATFORMS, RESERVED, VARIABLE
from bakegen.stack import Stack, Variable

TYPES = {str: "a string", int: "an integer", bool: "true or false", list: "a list of strings", dict: "a table"}


def load(data: bytes, catalog: Catalog, own: Collection[str] | None = None) -> Project:
    """The Project that a bakegen.toml describes.

    `own` are the packages of the workspace that the user wrote; None: nobody looked, and any name may be one.
    Raises UserError with the line for anything that is not TOML, not a known key or not a possible value.
    """
    return _Reader(data, catalog, own=own).project()


def from_answers(project: Mapping[str, Any], services: Mapping[str, Mapping[str, Any]], catalog: Catalog) -> Project:
    """The Project of the answers that a lock holds; UserError if this version finds them impossible."""
    return _Reader(b"", catalog, {**project, "services": services}).project()


class _Reader:
    def __init__(
        self,
        data: bytes,
        catalog: Catalog,
        document: Mapping[str, Any] | None = None,
        own: Collection[str] | None = None,
    ) -> None:
        self.values = values(data) if document is None else document
        self.lines = Lines(data)
        self.catalog = catalog
        self.own = own

    def project(self) -> Project:
        self._known(self.values, ("project", "pipeline", "versions", "services"))
        project = self._table(keys.project(self.catalog.hosts, self.catalog.features), "project")
        pipeline = self._table(keys.PIPELINE, "pipeline")
        chosen = self._table(keys.versions(self.catalog.languages.values()), "versions")
        services = self._tables("services")
        read = tuple(self._service(name, project["slug"]) for name in sorted(services))
        found = Project(
            name=project["name"],
            slug=project["slug"],
            description=project.get("description", ""),
            repository=project["repository"],
            images=project["images"],
            platforms=tuple(sorted(set(project.get("platforms", PLATFORMS)))),
            cache=project.get("cache", "gha"),
            versions=Versions(**({"pnpm": self.catalog.pnpm.versions[0]} | chosen)),
            services=read,
            unmanaged=tuple(PurePosixPath(path) for path in sorted(set(project.get("unmanaged", [])))),
            adopted=tuple(PurePosixPath(path) for path in sorted(set(project.get("adopted", [])))),
            hosts=tuple(self.catalog.hosts[name] for name in sorted(set(project.get("hosts", [])))),
            region=project.get("region", running.HOME),
            features=tuple(self.catalog.features[name] for name in sorted(set(project.get("features", [])))),
            source=project.get("source", ""),
            mirrors=tuple(sorted(set(project.get("mirrors", [])))),
            pipeline=Pipeline(**pipeline),
        )
        packages = None if self.own is None else {*self.catalog.packages, *self.own}
        clashes = chain(
            service_clashes.clashes(found, packages, self.catalog),
            surroundings.clashes(found),
            run_clashes.clashes(found),
            versions.clashes(found, self.catalog.languages),
        )
        for clash in clashes:
            raise self.fail(clash.key, clash.message, clash.hint)
        return found

    def fail(self, path: tuple[str, ...], message: str, hint: str = "") -> UserError:
        return UserError(message, where=f"{FILE}:{self.lines.line(*path)}", hint=hint)

    def _known(self, table: Mapping[str, object], known: Iterable[str], *path: str) -> None:
        for key in table:
            if key not in known:
                hint = meant(key, known, f"known keys: {', '.join(known)}")
                raise self.fail((*path, key), f"unknown key: {'.'.join((*path, key))}", hint)

    def _tables(self, *path: str) -> Mapping[str, Any]:
        table: Any = self.values
        for key in path:
            table = table.get(key, {})
            if not isinstance(table, dict):
                dotted = ".".join(path)
                raise self.fail(path, f"{dotted} must be a table", f"write it as a table of its own: [{dotted}]")
        return table  # type: ignore[no-any-return]  # tomllib's tables are dict[str, Any]

    def _table(self, known: Mapping[str, keys.Key], *path: str) -> dict[str, Any]:
        table = self._tables(*path)
        self._known(table, known, *path)
        for name, key in known.items():
            dotted = ".".join((*path, name))
            if name not in table:
                if key.required:
                    raise self.fail(path, f"missing key: {dotted}", f'for example: {name} = "{key.example}"')
                continue
            value = table[name]
            items = value if isinstance(value, list) else []
            if type(value) is not key.kind or any(type(item) is not str for item in items):
                example = f"for example: {name} = {keys.example(key)}"
                hint = f"write it as a table of its own: [{dotted}]" if key.kind is dict else example
                raise self.fail((*path, name), f"{dotted} must be {TYPES[key.kind]}", hint)
            hint = keys.problem(key, value)
            if hint:
                raise self.fail((*path, name), f"{dotted} = {shown(value)} is not possible", hint)
        return dict(table)

    def _service(self, name: str, slug: str) -> Service:
        path = ("services", name)
        try:
            check_name(name)
        except UserError as error:
            small = name.lower()
            if small != name and small in self._tables("services"):
                message = f"{name!r} and {small!r} differ only in case"
                raise self.fail(path, message, "write it in lower case, and give one of them another name") from None
            raise self.fail(path, error.message, error.hint) from None
        stack = self._stack(*path)
        table = self._table(keys.SERVICE | keys.options(stack), *path)
        if "health" in table and "port" not in table:
            raise self.fail((*path, "health"), f"services.{name}.health needs a port", "add: port = 8000")
        if "publish" in table and "port" not in table:
            raise self.fail((*path, "publish"), f"services.{name}.publish needs a port", "add: port = 8000")
        return Service(
            name=name,
            stack=stack,
            path=PurePosixPath(table["path"]),
            slug=slug,
            port=table.get("port"),
            publish=table.get("publish"),
            health=table.get("health"),
            needs=tuple(sorted(set(table.get("needs", [])))),
            budget=table.get("budget"),
            env=tuple(self._variable(*path, "env", item) for item in sorted(table.get("env", {}))),
            uses=tuple(sorted(set(table.get("uses", [])))),
            chosen={option: table[option] for option in stack.options if option in table},
            build=self._build(table, stack, *path),
            run=running.run_of(table, self._processes(*path, "processes")),
        )

    def _stack(self, *path: str) -> Stack:
        """The stack that a service names: it says which keys there are."""
        named = self._tables(*path).get("stack")
        if not isinstance(named, str):
            self._table(keys.SERVICE, *path)  # raises: that key is missing, or no string
        try:
            return self.catalog.stack(str(named))
        except UserError as error:
            raise self.fail((*path, "stack"), error.message, error.hint) from None

    def _build(self, table: Mapping[str, Any], stack: Stack, *path: str) -> Build:
        for key in keys.BUILD:
            if key in table and "Dockerfile" in stack.managed:
                message = f"services.{path[-1]}.{key} is for a Dockerfile of your own, and {stack.id} brings one"
                raise self.fail((*path, key), message, 'take it out, or say: stack = "dockerfile"')
            if key != "target" and ".." in PurePosixPath(str(table.get(key, ""))).parts:
                raise self.fail((*path, key), f"{table[key]} is not inside the project", keys.HINTS[PATH])
        for name in table.get("build_secrets", []):
            if name in BUILD_VARIABLES:
                message = f"services.{path[-1]}.build_secrets: {name} is a variable of the build itself"
                raise self.fail((*path, "build_secrets"), message, "give the secret another name")
        dockerfile = table.get("dockerfile")
        return Build(
            context=table.get("context"),
            dockerfile=PurePosixPath(dockerfile) if dockerfile is not None else None,
            target=table.get("target"),
            args={name: self._build_arg(*path, "build_args", name) for name in sorted(table.get("build_args", {}))},
            secrets=tuple(sorted(set(table.get("build_secrets", [])))),
        )

    def _build_arg(self, *path: str) -> str:
        if not VARIABLE.fullmatch(path[-1]):
            raise self.fail(path, f"{path[-1]} is not the name of a build argument", keys.HINTS[VARIABLE])
        return self._text(keys.BUILD_ARGS, *path)

    def _processes(self, *path: str) -> dict[str, str]:
        found = {}
        for name in self._tables(*path):
            if not NAME.fullmatch(name):
                raise self.fail((*path, name), f"{name!r} is not the name of a process", keys.HINTS[NAME])
            found[name] = self._text(keys.PROCESS, *path, name)
        return found

    def _text(self, key: keys.Key, *path: str) -> str:
        value = self._tables(*path[:-1])[path[-1]]
        if not isinstance(value, str) or keys.problem(key, value):
            hint = f"for example: {path[-1]} = {keys.example(key)}"
            raise self.fail(path, f"{path[-1]} must be one line of text", hint)
        return value

    def _variable(self, *path: str) -> Variable:
        name = path[-1]
        if not VARIABLE.fullmatch(name):
            raise self.fail(path, f"{name} is not a variable name", keys.HINTS[VARIABLE])
        value = self._tables(*path[:-1])[name]
        if isinstance(value, str):
            if keys.problem(keys.ENV["value"], value):
                raise self.fail(path, f"the value of {name} is not possible", keys.HINTS[keys.TEXT])
            return variable(name, value)
        if not isinstance(value, dict):
            raise self.fail(path, f"{name} must be a string or a table", f'for example: {name} = "info"')
        table = self._table(keys.ENV, *path)
        if table.get("secret") and table.get("value"):
            raise self.fail(
                path, f"{name} is a secret and has a value in the file", "delete the value, keep it in .env"
            )
        return variable(name, table)


def check_name(name: str) -> None:
    """Raise UserError unless a service can have this name."""
    if not NAME.fullmatch(name):
        raise UserError(f"{name!r} is not a service name", hint=keys.HINTS[NAME])
    if name in RESERVED:
        raise UserError(f"{name!r} is reserved", hint=f"reserved: {', '.join(sorted(RESERVED))}")


def shown(value: object) -> str:
    """A value as it could stand in the file."""
    if isinstance(value, list):
        return f"[{', '.join(shown(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)
