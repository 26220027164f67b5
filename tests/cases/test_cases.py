"""Every folder here is a case (see story.py). `BAKEGEN_CASES=record` writes what was printed instead of comparing it."""

import os
from pathlib import Path

import pytest

from .story import HERE, STARTS, Case, build, copy, names, play

RECORD = os.environ.get("BAKEGEN_CASES") == "record"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def starts(tmp_path_factory: pytest.TempPathFactory, home: Path) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("starts")
    for start in STARTS:
        build(start, folder / start, home)
    return {start: folder / start for start in STARTS}


@pytest.mark.parametrize("name", names())
def test_case(name: str, starts: dict[str, Path], home: Path, tmp_path: Path) -> None:
    case = Case.read(name)
    project = tmp_path / "Größe of shop"  # a space and letters that are not ASCII, always
    copy(starts[case.start], project)
    outcome = play(case, project, home)
    said = {"stdout": outcome.stdout, "stderr": outcome.stderr}
    assert (outcome.exit, outcome.changed, outcome.wrong) == (case.exit, tuple(sorted(case.changed)), ()), said
    if RECORD:
        for stream, text in said.items():
            (HERE / name / stream).unlink(missing_ok=True)
            if text:
                (HERE / name / stream).write_text(text)
    assert said == {stream: expected(name, stream) for stream in said}


def expected(name: str, stream: str) -> str:
    path = HERE / name / stream
    return path.read_text() if path.exists() else ""


def test_a_third_of_the_cases_change_nothing() -> None:
    noops = [name for name in names() if not Case.read(name).changed]
    assert 3 * len(noops) >= len(names())


@pytest.mark.parametrize("name", names())
def test_what_becomes_of_an_edit_is_said(name: str) -> None:
    """A path that was edited by hand and then changed by the command: both must be in it, or what was asked for."""
    case = Case.read(name)
    assert case.edit.keys() & set(case.changed) <= case.after.keys()
