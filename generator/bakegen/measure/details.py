"""What an image and its builds are made of: a table of layers for each platform, and one of steps.

An instruction is told in one line, without what BuildKit adds to it and without `--mount`, so that its command is seen
first; JSON has all of it.
"""

from __future__ import annotations

import re

from bakegen.measure.builder import Figures, TimedBuild
from bakegen.measure.columns import Row, columns, markdown_table
from bakegen.measure.sizes import Image

LAYERS = ("size", "base", "layer")
STEPS = ("cold", "no change", "one line", "step")
LEFT = {LAYERS: (1, 2), STEPS: (3,)}  # columns that are no numbers
NOISE = re.compile(r"(?<=^RUN )(\|\d+ .*?)?/bin/sh -c | # buildkit$|--mount=\S+ ")
UNITS = ((1_000_000, "MB"), (1_000, "kB"))


def text(figures: Figures, where: str, width: int | None) -> list[str]:
    """The tables of a service in columns, each below its title; lines are cut to the width of a terminal."""
    lines: list[str] = []
    for title, rows in _tables(figures, where):
        lines += ["", title, *columns(rows, left=LEFT[rows[0]])]
    return [line if width is None or len(line) <= width else f"{line[: width - 1]}…" for line in lines]


def markdown(figures: Figures, where: str) -> list[str]:
    """The same tables, folded away below the name of the service."""
    lines = ["", f"<details><summary>{figures.service}{where}: layers and steps</summary>"]
    for title, (header, *rows) in _tables(figures, where):
        cells = [header, *((*row[:-1], _code(row[-1])) for row in rows)]
        lines += ["", title, "", *markdown_table(cells, left=LEFT[header])]
    return [*lines, "", "</details>"]


def _tables(figures: Figures, where: str) -> list[tuple[str, list[Row]]]:
    found = [(f"{figures.service}{where}: layers for {image.platform}", _layers(image)) for image in figures.images]
    return [*found, (f"{figures.service}{where}: steps", _steps(figures))]


def _layers(image: Image) -> list[Row]:
    return [LAYERS, *((_size(layer.size), "base" * layer.base, _line(layer.made_by)) for layer in image.layers)]


def _steps(figures: Figures) -> list[Row]:
    """A row for each step that any of the builds ran, those of the cold one first."""
    builds = (figures.cold, figures.warm, figures.line)
    names = dict.fromkeys(step.name for build in builds if build for step in build.steps if not step.cached)
    times = [_times(build) for build in builds]
    return [STEPS, *((*(each.get(name, "-") for each in times), _line(name)) for name in names)]


def _times(build: TimedBuild | None) -> dict[str, str]:
    steps = build.steps if build else ()
    return {step.name: "cached" if step.cached else f"{step.seconds:.1f} s" for step in steps}


def _size(size: int) -> str:
    for unit, name in UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} B"


def _line(instruction: str) -> str:
    return NOISE.sub("", " ".join(instruction.split())) or "-"


def _code(instruction: str) -> str:
    ticks = "``" if "`" in instruction else "`"
    space = " " if "`" in instruction else ""
    return f"{ticks}{space}{instruction}{space}{ticks}"
