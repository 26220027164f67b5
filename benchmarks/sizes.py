"""How time and memory of a merge grow with the file: bake files and Compose files of 10 to 5,000 services.

A merge here is the dearest there is: a file edited by hand takes one more service, and an independent reader judges the
result. Beside it stand the scanner alone, one reading by python-hcl2 or PyYAML, and `git merge-file` of the same texts.
"""

from __future__ import annotations

import math
import subprocess
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import hcl2
import yaml

from bakegen.merge import Merged, hcl_read, merge
from bakegen.merge.file import format_of

COUNTS = (10, 100, 1000, 5000)
FILES = BAKE, COMPOSE = PurePosixPath("docker-bake.hcl"), PurePosixPath("compose.yaml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One file: seconds of each step, and the most memory that Python held during the merge, as a multiple of the input."""

    name: str
    services: int
    kilobytes: float
    scan: float
    merge: float
    reader: float
    git: float
    memory: float


def bake(count: int) -> bytes:
    """A bake file of so many targets."""
    names = [f"service-{number:04}" for number in range(count)]
    group = "".join(f'    "{name}",\n' for name in names)
    targets = "".join(
        f'\n# {name}\ntarget "{name}" {{\n  inherits   = ["_common"]\n  context    = "services/{name}"\n'
        f'  dockerfile = "Dockerfile"\n  tags       = tags("{name}")\n  args = {{\n    LEVEL = "info"\n  }}\n}}\n'
        for name in names
    )
    return f'group "default" {{\n  targets = [\n{group}  ]\n}}\n{targets}'.encode()


def compose(count: int) -> bytes:
    """A Compose file of so many services."""
    names = [f"service-{number:04}" for number in range(count)]
    entries = "".join(
        f"  # {name}\n  {name}:\n    image: registry.example.com/{name}:latest\n    restart: unless-stopped\n"
        f'    environment:\n      LEVEL: "info"\n    ports:\n      - "127.0.0.1:{8000 + number}:8000"\n'
        for number, name in enumerate(names)
    )
    return f"services:\n{entries}".encode()


def measure(scratch: Path) -> list[Point]:
    """A point for each kind and size."""
    return [
        point(path, write, count, scratch) for path, write in ((BAKE, bake), (COMPOSE, compose)) for count in COUNTS
    ]


def point(path: PurePosixPath, write: Callable[[int], bytes], count: int, scratch: Path) -> Point:
    """Base has `count` services, ours a comment of its own, theirs one service more."""
    base, theirs = write(count), write(count + 1)
    ours = base.replace(b"service-0000\n", b"service-0000, ours\n", 1)
    form = format_of(path)
    if form is None:
        raise ValueError(path)
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (scratch / name).write_bytes(text)
    command = ["git", "merge-file", "-p", "--quiet", "ours", "base", "theirs"]

    def merged() -> None:
        hcl_read._definition.cache_clear()  # noqa: SLF001 (a command starts with nothing read)
        done = merge(path, base, ours, theirs)
        if not isinstance(done, Merged):
            raise TypeError(done)

    text = base.decode()
    reader = (lambda: hcl2.loads(text)) if path == BAKE else (lambda: yaml.safe_load(text))
    hcl2.loads("a = 1\n")  # its grammar is loaded once
    seconds = [
        taken(lambda: form.scan(base)),
        taken(merged),
        taken(reader),
        taken(lambda: subprocess.run(command, cwd=scratch, stdout=subprocess.DEVNULL, check=False)),
    ]
    tracemalloc.start()
    form.scan(base)
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = len(base)
    return Point(
        name=path.name,
        services=count,
        kilobytes=size / 1000,
        scan=seconds[0],
        merge=seconds[1],
        reader=seconds[2],
        git=seconds[3],
        memory=memory / size,
    )


def taken(run: Callable[[], object]) -> float:
    """The seconds that a call takes, the least of up to three."""
    least = math.inf
    for _ in range(3):
        start = time.perf_counter()
        run()
        least = min(least, time.perf_counter() - start)
        if least > 1:
            break
    return least


def exponent(points: list[Point]) -> float:
    """By which power of the size the merge's time grows, from the second point to the last."""
    one, other = points[1], points[-1]
    return math.log(other.merge / one.merge) / math.log(other.kilobytes / one.kilobytes)


def rows(points: list[Point]) -> list[tuple[str, ...]]:
    """The table."""
    found = [("file", "services", "KB", "scan s", "merge s", "second reader s", "git merge-file s", "memory / size")]
    found += [
        (
            each.name,
            str(each.services),
            f"{each.kilobytes:.0f}",
            f"{each.scan:.4f}",
            f"{each.merge:.4f}",
            f"{each.reader:.4f}",
            f"{each.git:.4f}",
            f"{each.memory:.0f}",
        )
        for each in points
    ]
    return found


def plot(points: list[Point]) -> str:
    """An SVG of the merge's time over the file's size, both axes logarithmic."""
    width, height, edge = 660, 360, 72
    xs = [math.log10(each.kilobytes) for each in points]
    ys = [math.log10(value) for each in points for value in (each.merge, each.scan)]
    left, right, low, high = math.floor(min(xs)), math.ceil(max(xs)), math.floor(min(ys)), math.ceil(max(ys))

    def x(value: float) -> float:
        return edge + (math.log10(value) - left) / (right - left) * (width - 2 * edge)

    def y(value: float) -> float:
        return height - edge - (math.log10(value) - low) / (high - low) * (height - 2 * edge)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for power in range(left, right + 1):
        parts.append(f'<path d="M{x(10**power):.1f} {edge}V{height - edge}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{x(10**power):.1f}" y="{height - edge + 18}" text-anchor="middle">{10**power:g} KB</text>'
        )
    for power in range(low, high + 1):
        parts.append(f'<path d="M{edge} {y(10**power):.1f}H{width - edge}" stroke="#ddd"/>')
        parts.append(f'<text x="{edge - 6}" y="{y(10**power) + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    colours = {BAKE.name: "#0969da", COMPOSE.name: "#bc4c00"}
    for row, (name, colour) in enumerate(colours.items()):
        for field, dash in (("merge", ""), ("scan", ' stroke-dasharray="5 4"')):
            line = " ".join(
                f"{x(each.kilobytes):.1f},{y(getattr(each, field)):.1f}" for each in points if each.name == name
            )
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(f'<text x="{edge + 10}" y="{edge + 16 * row + 4}" fill="{colour}">{name}</text>')
    parts.append(
        f'<text x="{width / 2}" y="24" text-anchor="middle">time of a merge (line) and of the scanner (dashes)</text>'
    )
    return "\n".join([*parts, "</svg>", ""])
