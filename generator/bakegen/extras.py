"""What a project can have beside its services, as plain frozen data: what the folders of hosts and features say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """Where images run. `deploys`: it brings `deploy/<id>.sh`, which deploy.yml calls; `beside` are the files that it brings
    into the folder of each service: no image needs them.

    `secrets` and `variables` are those of a GitHub environment that the script reads; `title` is what people call it,
    `begin` how to begin, for the README of a project.
    `gives` are patterns of the variables that it sets itself. `regions` has the host's names of regions, `sources` where
    a variable of each kind comes from there, and `by_hand` the variable that a need asks for beside its own.
    `has` says where it has the keys of the model, `most` how much of those it has at most, `cannot` which it has no place
    for and why; and `compare` what docs/hosts.md says of it beside the others.
    """

    id: str
    title: str
    description: str
    deploys: bool
    beside: tuple[str, ...] = ()
    begin: str = ""
    secrets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    regions: Mapping[str, str] = field(default_factory=dict, hash=False)
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)
    by_hand: Mapping[str, str] = field(default_factory=dict, hash=False)
    has: Mapping[str, str] = field(default_factory=dict, hash=False)
    most: Mapping[str, str | int] = field(default_factory=dict, hash=False)
    cannot: Mapping[str, str] = field(default_factory=dict, hash=False)
    compare: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """Files that a project may have or not. `registry`: the only one it works with; `excludes`: features it replaces."""

    id: str
    description: str
    registry: str | None = None
    excludes: tuple[str, ...] = ()
