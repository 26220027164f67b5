"""What the benchmark of images reads and writes; the measuring itself is `bakegen measure`'s."""

from xml.etree import ElementTree as ET

import pytest

from bakegen import catalog
from bakegen.measure.builder import TimedBuild
from bakegen.measure.steps import Step
from benchmarks.images import KINDS, PRESET, STACKS, Case, Point, Points, other_dockerfile, ran
from benchmarks.images_page import NO_SOURCE, PLOT, load, plot, section
from benchmarks.session import Session

SESSION = Session(date="2026-11-07", system="Linux", architecture="x86_64", cores=4, turns=2)


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
    if case.name in NO_SOURCE:
        assert case.kinds == tuple(kind for kind in KINDS if kind != "docs")
    else:
        assert case.kinds == KINDS
        assert "https://" in case.dockerfile("docs").read_text(encoding="utf-8")


def test_every_stack_of_ours_is_there() -> None:
    stacks = catalog.load().stacks
    assert [case.name for case in STACKS] == [name for name in stacks if name != "dockerfile"]


def test_images_are_those_of_ours() -> None:
    ours = (
        "FROM --platform=$BUILDPLATFORM node:24-alpine AS deps\n"
        "RUN --mount=from=x.io/uv:0.13,source=/uv,target=/uv uv\n"
        "FROM deps AS build\nFROM a/nginx:1 AS runtime\n"
    )
    other = "FROM node AS build\nCOPY --from=x.io/uv:latest /uv /\nFROM a/nginx\nCOPY --from=build /a /\n"
    assert other_dockerfile(other, ours) == (
        "FROM node:24-alpine AS build\nCOPY --from=x.io/uv:0.13 /uv /\nFROM a/nginx:1\nCOPY --from=build /a /\n"
    )


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
    text = section(SESSION, points)
    assert f"({PLOT})" in text
    assert "2, packages too" in text
    assert (
        "Measured 2 times each, of which the shorter time counts, on 7 November 2026, Linux on x86_64, 4 cores." in text
    )
    assert "The load average was at most 1.0" in text
    for case in STACKS:
        assert f"\n- {case.name}: " in text


def test_a_busy_machine_is_said() -> None:
    assert SESSION.told([9.0, 3.0])[1].endswith("(load average from 3 to 9):")


def test_what_was_measured_has_every_dockerfile() -> None:
    _, points = load()
    assert set(points) == {(case.name, kind) for case in (*STACKS, *PRESET) for kind in case.kinds}


def test_plot_has_a_dot_for_each_point_and_scale(points: Points) -> None:
    dots = [element for element in ET.fromstring(plot(points)).iter() if element.tag.endswith("circle")]
    assert len(dots) == len(KINDS) + 3 * sum(len(case.kinds) for case in STACKS)
