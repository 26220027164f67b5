"""What a project can have beside its services, as plain frozen data: what the folders of hosts and features say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """Where images run. `deploys`: it brings `deploy/<id>.sh`, which deploy.yml calls."""

    id: str
    description: str
    deploys: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """Files that a project may have or not. `registry`: the only one it works with; `excludes`: features it replaces."""

    id: str
    description: str
    registry: str | None = None
    excludes: tuple[str, ...] = ()
