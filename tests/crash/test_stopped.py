"""Asked to stop at any point, the command ends at once with one line and leaves the old or the whole new project."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.scenario import ALL, COMMANDS, Scenario
from tests.crash.strace import everything

STEP = 2 if ALL else 20


@pytest.mark.parametrize(("signal", "code", "line"), [("INT", 130, "interrupted"), ("TERM", 143, "terminated")])
@pytest.mark.parametrize("name", COMMANDS)
def test_stopped_anywhere(
    name: str, signal: str, code: int, line: str, scenarios: Callable[[str], Scenario], tmp_path: Path
) -> None:
    scenario = scenarios(name)
    for point in scenario.points[::STEP]:
        project = scenario.copy(tmp_path)
        done = scenario.machine.inject(scenario.command, project, point, f"signal={signal}")
        assert (done.returncode, done.stderr.splitlines()[-1:]) == (code, [line]), (point, done.stderr)
        assert "Traceback" not in done.stderr
        assert scenario.state(everything(project)) in {"old", "new"}, point
