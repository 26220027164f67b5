"""Figures for people, as a table or Markdown, and for programs, as JSON. Sizes are MB of 1,000,000 bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bakegen.measure.builder import Figures, TimedBuild
from bakegen.measure.sizes import Image
from bakegen.model import Project

MEGABYTE = 1_000_000
HEADER = ("service", "platform", "image", "above base", "cold", "no change", "one line")
Row = tuple[str, ...]


def table(figures: Sequence[Figures], before: Mapping[str, Figures]) -> list[str]:
    """Lines in columns, numbers to the right; in brackets what it was before."""
    rows = [HEADER, *_rows(figures, before)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    return [
        "  ".join(cell.ljust(width) if column < 2 else cell.rjust(width) for column, (cell, width) in enumerate(cells))  # noqa: PLR2004
        for cells in (tuple(zip(row, widths, strict=True)) for row in rows)
    ]


def markdown(figures: Sequence[Figures], before: Mapping[str, Figures]) -> list[str]:
    """A table for a pull request or a README."""
    rows = [HEADER, ("---", "---", *["---:"] * (len(HEADER) - 2)), *_rows(figures, before)]
    return [f"| {' | '.join(row)} |" for row in rows]


def data(figures: Sequence[Figures]) -> list[dict[str, Any]]:
    """Everything that was measured: bytes, seconds, each layer and each step."""
    return [
        {
            "service": each.service,
            "images": [_image(image) for image in each.images],
            "builds": {
                name: _build(build)
                for name, build in (("cold", each.cold), ("warm", each.warm), ("line", each.line))
                if build is not None
            },
        }
        for each in figures
    ]


def over_budget(project: Project, figures: Sequence[Figures]) -> list[str]:
    """A sentence for each image that weighs more than its budget."""
    return [
        f"{each.service} for {image.platform} weighs {image.total} bytes, and its budget is {service.budget}"
        for each in figures
        for service in [project.service(each.service)]
        for image in each.images
        if service.budget_bytes is not None and image.total > service.budget_bytes
    ]


def _rows(figures: Sequence[Figures], before: Mapping[str, Figures]) -> list[Row]:
    return [row for each in figures for row in _service(each, before.get(each.service))]


def _service(now: Figures, old: Figures | None) -> list[Row]:
    earlier = {image.platform: image for image in old.images} if old else {}
    times = [
        _pair(_time(build), _time(was) if old else None)
        for build, was in (
            (now.cold, old.cold if old else None),
            (now.warm, old.warm if old else None),
            (now.line, old.line if old else None),
        )
    ]
    rows: list[Row] = []
    for image in now.images:
        was = earlier.get(image.platform)
        sizes = (
            _pair(_size(image.total), _size(was.total) if was else None),
            _pair(_size(image.above), _size(was.above) if was else None),
        )
        rows.append((now.service, image.platform, *sizes, *(times if not rows else ["", "", ""])))
    return rows


def _pair(now: str, before: str | None) -> str:
    return now if before is None else f"{now} ({before})"


def _size(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"


def _time(build: TimedBuild | None) -> str:
    return "-" if build is None else f"{build.seconds:.1f} s"


def _image(image: Image) -> dict[str, Any]:
    return {
        "platform": image.platform,
        "size": image.total,
        "above_base": image.above,
        "layers": [
            {"digest": layer.digest, "size": layer.size, "base": layer.base, "made_by": layer.made_by}
            for layer in image.layers
        ],
    }


def _build(build: TimedBuild) -> dict[str, Any]:
    return {
        "seconds": round(build.seconds, 3),
        "steps": [
            {"name": step.name, "seconds": round(step.seconds, 3), "cached": step.cached} for step in build.steps
        ],
    }
