"""What is told of the images beside other Dockerfiles: a section of docs/benchmarks.md, and a plot."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

from benchmarks import session as sessions
from benchmarks.images import KINDS, PRESET, STACKS, Case, Point, Points
from benchmarks.session import Session
from tools.markdown import table

NAME = "images"
PLOT = "benchmarks-images.svg"
MEGABYTE = 1_000_000
COLOURS = dict(zip(KINDS, ("#0969da", "#1a7f37", "#bc4c00", "#6e7781"), strict=True))
NO_SOURCE = {"bundle": "None: neither FastAPI's documentation nor Vite's has an image of a backend and a frontend."}
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """A panel of the plot: a value of each point on a logarithmic axis."""

    title: str
    value: Callable[[Point], float]
    ticks: tuple[int, ...]


SCALES = (
    Scale(title="MB above the base image", value=lambda point: point.above / MEGABYTE, ticks=(1,)),
    Scale(title="seconds, cold build", value=lambda point: point.cold, ticks=(1, 2, 5)),
    Scale(title="seconds, one line changed", value=lambda point: point.line, ticks=(1, 2, 5)),
)


def section(session: Session, points: Points) -> str:
    """The section of docs/benchmarks.md, below its heading."""
    return "\n".join(
        [
            "The application that each stack seeds, built by our Dockerfile and by others, in one run and on the same base",
            "images. **naive** is what people write by hand: `COPY . .`, `npm install` or `pip install`, `npm start`. **docs**",
            "is the framework's own documentation (sources below). **slim** is a single stage that was written with care (two",
            "for `bundle`, which has two languages). All of them get the same lock file and the same settings of the framework",
            "(such as Next's standalone output), and the folder of a fresh clone: no `node_modules` to copy by mistake.",
            "",
            *session.told(point.load for point in points.values()),
            "× is the ratio to ours. Sizes are compressed. A cold build has no layer of an earlier one; where a Dockerfile mounts",
            "a cache, that is warm, and downloads of the others are not (of Next.js too, where ours mounts its build cache).",
            "Times include compressing and writing the image. Steps are those that run again after one line of source has",
            "changed, load is the machine's load average before the cold build.",
            "",
            "Base images are the stand-ins that the tests use, for `node:24-alpine`, `python:3.13-slim` and unprivileged",
            "nginx, for other Dockerfiles too where they name a larger one: the official ones have other sizes.",
            "",
            table(_stacks(points)),
            f"![sizes and times of each stack by Dockerfile]({PLOT})",
            "",
            "What the others carry: packages that only build and test (**naive** everywhere, **docs** of NestJS); bytecode of pip",
            "and of Python's own library, which pip leaves in its layer when root runs it without `PYTHONDONTWRITEBYTECODE`;",
            "uv itself (**docs** of mcp and python-worker); declarations and notes in `node_modules`; Vite. What they do again:",
            "with `COPY . .` ahead of the packages, one line installs everything anew, and what a single stage must remove it must",
            "also install in the same step. Where others are level or ahead: Flask's **docs** has all that makes ours small, one",
            "line of Python takes ours a step more, which compiles it, and `static` carries its files compressed too. It is nginx",
            "in **docs** and ours, Node.js in the others.",
            "",
            "Sources of **docs**:",
            "",
            *(f"- {case.name}: {_source(case)}" for case in STACKS),
            "",
            "The files are in [benchmarks/dockerfiles](../benchmarks/dockerfiles); `python -m benchmarks images` runs them.",
            "",
            "### The preset flask-sveltekit, before and after",
            "",
            "Flask's development server and SvelteKit's preview, from the same run: before by naive Dockerfiles, after by",
            "those of the preset.",
            "",
            table(_preset(points)),
        ]
    )


def save(points: Points, turns: int) -> None:
    """Keep what was measured on this machine, for `load`."""
    sessions.save(NAME, asdict(Session.here(turns)), (asdict(point) for point in points.values()))


def load() -> tuple[Session, Points]:
    """What was measured last."""
    session, rows = sessions.load(NAME)
    points = [Point(**row) for row in rows]
    return session, {(point.case, point.kind): point for point in points}


def _stacks(points: Points) -> Rows:
    rows: Rows = [
        ("stack", "Dockerfile", "above base", "×", "whole", "cold", "×", "one line", "×", "steps again", "load")
    ]
    for case in STACKS:
        ours = points[case.name, KINDS[0]]
        for kind in case.kinds:
            point = points[case.name, kind]
            rows.append(
                (
                    case.name if point is ours else "",
                    f"**{kind}**" if point is ours else kind,
                    _size(point.above),
                    _ratio(point.above, ours.above),
                    _size(point.total),
                    f"{point.cold:.1f} s",
                    _ratio(point.cold, ours.cold),
                    f"{point.line:.1f} s",
                    _ratio(point.line, ours.line),
                    f"{point.steps}, packages too" if point.installs else f"{point.steps}",
                    f"{point.load:.0f}",
                )
            )
    return rows


def _preset(points: Points) -> Rows:
    rows: Rows = [("service", "", "before", "after", "×")]
    for case in PRESET:
        before, after = points[case.name, "naive"], points[case.name, KINDS[0]]
        rows += [
            (case.service, "above base", _size(before.above), _size(after.above), _ratio(before.above, after.above)),
            ("", "whole image", _size(before.total), _size(after.total), _ratio(before.total, after.total)),
            ("", "cold build", f"{before.cold:.1f} s", f"{after.cold:.1f} s", _ratio(before.cold, after.cold)),
            ("", "one line changed", f"{before.line:.1f} s", f"{after.line:.1f} s", _ratio(before.line, after.line)),
        ]
    return rows


def _size(size: int) -> str:
    return f"{size / MEGABYTE:.{2 if size < MEGABYTE else 1}f} MB"


def _ratio(value: float, ours: float) -> str:
    ratio = value / ours
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2f}"  # noqa: PLR2004 (two digits are enough to tell)


def _source(case: Case) -> str:
    """Where the Dockerfile of the documentation comes from, which its first comment says."""
    if KINDS[2] not in case.kinds:
        return NO_SOURCE[case.name]
    lines = case.dockerfile("docs").read_text(encoding="utf-8").splitlines()
    return " ".join(line.removeprefix("# ") for line in lines if line.startswith("# "))


def plot(points: Points) -> str:
    """An SVG with a panel for each scale, a row for each stack and a dot for each Dockerfile."""
    left, top, row, panel, gap = 104, 76, 36, 250, 26
    width, height = left + len(SCALES) * (panel + gap), top + len(STACKS) * row + 34
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, kind in enumerate(reversed(KINDS)):
        x = left + 130 * (len(KINDS) - 1 - number)
        parts.append(_dot(x + 6, 20, kind))
        parts.append(f'<text x="{x + 18}" y="24">{kind}</text>')
    for number, case in enumerate(STACKS):
        y = top + row * number + row / 2
        parts.append(f'<path d="M0 {y + row / 2:.1f}H{width}" stroke="#eaeef2"/>')
        parts.append(f'<text x="{left - 12}" y="{y + 4:.1f}" text-anchor="end">{case.name}</text>')
    for number, scale in enumerate(SCALES):
        parts += _panel(scale, points, (left + number * (panel + gap), top), (panel, row))
    return "\n".join([*parts, "</svg>", ""])


def _panel(scale: Scale, points: Points, place: tuple[int, int], size: tuple[int, int]) -> list[str]:
    (left, top), (width, row) = place, size
    values = [scale.value(points[case.name, kind]) for case in STACKS for kind in case.kinds]
    low, high = math.log10(min(values)) - 0.15, math.log10(max(values)) + 0.15
    bottom = top + len(STACKS) * row
    ticks = [digit * 10.0**power for power in range(-3, 5) for digit in scale.ticks]

    def x(value: float) -> float:
        return left + (math.log10(value) - low) / (high - low) * width

    parts = [f'<text x="{left + width / 2:.1f}" y="{top - 26}" text-anchor="middle">{scale.title}</text>']
    for tick in ticks:
        if low < math.log10(tick) < high:
            parts.append(f'<path d="M{x(tick):.1f} {top - 10}V{bottom}" stroke="#d0d7de"/>')
            parts.append(f'<text x="{x(tick):.1f}" y="{bottom + 18}" text-anchor="middle">{tick:g}</text>')
    for number, case in enumerate(STACKS):
        y = top + row * number + row / 2
        found = {kind: x(scale.value(points[case.name, kind])) for kind in case.kinds}
        parts += [_dot(found[kind], y + 5 * (KINDS.index(kind) - 1.5), kind) for kind in reversed(case.kinds)]
    return parts


def _dot(x: float, y: float, kind: str) -> str:
    radius = 5 if kind == KINDS[0] else 4
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{COLOURS[kind]}" stroke="#fff"/>'
