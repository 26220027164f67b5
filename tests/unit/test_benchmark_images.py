"""What the benchmark of images reads and writes; the measuring itself is `bakegen measure`'s."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bakegen.measure.builder import TimedBuild
from bakegen.measure.steps import Step
from benchmarks.images import KINDS, PRESET, STACKS, Case, Point, Points, other_dockerfile, ran
from benchmarks.images_page import HEADING, PLOT, kept, plot, section, write


@pytest.fixture
def points() -> Points:
    return {
        (case.name, kind): Point(
            case=case.name,
            kind=kind,
            above=2_000_000 * (number + 1),
            total=80_000_000,
            cold=10.0,
            line=2.5,
            steps=number + 1,
            installs=number > 0,
            load=1.0,
        )
        for case in (*STACKS, *PRESET)
        for number, kind in enumerate(case.kinds)
    }


@pytest.mark.parametrize("case", STACKS, ids=lambda case: case.name)
def test_each_stack_has_every_kind_and_a_source(case: Case) -> None:
    assert case.kinds == KINDS
    assert "https://" in case.dockerfile("docs").read_text(encoding="utf-8")


def test_base_images_are_those_of_ours() -> None:
    ours = "FROM --platform=$BUILDPLATFORM node:24-alpine AS deps\nFROM deps AS build\nFROM a/nginx:1 AS runtime\n"
    other = "FROM node AS build\nRUN a\nFROM a/nginx\nCOPY --from=build /a /\n"
    assert other_dockerfile(other, ours) == other.replace("node", "node:24-alpine").replace("nginx", "nginx:1")


def test_steps_that_ran() -> None:
    steps = [
        ("[api 1/3] FROM node:24", False),
        ("[api 2/3] RUN npm ci", True),
        ("[api 3/3] COPY --link . .", False),
        ("[api 3/3] LINK COPY --link . .", False),
    ]
    build = TimedBuild(seconds=1.0, steps=tuple(Step(name=name, seconds=0.1, cached=cached) for name, cached in steps))
    assert ran(build) == ["[api 3/3] COPY --link . ."]


def test_section(points: Points) -> None:
    text = section(points, 2, lambda rows: [" | ".join(row) for row in rows])
    assert text.startswith(HEADING)
    assert f"({PLOT})" in text
    assert "2, packages too" in text
    assert "The load average was at most 1.0" in text
    for case in STACKS:
        assert f"\n- {case.name}: " in text


def test_plot_has_a_dot_for_each_point_and_scale(points: Points) -> None:
    dots = [element for element in ET.fromstring(plot(points)).iter() if element.tag.endswith("circle")]
    assert len(dots) == len(KINDS) + 3 * sum(len(case.kinds) for case in STACKS)


def test_the_section_replaces_itself_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\nText.\n", encoding="utf-8")
    assert kept(page) == ""
    write(page, f"{HEADING}\n\nold\n", "<svg/>")
    write(page, f"{HEADING}\n\nnew\n", "<svg/>")
    assert page.read_text(encoding="utf-8") == f"# Page\n\nText.\n\n{HEADING}\n\nnew\n"
    assert kept(page) == f"\n{HEADING}\n\nnew\n"
    assert (tmp_path / PLOT).read_text(encoding="utf-8") == "<svg/>"
