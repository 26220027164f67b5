"""What a project is, as plain frozen data. What a single value may be stands in rules.py, what does not go together in
the modules of clashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bakegen.extras import Feature, Host
from bakegen.pipeline import Pipeline
from bakegen.registry import Registry, registry_of
from bakegen.rules import ADDRESSES, BACKING, BUDGET, UNITS, Kind
from bakegen.running import HOME, Run
from bakegen.stack import BaseImages, Choice, Distro, Stack, Variable


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """Where a Dockerfile of the user's own is, and what it is built from; None for a stack's usual places.

    `args` become build arguments, `secrets` are names of environment variables that become build secrets.
    """

    context: str | None = None
    dockerfile: PurePosixPath | None = None
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict, hash=False)
    secrets: tuple[str, ...] = ()


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
    budget: str | None = None
    env: tuple[Variable, ...] = ()
    uses: tuple[str, ...] = ()
    chosen: Mapping[str, Choice] = field(default_factory=dict, hash=False)
    build: Build = field(default_factory=Build)
    run: Run = field(default_factory=Run)

    @property
    def public(self) -> bool:
        """Whether people reach it from outside: any service with a port, unless it says otherwise."""
        return self.port is not None and self.run.public is not False

    @property
    def options(self) -> Mapping[str, Choice]:
        """The stack's options with what was chosen, or their defaults."""
        return {name: self.chosen.get(name, option.choices[0]) for name, option in self.stack.options.items()}

    @property
    def member(self) -> bool:
        """Whether its packages come from the pnpm workspace at the root."""
        return self.options.get("package_manager") == "pnpm"

    @property
    def package_managers(self) -> Mapping[str, str]:
        """Where its packages are locked, relative to the project root, and what locks them; empty for a stack of none."""
        chosen = self.options.get("package_manager")
        own = {} if chosen is None else {"." if self.member else str(self.path): str(chosen)}
        return own | {str(self.path / folder): manager for folder, manager in self.stack.package_managers.items()}

    @property
    def budget_bytes(self) -> int | None:
        """What the image may weigh on each platform, in compressed bytes."""
        parts = BUDGET.fullmatch(self.budget or "")
        return int(float(parts[1]) * UNITS[parts[2]]) if parts else None

    @property
    def distro(self) -> Distro:
        """The flavour of its base images; by default the first that its stack, or its language, has."""
        return self.stack.distros[str(self.options.get("distro", next(iter(self.stack.distros))))]

    @property
    def build_args(self) -> Mapping[str, str]:
        """The build arguments of this service alone, sorted."""
        return dict(sorted(self.build.args.items()))

    @property
    def build_secrets(self) -> tuple[str, ...]:
        """The names of the build secrets of this service alone, sorted: environment variables where it is built."""
        return self.build.secrets

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
class Process:
    """What one container runs: an image's own command (None), or another one in the image of the same service."""

    name: str
    service: Service
    command: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """An environment variable where a service runs. `value` is the text of one of the kind `value`; `service` the other
    service that one of the kind `service` has the address of.
    """

    name: str
    kind: Kind
    value: str = ""
    service: Service | None = None
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Versions:
    """Language versions: the tag of the base images and what .nvmrc and .python-version say."""

    node: str
    python: str
    pnpm: str


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
    hosts: tuple[Host, ...] = ()
    region: str = HOME
    features: tuple[Feature, ...] = ()
    source: str = ""
    mirrors: tuple[str, ...] = ()
    pipeline: Pipeline = field(default_factory=Pipeline)

    @property
    def registry(self) -> Registry:
        """The registry of `images`."""
        return registry_of(self.images)

    @property
    def registries(self) -> tuple[Registry, ...]:
        """The registries that a release goes to: that of `images`, then those of the mirrors."""
        return tuple(dict.fromkeys((self.registry, *map(registry_of, self.mirrors))))

    @property
    def deploys(self) -> bool:
        """Whether there is a host that CI deploys to."""
        return any(host.deploys for host in self.hosts)

    @property
    def processes(self) -> tuple[Process, ...]:
        """What runs: of each service its image's own command, and its further processes; sorted by name."""
        own = [Process(name=service.name, service=service) for service in self.services]
        further = [
            Process(name=f"{service.name}-{name}", service=service, command=command)
            for service in self.services
            for name, command in service.run.processes.items()
        ]
        return tuple(sorted((*own, *further), key=lambda process: process.name))

    @property
    def backing(self) -> tuple[str, ...]:
        """The databases and queues that any service needs, sorted."""
        return tuple(sorted({need for service in self.services for need in service.needs} & set(BACKING)))

    @property
    def stack_secrets(self) -> Mapping[str, str]:
        """The build secrets that stacks can do without, sorted, and what an image is without each."""
        found = {name: text for service in self.services for name, text in service.stack.secrets.items()}
        return dict(sorted(found.items()))

    @property
    def build_secrets(self) -> tuple[str, ...]:
        """The build secrets of all services, sorted."""
        return tuple(sorted({name for service in self.services for name in self.image_secrets(service)}))

    @property
    def members(self) -> tuple[Service, ...]:
        """The services in the pnpm workspace at the root, sorted."""
        return tuple(service for service in self.services if service.member)

    @property
    def pnpm(self) -> bool:
        """Whether there is a pnpm workspace at the root: any service is a member."""
        return bool(self.members)

    @property
    def workspace_paths(self) -> tuple[PurePosixPath, ...]:
        """Where the members and packages of the workspace are, sorted."""
        packages = (PurePosixPath("packages", package) for package in self.packages)
        return tuple(sorted((*packages, *(member.path for member in self.members))))

    @property
    def workspace_args(self) -> Mapping[str, str]:
        """The build arguments of all members, sorted: the workspace is installed for all of them at once."""
        return dict(sorted((name, value) for member in self.members for name, value in member.build.args.items()))

    @property
    def workspace_secrets(self) -> tuple[str, ...]:
        """The names of the build secrets of all members, sorted."""
        return tuple(sorted({name for member in self.members for name in member.build.secrets}))

    def install_secrets(self, service: Service) -> tuple[str, ...]:
        """The build secrets that installing takes, sorted: a member of the workspace installs what all members use."""
        return self.workspace_secrets if service.member else service.build.secrets

    def image_secrets(self, service: Service) -> tuple[str, ...]:
        """The build secrets of an image, sorted: of its packages, and those that its stack can do without."""
        return tuple(sorted({*service.stack.secrets, *self.install_secrets(service)}))

    @property
    def packages(self) -> tuple[str, ...]:
        """The internal packages of the workspace that any member uses, sorted."""
        return tuple(sorted({package for member in self.members for package in member.uses}))

    def version(self, language: str) -> str:
        """The version of a language that the project's services run on."""
        version: str = getattr(self.versions, language)
        return version

    def base(self, service: Service) -> BaseImages:
        """The base images of a service whose stack has a language."""
        return service.distro.of(self.version(str(service.stack.language)))

    def with_service(self, service: Service) -> Project:
        """The project with one more service, at its sorted place."""
        return replace(self, services=tuple(sorted((*self.services, service), key=lambda each: each.name)))

    def environment(self, service: Service) -> tuple[Setting, ...]:
        """The environment variables of a service, sorted by name: what it names itself wins over what needs give."""
        found: dict[str, Setting] = {}
        for need in service.needs:
            if need in ADDRESSES:
                kind, name = ADDRESSES[need]
                found[name] = Setting(name=name, kind=kind, description=f"Address of {need}")
            else:
                other = self.service(need)
                name = f"{other.variable}_URL"
                found[name] = Setting(name=name, kind="service", service=other, description=f"Address of {need}")
        for each in service.env:
            kind = "secret" if each.secret else "value"
            found[each.name] = Setting(name=each.name, kind=kind, value=each.value, description=each.description)
        return tuple(found[name] for name in sorted(found))

    def host(self, name: str) -> Host:
        """The chosen host of that id; KeyError if it is not chosen."""
        return {host.id: host for host in self.hosts}[name]

    def service(self, name: str) -> Service:
        """The service of that name; KeyError if there is none."""
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)
