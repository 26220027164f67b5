"""BuildKit's progress as JSON lines -> the steps of a build, and how long each took.

The format is that of `--progress=rawjson`: client.SolveStatus of
https://pkg.go.dev/github.com/moby/buildkit/client, one a line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# A step of a Dockerfile, `[web build 2/4] RUN npm ci`; [internal] ones, exports and image lookups are none.
STEP = re.compile(r"\[(?!internal\])(?:[^\]]* )?\d+/\d+\] ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step of a Dockerfile; `seconds` is 0 for one that was taken from the cache."""

    name: str
    seconds: float
    cached: bool


def steps(progress: str) -> tuple[Step, ...]:
    """The steps of a build, in the order in which they began; other lines are left out."""
    latest: dict[str, dict[str, Any]] = {}
    for line in progress.splitlines():
        for vertex in _vertexes(line):
            latest.setdefault(vertex["digest"], {}).update(vertex)
    done = [vertex for vertex in latest.values() if STEP.match(vertex.get("name", "")) and "completed" in vertex]
    return tuple(
        Step(name=vertex["name"], seconds=_seconds(vertex), cached=bool(vertex.get("cached")))
        for vertex in sorted(done, key=lambda vertex: str(vertex.get("started", "")))
    )


def _vertexes(line: str) -> list[dict[str, Any]]:
    try:
        status = json.loads(line)
    except ValueError:
        return []
    return list(status.get("vertexes") or []) if isinstance(status, dict) else []


def _seconds(vertex: dict[str, Any]) -> float:
    if vertex.get("cached") or "started" not in vertex:
        return 0.0
    return max(0.0, (_time(vertex["completed"]) - _time(vertex["started"])).total_seconds())


def _time(text: str) -> datetime:
    """A time of Go's, which has nanoseconds where Python has microseconds."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
