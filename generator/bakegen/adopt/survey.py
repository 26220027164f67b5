"""Which services a repository has: the union of its bake targets and the Compose services that are built.

Nothing is guessed and nothing is an error: what cannot become a service is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bakegen.adopt import files, railway, read_bake, read_compose, read_dockerfile, read_railway
from bakegen.adopt.facts import Build, Entry, Health, Omitted, Target
from bakegen.adopt.places import Place, places
from bakegen.adopt.read_bake import Bake
from bakegen.errors import UserError
from bakegen.rules import NAME, PATH, PLATFORMS, RESERVED, STAGE
from bakegen.stack import Variable

Texts = Mapping[PurePosixPath, bytes]
GIVEN = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}  # the variables that `needs` brings


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """What bake files, Compose files and those of Railway say, and the Dockerfiles that the first two name."""

    bake: Bake
    entries: tuple[Entry, ...]
    files: tuple[PurePosixPath, ...]
    railway: tuple[read_railway.Settings, ...] = ()

    @property
    def dockerfiles(self) -> frozenset[PurePosixPath]:
        """Every Dockerfile that something is built from."""
        return self.bake.dockerfiles | {entry.build.dockerfile for entry in self.entries if entry.build}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A service, with the files that speak of it."""

    name: str
    place: Place
    build: Build
    files: tuple[PurePosixPath, ...]
    port: int | None = None
    publish: int | None = None
    health: str | None = None
    needs: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()
    images: tuple[str, ...] = ()
    pre_deploy: str | None = None
    replicas: int | None = None
    regions: tuple[str, ...] = ()
    processes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What the repository has. `files` are its bake and Compose files; `source` is an address that labels name, `region`
    the one that most of Railway's files name.
    """

    services: tuple[Found, ...]
    omitted: tuple[Omitted, ...]
    notes: tuple[str, ...]
    files: tuple[PurePosixPath, ...]
    platforms: tuple[str, ...] = ()
    source: str | None = None
    region: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidate:
    name: str
    target: Target | None = None
    entry: Entry | None = None

    @property
    def build(self) -> Build | None:
        builds = (one.build for one in (self.target, self.entry) if one)
        return next((build for build in builds if build), None)

    @property
    def reason(self) -> str:
        return next((one.reason for one in (self.target, self.entry) if one and one.reason), "")

    @property
    def files(self) -> tuple[PurePosixPath, ...]:
        return tuple(one.file for one in (self.target, self.entry) if one)


def compose_files(present: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    """Of the files that are there, those that `docker compose` reads without `-f`, in its order."""
    there = set(present)
    base = next((path for path in files.COMPOSE if path in there), None)
    over = next((path for path in files.COMPOSE_OVERRIDE if path in there), None)
    return tuple(path for path in (base, over if base else None) if path)


def declared(texts: Texts) -> Declared:
    """What the files among the texts say, but Dockerfiles; UserError for one that cannot be read."""
    bakes = tuple(path for path in files.BAKE if path in texts)
    composes = compose_files(texts)
    return Declared(
        bake=read_bake.read({path: texts[path] for path in bakes}),
        entries=read_compose.read({path: texts[path] for path in composes}),
        files=(*bakes, *composes),
        railway=read_railway.read({path: text for path, text in texts.items() if path.name in files.RAILWAY}),
    )


def survey(found: Declared, dockerfiles: Texts) -> Survey:
    """The services of a repository with these Dockerfiles.

    Where neither a bake file nor a Compose file builds anything, each Dockerfile is a service of its own.
    UserError if there is nothing at all to build.
    """
    if not found.files and not dockerfiles:
        hint = "adopt a repository that has one, or begin a new project: bakegen new shop"
        raise UserError("there is no bake file, no Compose file and no Dockerfile to adopt", hint=hint)
    candidates = _candidates(found) or _from_dockerfiles(dockerfiles, {entry.name: entry for entry in found.entries})
    omitted = list(found.bake.omitted)
    taken: dict[str, tuple[_Candidate, Build]] = {}
    for candidate in candidates:
        reason = _reason(candidate, dockerfiles, {each.name for each in candidates})
        if reason or candidate.build is None:
            omitted.append(Omitted(name=candidate.name, where=str(candidate.files[0]), reason=reason))
        else:
            taken[candidate.name] = (candidate, candidate.build)
    used = found.dockerfiles | {build.dockerfile for _, build in taken.values()}
    for path in sorted(set(dockerfiles) - used):
        reason = "no bake target and no Compose service builds it"
        omitted.append(Omitted(name=str(path), where=str(path), reason=reason))
    spots = places({name: build for name, (_, build) in taken.items()})
    services = [_found(candidate, build, spots[name], dockerfiles) for name, (candidate, build) in taken.items()]
    notes = [note for candidate, _ in taken.values() if candidate.entry for note in candidate.entry.notes]
    services = _with_needs(services, {name: candidate for name, (candidate, _) in taken.items()}, found.entries, notes)
    services = _with_unique_ports(services, notes)
    hosting = railway.hosting(found.railway, {service.name: service.build for service in services}, notes)
    services = [_hosted(service, hosting.get(service.name)) for service in services]
    targets = [candidate.target for candidate, _ in taken.values() if candidate.target]
    return Survey(
        services=tuple(services),
        omitted=tuple(sorted(omitted, key=lambda one: one.name)),
        notes=tuple(notes),
        files=found.files,
        platforms=tuple(one for one in PLATFORMS if any(one in target.platforms for target in targets)),
        source=next((target.source for target in targets if target.source), None),
        region=railway.home(found.railway),
    )


def _candidates(found: Declared) -> list[_Candidate]:
    """Targets with the Compose service of the same name, else of the same build, else of the same image."""
    entries = {entry.name: entry for entry in found.entries}
    pairs = {target.name: entries.pop(target.name, None) for target in found.bake.targets}
    same = ((_same_build, found.bake.targets), (_same_image, found.bake.targets))
    for alike, targets in same:
        for target in targets:
            if pairs[target.name] is None:
                match = next((entry for entry in entries.values() if alike(target, entry)), None)
                pairs[target.name] = entries.pop(match.name) if match else None
    joined = [_Candidate(name=target.name, target=target, entry=pairs[target.name]) for target in found.bake.targets]
    known = found.bake.names  # a target that makes no image stays none under the same name
    joined += [
        _Candidate(name=name, entry=entry)
        for name, entry in entries.items()
        if (entry.build or entry.reason) and name not in known
    ]
    return sorted(joined, key=lambda each: each.name)


def _same_build(target: Target, entry: Entry) -> bool:
    return target.build is not None and target.build == entry.build


def _same_image(target: Target, entry: Entry) -> bool:
    return entry.image is not None and entry.image in target.images


def _from_dockerfiles(dockerfiles: Texts, entries: Mapping[str, Entry]) -> list[_Candidate]:
    """`apps/api/Dockerfile` is api, `api.Dockerfile` and `Dockerfile.api` too; its folder is the build context."""
    found: dict[str, _Candidate] = {}
    for path in sorted(dockerfiles):
        plain = path.name in {"Dockerfile", "Containerfile"}
        name = path.parent.name or "app" if plain else path.name.replace("Dockerfile", "").strip(".")
        build = Build(context=path.parent, dockerfile=path)
        target = Target(name=name, file=path, build=build)
        found.setdefault(name, _Candidate(name=name, target=target, entry=entries.get(name)))
    return [found[name] for name in sorted(found)]


def _reason(candidate: _Candidate, dockerfiles: Texts, names: set[str]) -> str:
    """Why it cannot be a service, or nothing."""
    if not NAME.fullmatch(candidate.name):
        return "the name of a service has only lower-case letters, digits and single hyphens"
    if candidate.name in RESERVED:
        return "the name is reserved"
    if candidate.name.endswith("-test") and candidate.name.removesuffix("-test") in names:
        return f"a target of this name tests {candidate.name.removesuffix('-test')}"
    return candidate.reason if candidate.build is None else _reason_of(candidate.build, dockerfiles)


def _reason_of(build: Build, dockerfiles: Texts) -> str:
    if any(not PATH.fullmatch(str(path)) for path in (build.context, build.dockerfile)):
        return "its path has other characters than letters, digits, '.', '_' and '-'"
    if build.target is not None and not STAGE.fullmatch(build.target):
        return f"{build.target} is not the name of a stage"
    return "" if build.dockerfile in dockerfiles else f"there is no {build.dockerfile}"


def _found(candidate: _Candidate, build: Build, place: Place, dockerfiles: Texts) -> Found:
    entry = candidate.entry
    args = {**(entry.args if entry else {}), **(candidate.target.args if candidate.target else {})}
    stage = read_dockerfile.read(dockerfiles[build.dockerfile], args).stage(build.target)
    checks = [each for each in (entry.health if entry else None, stage.health if stage else None) if each]
    ports = [entry.port if entry else None, *(stage.ports if stage else ()), *(check.port for check in checks)]
    port = next((port for port in ports if port), None)
    images = (candidate.target.images if candidate.target else ()) + ((entry.image,) if entry and entry.image else ())
    return Found(
        name=candidate.name,
        place=place,
        build=build,
        files=candidate.files,
        port=port,
        publish=entry.publish if entry else None,
        health=_path(checks, port),
        env=entry.env if entry else (),
        images=images,
    )


def _hosted(service: Found, hosting: railway.Hosting | None) -> Found:
    """The service with how it ran on Railway; its own health check comes first, and one needs a port."""
    if hosting is None:
        return service
    return replace(
        service,
        files=(*service.files, *hosting.files),
        health=service.health or (hosting.health if service.port else None),
        pre_deploy=hosting.pre_deploy,
        replicas=hosting.replicas,
        regions=hosting.regions,
        processes=hosting.processes,
    )


def _path(checks: list[Health], port: int | None) -> str | None:
    """The path that is asked for on the service's port."""
    return next((check.path for check in checks if port and check.port in (None, port)), None)


