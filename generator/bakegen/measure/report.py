"""Figures for people, as a table or Markdown, and for programs, as JSON. Sizes are MB of 1,000,000 bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bakegen.measure.builder import Figures, TimedBuild
from bakegen.measure.columns import Row, columns, markdown_table
from bakegen.measure.sizes import Image
from bakegen.model import Project

MEGABYTE = 1_000_000
HEADER = ("service", "platform", "image", "above base", "cold", "no change", "one line")
LEFT = (0, 1)  # columns that are no numbers


def table(figures: Sequence[Figures], before: Mapping[str, Figures]) -> list[str]:
    """Lines in columns; below each image what it was before."""
    return columns([HEADER, *_rows(figures, before)], left=LEFT)


def markdown(figures: Sequence[Figures], before: Mapping[str, Figures]) -> list[str]:
    """A table for a pull request or a README."""
    return markdown_table([HEADER, *_rows(figures, before)], left=LEFT)


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
    rows: list[Row] = []
    for at, image in enumerate(now.images):
        rows.append((now.service * (at == 0), image.platform, *_cells(image, now if at == 0 else None)))
        if image.platform in earlier:
            rows.append(("", "before", *_cells(earlier[image.platform], old if at == 0 else None)))
    return rows


def _cells(image: Image, builds: Figures | None) -> Row:
    """Sizes of an image; times stand once, whatever the number of platforms that were built in them."""
    times = (_time(builds.cold), _time(builds.warm), _time(builds.line)) if builds else ("", "", "")
    return (_size(image.total), _size(image.above), *times)


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
