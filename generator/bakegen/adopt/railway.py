"""Which service each file of Railway's is of, and what the service gets from its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bakegen.adopt.facts import Build
from bakegen.adopt.places import ROOT
from bakegen.adopt.read_railway import Settings
from bakegen.rules import NAME


@dataclass(frozen=True, kw_only=True, slots=True)
class Hosting:
    """How a service ran on Railway. `regions` are those beside the home of all; `processes` are further commands."""

    files: tuple[PurePosixPath, ...]
    health: str | None = None
    pre_deploy: str | None = None
    replicas: int | None = None
    regions: tuple[str, ...] = ()
    processes: Mapping[str, str] = field(default_factory=dict)


def home(files: Iterable[Settings]) -> str | None:
    """The region that most of these files name; of several the first by name."""
    counted = Counter(region for each in files for region in each.regions)
    return min(counted, key=lambda region: (-counted[region], region), default=None)


def hosting(files: Sequence[Settings], builds: Mapping[str, Build], notes: list[str]) -> dict[str, Hosting]:
    """What services with these builds get, by name."""
    if not files:
        return {}
    owned: dict[str, list[Settings]] = {}
    for each in files:
        notes += each.notes
        owner = _owner(each, builds)
        if owner is None:
            notes.append(f"{each.file}: which service it is of cannot be told")
        else:
            owned.setdefault(owner, []).append(each)
    found = {name: _hosting(name, each, builds, home(files), notes) for name, each in sorted(owned.items())}
    hint = "bakegen add-host railway writes what takes their place"
    notes.append(f"Railway stops reading railway.json and railway.toml on 1 December 2026: {hint}")
    return found


def _owner(each: Settings, builds: Mapping[str, Build]) -> str | None:
    """The service that is built from its Dockerfile, else from its folder, else the only one."""
    folder = each.file.parent
    by_dockerfile = [name for name, build in builds.items() if build.dockerfile in each.dockerfiles]
    by_folder = [name for name, build in builds.items() if folder in (build.context, build.dockerfile.parent)]
    ways = [by_dockerfile] if each.dockerfiles else [by_folder if folder != ROOT else [], list(builds)]
    return next((way[0] for way in ways if len(way) == 1), None)


def _hosting(
    service: str, files: Sequence[Settings], builds: Mapping[str, Build], place: str | None, notes: list[str]
) -> Hosting:
    """Of several files, one is of the service itself: the first that has no command of its own, else the first."""
    own = next((each for each in files if each.start is None), files[0])
    if own.start:
        dockerfile = builds[service].dockerfile
        notes.append(
            f"{service}: its command of {own.file} is not taken over, make it the CMD of {dockerfile}: {own.start}"
        )
    processes: dict[str, str] = {}
    for each in files:
        name = each.file.parent.name
        if each is own or each.start is None:
            continue
        if not NAME.fullmatch(name) or name in processes or f"{service}-{name}" in builds:
            notes.append(f"{service}: another process of it is not taken over, {each.file} has no name for it")
        else:
            processes[name] = each.start
    if place is not None and own.regions and place not in own.regions:
        notes.append(f"{service}: ran in {', '.join(own.regions)}, and not in {place}, where the project is now")
    if len(set(own.regions.values())) > 1:
        notes.append(f"{service}: had other numbers of replicas in each region, and gets the largest in all")
    return Hosting(
        files=tuple(each.file for each in files),
        health=own.health,
        pre_deploy=own.pre_deploy,
        replicas=max(own.regions.values(), default=own.replicas),
        regions=tuple(region for region in own.regions if region != place),
        processes=dict(sorted(processes.items())),
    )
