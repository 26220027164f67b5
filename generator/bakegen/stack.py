"""What a service can be, as plain frozen data: what the folders of stacks and languages say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

Choice = str | bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """An environment variable of a service. A secret has no value in any generated file."""

    name: str
    value: str = ""
    secret: bool = False
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dev:
    """How the `dev` stage is used: the service's folder is mounted at `folder`, volumes keep the folders in `keep`."""

    folder: str
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Defaults:
    """The keys of `[services.NAME]` that a stack brings along."""

    port: int | None = None
    health: str | None = None
    needs: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseImages:
    """The base images of a service: what its build stages start from, and its last one.

    `program` is the interpreter's name in the last one, which has no shell if it is `distroless`.
    """

    build: str
    runtime: str
    program: str
    libc: str

    @property
    def distroless(self) -> bool:
        """Whether the last stage has nothing but what the program needs: no shell, and an entrypoint of its own."""
        return "distroless" in self.runtime


@dataclass(frozen=True, kw_only=True, slots=True)
class Distro:
    """A flavour of a language's base images, for some of its versions or (empty) for all."""

    base: BaseImages
    versions: tuple[str, ...] = ()

    def of(self, version: str) -> BaseImages:
        """The base images of a version of the language."""
        build, runtime = (image.format(version=version) for image in (self.base.build, self.base.runtime))
        return replace(self.base, build=build, runtime=runtime)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pnpm:
    """The versions of pnpm that a workspace can have, the first by default, and the versions of Node.js they run on."""

    versions: tuple[str, ...]
    node: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """Where code of a language reads environment variables (docs/variables.md has the keys)."""

    suffixes: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    provided: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """What stacks of one language share, read from languages/<id>/language.toml; the first version is the default.

    `version_file` tells a developer's own tools the version.
    """

    id: str
    versions: tuple[str, ...]
    version_file: str
    distros: Mapping[str, Distro]
    end_of_life: Mapping[str, date]
    environment: Environment
    pnpm: Pnpm | None = None

    @property
    def base(self) -> BaseImages:
        """The base images of a service that chooses neither flavour nor version."""
        return next(iter(self.distros.values())).of(self.versions[0])


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """A key of `[services.NAME]` that a stack adds; the first choice is the default."""

    choices: tuple[Choice, ...]
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """The kind of a service, read from stacks/<id>/stack.toml (see docs/stacks.md for the keys)."""

    id: str
    description: str
    language: str | None = None
    role: str | None = None
    names: tuple[str, ...] = ()
    context: str = "project"
    managed: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    secrets: Mapping[str, str] = field(default_factory=dict, hash=False)
    source_file: str | None = None
    package_managers: Mapping[str, str] = field(default_factory=dict, hash=False)
    distros: Mapping[str, Distro] = field(default_factory=dict, hash=False)
    options: Mapping[str, Option] = field(default_factory=dict, hash=False)
    defaults: Defaults = field(default_factory=Defaults)
    dev: Dev | None = None
