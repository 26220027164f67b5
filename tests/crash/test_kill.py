"""Killed at any call that writes, the project is the old or the new one after the next command that writes."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.scenario import ALL, COMMANDS, Scenario
from tests.crash.strace import everything

SHARDS = 8
STEP = 1 if ALL else 3


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_anywhere(
    name: str, shard: int, scenarios: Callable[[str], Scenario], tmp_path: Path, record_property: Callable[..., None]
) -> None:
    scenario = scenarios(name)
    points = list(enumerate(scenario.points))[STEP * shard :: STEP * SHARDS]
    seen: Counter[str] = Counter()
    for at, point in points:
        project = scenario.copy(tmp_path)
        killed = scenario.machine.inject(scenario.command, project, point, "signal=KILL")
        assert killed.returncode in {-9, 137}, (point, killed)
        same = at % 2 == 1 or name == "new"  # without a project there is nothing to sync
        done = scenario.machine.run(scenario.command if same else ("sync",), project)
        found = scenario.state(everything(project))
        assert found in ({"new"} if same else {"old", "new"}), (point, done.stdout, done.stderr)
        assert done.returncode in ({0, 2} if same else {0}), (point, done.stderr)
        seen[found] += 1
    record_property("kills", dict(seen))