def _with_needs(
    services: list[Found], candidates: Mapping[str, _Candidate], entries: tuple[Entry, ...], notes: list[str]
) -> list[Found]:
    """Services with `needs` from depends_on: databases by their image, others by name, never in a circle."""
    owners = {candidate.entry.name: name for name, candidate in candidates.items() if candidate.entry}
    kinds = {entry.name: entry.backing for entry in entries if entry.backing}
    ports = {service.name: service.port for service in services}
    needs: dict[str, list[str]] = {}
    for service in services:
        entry = candidates[service.name].entry
        needs[service.name] = []
        for dependence in entry.depends if entry else ():
            need = kinds.get(dependence) or owners.get(dependence)
            if need is None or need in needs[service.name] or (need in ports and not ports[need]):
                continue
            if need in ports and _reaches(need, service.name, needs):
                notes.append(f"{service.name} and {need} need each other: only one of the two is written")
                continue
            needs[service.name].append(need)
    return [_given(service, tuple(sorted(needs[service.name])), ports) for service in services]


def _given(service: Found, needs: tuple[str, ...], ports: Mapping[str, int | None]) -> Found:
    """The service with its needs, without the variables that these bring along."""
    variables = {GIVEN.get(need, f"{need.upper().replace('-', '_')}_URL"): need for need in needs}

    def brought(item: Variable) -> bool:
        need = variables.get(item.name)
        return need in GIVEN or (need is not None and item.value.rstrip("/") == f"http://{need}:{ports[need]}")

    return replace(service, needs=needs, env=tuple(item for item in service.env if not brought(item)))


def _reaches(start: str, goal: str, needs: Mapping[str, list[str]]) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            waiting += needs.get(name, [])
    return False


def _with_unique_ports(services: list[Found], notes: list[str]) -> list[Found]:
    """Of several services that publish one port the first by name keeps it: bakegen.toml has each port once."""
    owners: dict[int, str] = {}
    result: list[Found] = []
    for service in services:
        owner = owners.setdefault(service.publish, service.name) if service.publish else service.name
        if owner != service.name:
            notes.append(f"{service.name}: publishes {service.publish}, as {owner} does, so it is left out")
        result.append(service if owner == service.name else replace(service, publish=None))
    return result
