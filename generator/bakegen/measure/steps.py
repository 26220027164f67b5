"""BuildKit's progress as JSON lines -> the steps of a build, and how long each took.

The format is that of `--progress=rawjson`: client.SolveStatus of
https://pkg.go.dev/github.com/moby/buildkit/client, one a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# A step of a Dockerfile, `[web build 2/4] RUN npm ci`; [internal] ones, exports and image lookups are none. A base image
# is fetched and not made. `COPY --link` has a second entry, for putting its layer on top of the others.
STEP = re.compile(
    r"(?P<place>\[(?!internal\])(?:[^\]]* )?\d+/\d+\]) (?P<link>LINK )?(?P<instruction>(?!FROM ).+)", re.DOTALL
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vertex:
    """What BuildKit last said of a part of a build; `inputs` are the digests of what it is made from."""

    digest: str
    name: str
    inputs: tuple[str, ...]
    started: datetime | None
    completed: datetime | None
    cached: bool

    @property
    def seconds(self) -> float:
        """How long it ran: 0 for what was taken from the cache."""
        if self.cached or self.started is None or self.completed is None:
            return 0.0
        return max(0.0, (self.completed - self.started).total_seconds())


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step of a Dockerfile; `seconds` is 0 for one that was taken from the cache."""

    name: str
    seconds: float
    cached: bool


def statuses(progress: str) -> Iterator[dict[str, Any]]:
    """The lines that are JSON; buildx writes others between them."""
    for line in progress.splitlines():
        try:
            status = json.loads(line)
        except ValueError:
            continue
        if isinstance(status, dict):
            yield status


def vertexes(progress: str) -> tuple[Vertex, ...]:
    """The parts of a build, in the order in which they were first named. Two targets may share one, each by its name."""
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for status in statuses(progress):
        for vertex in status.get("vertexes") or ():
            latest.setdefault((vertex["digest"], vertex["name"]), {}).update(vertex)
    return tuple(
        Vertex(
            digest=digest,
            name=name,
            inputs=tuple(vertex.get("inputs") or ()),
            started=_time(vertex.get("started")),
            completed=_time(vertex.get("completed")),
            cached=bool(vertex.get("cached")),
        )
        for (digest, name), vertex in latest.items()
    )


def steps(progress: str) -> tuple[Step, ...]:
    """The steps of a build that came to an end, in the order in which they began."""
    found: dict[str, list[tuple[Vertex, bool]]] = {}
    for vertex in sorted(vertexes(progress), key=_began):
        match = STEP.fullmatch(vertex.name)
        if match and vertex.completed:
            entries = found.setdefault(f"{match['place']} {match['instruction']}", [])
            entries.append((vertex, bool(match["link"])))
    return tuple(_step(name, entries) for name, entries in found.items())


def _step(name: str, entries: Sequence[tuple[Vertex, bool]]) -> Step:
    cached = all(vertex.cached for vertex, link in entries if not link)
    return Step(name=name, seconds=0.0 if cached else sum(vertex.seconds for vertex, _ in entries), cached=cached)


def _began(vertex: Vertex) -> float:
    moment = vertex.started or vertex.completed
    return moment.timestamp() if moment else 0.0


def _time(text: str | None) -> datetime | None:
    """A time of Go's, which has nanoseconds where Python has microseconds."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)) if text else None
