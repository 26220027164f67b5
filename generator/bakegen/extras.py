"""What a project can have beside its services, as plain frozen data: what the folders of hosts and features say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """Where images run. `deploys`: it brings `deploy/<id>.sh`, which deploy.yml calls.

    `secrets` and `variables` are those of a GitHub environment that the script reads; `title` is what people call it.
    """

    id: str
    title: str
    description: str
    deploys: bool
    secrets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """Files that a project may have or not. `registry`: the only one it works with; `excludes`: features it replaces."""

    id: str
    description: str
    registry: str | None = None
    excludes: tuple[str, ...] = ()
