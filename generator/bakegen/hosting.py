"""What hosts make of a project: where each variable comes from there, and what they have no place for (host.toml)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bakegen.extras import Host
from bakegen.model import Project, Service, Setting
from bakegen.running import HOME, Run, run_of

# Where compose.yaml, with compose.override.yaml on top, has variables from on a developer's machine.
DEVELOPMENT: Mapping[str, str] = {
    "value": "compose.yaml",
    "secret": ".env",
    "postgres": "compose.yaml",
    "redis": "compose.yaml",
    "service": "compose.yaml",
}
USUAL = Run()
LOCAL = re.compile(r"(?:^|//|[@,\s])(?:localhost|127\.0\.0\.1|\[::1\])(?![\w.-])")
PLAIN = re.compile(r"[\w./:@%+,=-]*", re.ASCII)

# The keys that a host may have no place for, and whether a service, or the project, says something else than usual.
# A host of one platform is no matter while images are made for it too.
OF_A_SERVICE: Mapping[str, Callable[[Service], bool]] = {
    "cpus": lambda service: service.run.cpus != USUAL.cpus,
    "domains": lambda service: bool(service.run.domains),
    "health": lambda service: service.health is not None,
    "max_replicas": lambda service: service.run.max_replicas is not None,
    "memory": lambda service: service.run.memory != USUAL.memory,
    "postgres": lambda service: "postgres" in service.needs,
    "pre_deploy": lambda service: service.run.pre_deploy is not None,
    "processes": lambda service: bool(service.run.processes),
    "public": lambda service: service.port is not None and not service.public,
    "redis": lambda service: "redis" in service.needs,
    "regions": lambda service: bool(service.run.regions),
    "replicas": lambda service: service.run.replicas != USUAL.replicas,
}
OF_THE_PROJECT: Mapping[str, Callable[[Project], bool]] = {
    "platforms": lambda project: "linux/amd64" not in project.platforms,
    "region": lambda project: project.region != HOME,
}
# What of a service is compared with a host's [most].
AMOUNTS: Mapping[str, Callable[[Run], int]] = {
    "cpus": lambda run: run.millicpus,
    "memory": lambda run: run.memory_mib,
    "replicas": lambda run: run.replicas,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """A variable of a service, and where it comes from: on a developer's machine and on each host, by its id."""

    service: Service
    setting: Setting
    sources: Mapping[str, str]


def sources_by_host(project: Project) -> Mapping[str, Mapping[str, str]]:
    """Where variables of each kind come from on each host, by its id; and on a developer's machine, which comes first."""
    return {"development": DEVELOPMENT} | {host.id: host.sources for host in project.hosts}


def origins(project: Project) -> tuple[Origin, ...]:
    """Where every variable of every service comes from, sorted by service and variable."""
    found = sources_by_host(project)
    return tuple(
        Origin(
            service=service,
            setting=setting,
            sources={name: sources[setting.kind] for name, sources in found.items() if setting.kind in sources},
        )
        for service in project.services
        for setting in project.environment(service)
    )


def dotenv(project: Project, services: Iterable[Service], host: Host) -> Iterator[str]:
    """The lines of a template with every variable: what comes from where secrets do, once, and in comments all else."""
    secrets = host.sources.get("secret", "")
    seen: set[str] = set()
    yield f"# {host.id}: {secrets}. What is in a comment comes from elsewhere, or stands above."
    for service in services:
        yield from ("", f"# {service.name}")
        for need in sorted(host.by_hand.keys() & set(service.needs)):
            name = host.by_hand[need]
            yield from (f"# For {need}", f"{'# ' * (name in seen)}{name}=")
            seen.add(name)
        for setting in project.environment(service):
            line = f"{setting.name}={_quoted(setting.value) if setting.kind == 'value' else ''}"
            if setting.description:
                yield f"# {setting.description}"
            source = host.sources.get(setting.kind, "")
            if source != secrets:
                line = f"# {line} ({source})"
            elif setting.name in seen:
                line = f"# {line}"
            yield line
            seen.add(setting.name)


def _quoted(value: str) -> str:
    """A value as every reader of such files takes it; quotes only where it needs them."""
    return value if PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False).replace("$", "\\$")


def notes(project: Project, before: Project | None = None) -> tuple[str, ...]:
    """What hosts cannot do of what the project asks for, and what they or Compose are given wrongly; not what was so before."""
    known = frozenset(notes(before)) if before is not None else frozenset()
    of_hosts = (note for host in project.hosts for note in _notes(project, host))
    found = (*of_hosts, *_of_this_machine(project), *_of_compose(project))
    return tuple(note for note in found if note not in known)


def _of_this_machine(project: Project) -> Iterator[str]:
    """The values that are right where a developer works, and that every host is given too."""
    for service in project.services if project.hosts else ():
        settings = project.environment(service)
        if names := [each.name for each in settings if each.kind == "value" and LOCAL.search(each.value)]:
            way = f"bakegen add-env {service.name} {names[0]}=https://example.com"
            yield f"{service.name}: hosts are given localhost as {', '.join(names)}: write what people reach: {way}"


def _of_compose(project: Project) -> Iterator[str]:
    """The secrets that Compose files would read from .env as something else: an image, its tag, a port of the machine."""
    taken = {"IMAGES", "TAG", *(f"{each.variable}_{end}" for each in project.services for end in ("IMAGE", "PORT"))}
    for service in project.services:
        for setting in project.environment(service):
            if setting.kind == "secret" and setting.name in taken:
                yield f"{service.name}: env: {setting.name} in .env is what Compose files read for images and ports: take another name"


def _notes(project: Project, host: Host) -> Iterator[str]:
    for key, asked in OF_THE_PROJECT.items():
        if key in host.cannot and asked(project):
            yield f"{host.id}: {key}: {host.cannot[key]}"
    if host.regions and project.region not in host.regions:
        yield f"{host.id}: region: it has none that would be {project.region}"
    for service in project.services:
        for key, why in _of_service(project, service, host):
            yield f"{host.id}: {service.name}: {key}: {why}"


def _of_service(project: Project, service: Service, host: Host) -> Iterator[tuple[str, str]]:
    """What a host cannot do of a key of a service: the key, and why."""
    for key, wanted in OF_A_SERVICE.items():
        if key in host.cannot and wanted(service):
            yield key, host.cannot[key]
    missing = [region for region in service.run.regions if host.regions and region not in host.regions]
    if missing and "regions" not in host.cannot:
        yield "regions", f"it has none that would be {', '.join(missing)}"
    for key, most in host.most.items():
        if AMOUNTS[key](service.run) > AMOUNTS[key](run_of({key: most}, {})):
            yield key, f"{getattr(service.run, key)} is more than it has: at most {most}"
    for setting in project.environment(service):
        if pattern := next((each for each in host.gives if fnmatchcase(setting.name, each)), None):
            yield "env", f"{setting.name} is one of its own variables, {pattern}: take another name"
