"""What the disk refuses at any point: a clear error and the old project, with nothing left over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.scenario import ALL, CHANGING, COMMANDS, Scenario
from tests.crash.strace import Point, everything

STEP = 1 if ALL else 4
ERRORS = {
    "write": "ENOSPC",
    "fsync": "EIO",
    "rename": "EDQUOT",
    "mkdir": "EROFS",
    "fchmod": "EPERM",
}


def of_the_project(scenario: Scenario, call: str) -> list[Point]:
    """The calls of that name, but not what is printed and the cache of templates."""
    return [
        point
        for point in scenario.points
        if point.call == call and not point.text.startswith(("1, ", "2, ")) and "/.cache/" not in point.text
    ]


@pytest.mark.parametrize("call", ERRORS)
@pytest.mark.parametrize("name", COMMANDS)
def test_one_call_fails(name: str, call: str, scenarios: Callable[[str], Scenario], tmp_path: Path) -> None:
    scenario = scenarios(name)
    points = of_the_project(scenario, call)
    assert points or call in {"mkdir", "fchmod"}  # not every command makes a folder, or replaces a file
    states = []
    for point in points[:: STEP if len(points) > STEP else 1]:
        project = scenario.copy(tmp_path)
        done = scenario.machine.inject(scenario.command, project, point, f"error={ERRORS[call]}")
        states.append(scenario.state(everything(project)))
        if states[-1] == "new":  # tidying up after all was written
            assert (done.returncode, call) == (0, "fsync"), (point, done.stderr)
            continue
        assert (done.returncode, states[-1]) == (2, "old"), (point, done.stderr)
        error, where, hint = done.stderr.splitlines()
        assert error.startswith("error: cannot be written: "), (point, done.stderr)
        assert where.startswith("where: ")
        assert hint == "hint: nothing was changed"
    assert not points or "old" in states


@pytest.mark.parametrize("name", CHANGING)
def test_nothing_can_be_renamed_any_more(name: str, scenarios: Callable[[str], Scenario], tmp_path: Path) -> None:
    """When it cannot even be undone it says so, and goes on once there is a way."""
    scenario = scenarios(name)
    stuck = 0
    for point in of_the_project(scenario, "rename")[::STEP]:
        project = scenario.copy(tmp_path)
        done = scenario.machine.inject(scenario.command, project, point, "error=ENOSPC", onwards=True)
        assert done.returncode == 2, (point, done.stderr)
        if scenario.state(everything(project)) != "old":
            assert "the project is half written, and it cannot be undone: No space left" in done.stderr, point
            stuck += 1
        again = scenario.machine.run(("sync",), project)
        assert again.returncode == 0, (point, again.stderr)
        assert scenario.state(everything(project)) in {"old", "new"}, point
    assert stuck
