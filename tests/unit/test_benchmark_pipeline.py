"""What is made of a run of act, and the table made of what was measured."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from benchmarks import pipeline
from benchmarks.session import Session
from tests.pipeline.act import Outcome

LOG = """\
test: #4 [api-test deps 2/3] RUN uv sync
test: #4 DONE 2.0s
build-amd64: #1 [internal] load local bake definitions
build-amd64: #1 DONE 0.0s
build-amd64: #7 [api deps 3/3] RUN --mount=type=cache,target=/cache uv sync --locked
build-amd64: #7 0.5 Installed
build-amd64: #7 DONE 2.1s
build-amd64: #8 [api build 2/2] RUN python -m compileall app
build-amd64: #8 DONE 0.3s
build-amd64: #1 [internal] load local bake definitions
build-amd64: #1 DONE 0.0s
build-amd64: #7 [api deps 3/3] RUN --mount=type=cache,target=/cache uv sync --locked
build-amd64: #7 CACHED
build-amd64: #7 [api deps 3/3] RUN --mount=type=cache,target=/cache uv sync --locked
build-amd64: #7 extracting
build-amd64: #7 DONE 1.0s
"""
SECONDS = {"prepare": 1.0, "lint": 2.0, "test": 5.0, "merge": 3.0, "release": 2.0, "images": 0.5}


def run(builds: dict[str, float], fan_out: str = "platform", cache: str = "cold") -> pipeline.Run:
    """A run whose build jobs took so long."""
    outcome = Outcome(
        ok=True,
        jobs={},
        seconds=SECONDS | builds,
        log=LOG,
        summary="",
        folder=Path(),
        artifacts={},
        releases={},
        outputs={},
    )
    return pipeline.read(3, fan_out, cache, outcome, 1.0)


def test_steps_of_build_jobs_are_counted_by_what_became_of_them() -> None:
    found = run({"build-amd64": 10.0})
    assert (found.ran, found.cached, found.installs) == (2, 1, 1)


def test_jobs_side_by_side_count_with_the_longest() -> None:
    found = run({"build (api, amd64)": 10.0, "build (web, amd64)": 20.0})
    assert found.critical == pytest.approx(1 + 5 + 20 + 3 + 2 + 0.5)
    assert found.together == pytest.approx(13.5 + 30)
    assert found.jobs == len(SECONDS) + 2


def test_section_has_a_row_for_each_run_and_what_they_say_together() -> None:
    session = Session(date="2026-11-07", system="Linux", architecture="x86_64", cores=4, turns=1)
    builds = {"platform": {"build-amd64": 20.0}, "service": {"build (api, amd64)": 8.0, "build (web, amd64)": 22.0}}
    runs = [
        replace(run(builds[fan_out], fan_out, cache), services=count)
        for count, fan_out, cache in product(pipeline.SERVICES, builds, ("cold", "warm"))
    ]
    text = pipeline.section(session, runs)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    assert rows[2][:4] == ["3", "`platform`", "cold", "1 s"]
    assert len(rows) == 2 + len(runs)
    assert "- 12 services, warm: the run takes 1.06 times as long, all jobs together 1.30 times" in text


def test_what_was_measured_is_of_both_sizes_and_once() -> None:
    _, runs = pipeline.load()
    found = [(run.services, run.fan_out, run.cache) for run in runs]
    assert sorted(set(found)) == sorted(found)
    assert {run.services for run in runs} == pipeline.SERVICES.keys()
    assert all(run.ran > 0 for run in runs if run.cache == "cold")
