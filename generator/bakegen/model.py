"""What a project is: plain frozen data, with the rules that a single value must keep.

Rules between values (a port twice, a need that is nobody's name) live in project_reader.py, which knows the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

PLATFORMS = ("linux/amd64", "linux/arm64")
CACHES = ("gha", "registry", "none")
BACKING = ("postgres", "redis")
NODE_VERSIONS = ("24", "22", "26")
PYTHON_VERSIONS = ("3.13", "3.12", "3.14")

NAME = re.compile(r"(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
PATH = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
IMAGES = re.compile(
    r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*"
)  # https://github.com/distribution/reference, without tag and digest
STAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
HEALTH = re.compile(r"/[A-Za-z0-9._~/%-]*")
REPOSITORY = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._~/-]+")

# Names that generated files use for something else, and words that YAML 1.1 does not read as text.
YAML_WORDS = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})
RESERVED = frozenset({"buildcache", "database", "default", "test", *BACKING}) | YAML_WORDS


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
    args: tuple[str, ...] = ()
    defaults: Defaults = field(default_factory=Defaults)
    dev: Dev | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """Where a Dockerfile of the user's own is, and what it is built from; None for a stack's usual places."""

    context: str | None = None
    dockerfile: PurePosixPath | None = None
    target: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One image and how it runs."""

    name: str
    stack: Stack
    path: PurePosixPath
    slug: str
    port: int | None = None
    publish: int | None = None
    health: str | None = None
    needs: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()
    build: Build = field(default_factory=Build)

    @property
    def context(self) -> str:
        """The build context, relative to the project root."""
        if self.build.context:
            return self.build.context
        return "." if self.stack.context == "project" else str(self.path)

    @property
    def dockerfile(self) -> PurePosixPath:
        """The Dockerfile, relative to the project root."""
        return self.build.dockerfile or self.path / "Dockerfile"

    @property
    def dockerfile_in_context(self) -> str:
        """The Dockerfile, relative to the build context."""
        context, file = PurePosixPath(self.context).parts, self.dockerfile.parts
        shared = 0
        while shared < min(len(context), len(file) - 1) and context[shared] == file[shared]:
            shared += 1
        return str(PurePosixPath(*[".."] * (len(context) - shared), *file[shared:]))

    @property
    def target(self) -> str | None:
        """The stage that the image is, None for the last."""
        return self.build.target

    @property
    def variable(self) -> str:
        """The name as part of a variable's name: `web-shop` is `WEB_SHOP`."""
        return self.name.upper().replace("-", "_")

    @property
    def package(self) -> str:
        """The name in pyproject.toml or package.json; the slug keeps it apart from its own dependencies."""
        return f"{self.slug}-{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Versions:
    """Language versions: the tag of the base images and what .nvmrc and .python-version say."""

    node: str
    python: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """Every answer that reaches any file. Services are sorted by name, whatever their order in bakegen.toml."""

    name: str
    slug: str
    description: str
    repository: str
    images: str
    platforms: tuple[str, ...]
    cache: str
    versions: Versions
    services: tuple[Service, ...] = ()
    unmanaged: tuple[PurePosixPath, ...] = ()
    adopted: tuple[PurePosixPath, ...] = ()

    @property
    def registry(self) -> str:
        """The host part of `images`, as `docker login` wants it."""
        host, slash, _ = self.images.partition("/")
        return host if slash and ("." in host or ":" in host or host == "localhost") else "docker.io"

    @property
    def backing(self) -> tuple[str, ...]:
        """The databases and queues that any service needs, sorted."""
        return tuple(sorted({need for service in self.services for need in service.needs} & set(BACKING)))

    def with_service(self, service: Service) -> Project:
        """The project with one more service, at its sorted place."""
        return replace(self, services=tuple(sorted((*self.services, service), key=lambda each: each.name)))

    def service(self, name: str) -> Service:
        """The service of that name; KeyError if there is none."""
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """A GitHub Action pinned by commit; printed as the value of `uses`, with its version as comment."""

    name: str
    version: str
    sha: str

    def __str__(self) -> str:
        return f"{self.name}@{self.sha} # {self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pins:
    """Versions, image tags and commits that generated files name, read from pins.toml."""

    actions: Mapping[str, Action]
    images: Mapping[str, str]
    tools: Mapping[str, str]
    minimum: Mapping[str, str]
