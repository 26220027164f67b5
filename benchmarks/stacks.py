"""Images by stack: what `bakegen measure` says of every service that the engine tests build (tests/engine/services.toml).

They are in one project, so that what members of a pnpm workspace share is installed for all of them. Its JSON is kept
in results/, and two tables are made of that: a row for each stack in the README, and all of them in docs/benchmarks.md.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import session as sessions
from benchmarks.engine import engine
from benchmarks.session import Session
from tests.engine import machine
from tests.engine.conftest import Engine
from tests.engine.services import OURS, SERVICES, Service
from tests.engine.shop import scaffold
from tools.markdown import table

NAME = "stacks"
MEGABYTE = 1_000_000
# What a registry has of the official image, in MB: Docker Hub, node:24.20.0-alpine for linux/amd64, in late 2026.
OFFICIAL = {"node": 55.78}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What was measured of a service: compressed bytes and seconds. `goal` is MB above the base image.

    `load` is the machine's load average before that.
    """

    stack: str
    packages: str
    options: str
    base: str
    goal: float
    above: int
    size: int
    cold: float
    warm: float
    line: float
    load: float


def measure() -> None:
    """Measure every service once, and keep that. The engine is up, or it is started for this."""
    with engine(), tempfile.TemporaryDirectory(prefix="bakegen-bench-") as scratch:
        rows = list(_rows(Path(scratch)))
    sessions.save(NAME, asdict(Session.here(turns=1)), (asdict(row) for row in rows))


def load() -> tuple[Session, list[Row]]:
    """What was measured last."""
    session, rows = sessions.load(NAME)
    return session, [Row(**row) for row in rows]


def _rows(scratch: Path) -> Iterator[Row]:
    shop = scaffold(scratch, Engine(environment=machine.environment(), registry=machine.REGISTRY))
    for name in OURS:
        average = os.getloadavg()[0]
        command = [sys.executable, "-m", "bakegen", "measure", name, "--json"]
        done = subprocess.run(command, cwd=shop.folder, check=True, stdout=subprocess.PIPE)
        row = read(SERVICES[name], json.loads(done.stdout), average)
        print(row, flush=True)
        yield row


def read(service: Service, told: Mapping[str, Any], average: float) -> Row:
    """A row from the JSON of `bakegen measure` for one service."""
    (figures,) = told["services"]
    (image,) = figures["images"]
    seconds = {name: round(build["seconds"], 1) for name, build in figures["builds"].items()}
    return Row(
        stack=service.stack,
        packages=str(service.package_manager),
        options=_options(service),
        base=service.base,
        goal=service.above,
        above=image["above_base"],
        size=image["size"],
        load=round(average, 1),
        **seconds,
    )


def _options(service: Service) -> str:
    chosen = [(name, str(value).lower()) for name, value in service.options.items() if name != "package_manager"]
    chosen += [("needs", ",".join(service.needs))] if service.needs else []
    chosen += [("uses", ",".join(service.uses))] if service.uses else []
    return " ".join(f"{name}={value}" for name, value in chosen)


def first(rows: Sequence[Row]) -> dict[str, Row]:
    """The row of each stack as it is without a choice: the first one."""
    return {row.stack: row for row in reversed(rows)}


def cells(row: Row) -> tuple[str, ...]:
    """Size above the base image; seconds of the three builds."""
    return size(row.above), *(f"{seconds:.1f} s" for seconds in (row.cold, row.warm, row.line))


def size(number: float) -> str:
    """Bytes as MB."""
    return f"{number / MEGABYTE:.{2 if number < MEGABYTE else 1}f} MB"


def section(session: Session, rows: Sequence[Row]) -> str:
    """The section of docs/benchmarks.md, below its heading."""
    head = "stack, packages by, options, above base, goal, whole, official, cold, no change, one line, load"
    lines = [tuple(head.split(", "))]
    for row in rows:
        above, *seconds = cells(row)
        official = size(row.above + OFFICIAL[row.base] * MEGABYTE) if row.base in OFFICIAL else ""
        options = f"`{row.options}`" if row.options else ""
        goal = f"≤ {row.goal:g} MB"
        lines.append(
            (row.stack, row.packages, options, above, goal, size(row.size), official, *seconds, f"{row.load:.0f}")
        )
    return "\n".join(
        [
            "What `bakegen measure` says of the application that each stack seeds: compressed sizes, and the seconds of a build",
            "without any layer of an earlier one (package managers find their downloads), again, and with one line of source",
            "changed. Members of the pnpm workspace are in one project, and install for all of them. Load is the machine's load",
            "average before the cold build.",
            "",
            *session.told(row.load for row in rows),
            "",
            table(lines),
            "**whole** is the image on the stand-in base image that the tests use, larger or smaller than the official one.",
            f"**official** is computed, not measured: above base + {OFFICIAL['node']} MB, which Docker Hub gave for",
            "[node:24.20.0-alpine](https://hub.docker.com/_/node/tags) on linux/amd64 in late 2026. Of `python:3.13-slim` and",
            "nginx no published compressed size is at hand. `python -m benchmarks stacks` measures all of it again.",
            "",
        ]
    )
