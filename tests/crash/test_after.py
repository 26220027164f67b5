"""Between a crash and recovery: who only reads changes nothing, and who edits loses nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.scenario import Scenario
from tests.crash.strace import everything


def half_written(scenario: Scenario, folder: Path, renamed: int) -> Path:
    """A project in which a run was killed after so many files were renamed to their places."""
    renames = [point for point in scenario.points if point.call == "rename" and "/.bakegen/journal" not in point.text]
    project = scenario.copy(folder)
    killed = scenario.machine.inject(scenario.command, project, renames[renamed], "signal=KILL")
    assert killed.returncode in {-9, 137}
    return project


@pytest.mark.parametrize(
    "arguments", [("check",), ("diff",), ("list",), ("sync", "--dry-run"), ("add-service", "jobs", "--dry-run")]
)
def test_who_only_reads_leaves_it_to_others(
    arguments: tuple[str, ...], scenarios: Callable[[str], Scenario], tmp_path: Path
) -> None:
    project = half_written(scenarios("add"), tmp_path, 5)
    before = everything(project)
    done = scenarios("add").machine.run(arguments, project)
    assert "An earlier run was interrupted while it wrote" in done.stderr
    assert everything(project) == before


def test_file_edited_after_the_crash(scenarios: Callable[[str], Scenario], tmp_path: Path) -> None:
    scenario = scenarios("add")
    for keep in ("yours", "bakegen's"):
        project = half_written(scenario, tmp_path, 0)
        edited = project / "docker-bake.hcl"
        mine = edited.read_bytes() + b"# edited after the crash\n"
        edited.write_bytes(mine)
        before = everything(project)
        refused = scenario.machine.run(("sync",), project)
        assert refused.returncode == 3
        assert everything(project) == before
        lines = refused.stderr.splitlines()
        assert lines[:2] == [
            "error: edited after a run of bakegen was interrupted there",
            "where: docker-bake.hcl",
        ]
        assert lines[2].startswith("hint: bakegen's version of docker-bake.hcl: mv .bakegen-")
        temporary = lines[2].rpartition("yours: rm ")[2].partition(";")[0]
        if keep == "yours":
            (project / temporary).unlink()
        else:
            (project / temporary).rename(edited)
        done = scenario.machine.run(("sync",), project)
        if keep == "yours":  # the rest was completed, and the target that is missing in that file is merged into it
            assert edited.read_bytes().endswith(b"# edited after the crash\n")
            assert not list(project.rglob(".bakegen-*"))
        else:
            assert (done.returncode, scenario.state(everything(project))) == (0, "new")


def test_file_that_was_to_go_edited_after_the_crash(scenarios: Callable[[str], Scenario], tmp_path: Path) -> None:
    scenario = scenarios("remove")
    project = half_written(scenario, tmp_path, 0)
    edited = project / "services/worker/Dockerfile"
    edited.write_bytes(b"mine\n")
    before = everything(project)
    refused = scenario.machine.run(("sync",), project)
    assert (refused.returncode, everything(project)) == (3, before)
    assert "services/worker/Dockerfile was to go: move it away" in refused.stderr
    edited.rename(project / "Dockerfile.mine")
    assert scenario.machine.run(("sync",), project).returncode == 0
    assert (project / "Dockerfile.mine").read_bytes() == b"mine\n"
    (project / "Dockerfile.mine").unlink()
    assert scenario.state(everything(project)) == "new"


def test_file_edited_after_it_was_replaced_is_left_as_it_is(
    scenarios: Callable[[str], Scenario], tmp_path: Path
) -> None:
    scenario = scenarios("add")
    project = half_written(scenario, tmp_path, 5)
    mine = {}
    for path, (_, data) in scenario.new.items():
        place = project / path
        if (
            path.endswith((".hcl", ".md", ".example", ".yaml"))
            and place.is_file()
            and scenario.old.get(path, (0, None))[1] != data == place.read_bytes()
        ):
            place.write_bytes(data + b"# mine\n")
            mine[path] = data + b"# mine\n"
    assert len(mine) >= 2
    scenario.machine.run(("sync",), project)
    assert {path: (project / path).read_bytes() for path in mine} == mine
    assert not list(project.rglob(".bakegen-*"))


def test_folder_made_again_after_the_crash(scenarios: Callable[[str], Scenario], tmp_path: Path) -> None:
    scenario = scenarios("rename")
    project = half_written(scenario, tmp_path, 1)
    (project / "services/worker").mkdir()
    before = everything(project)
    refused = scenario.machine.run(("sync",), project)
    assert (refused.returncode, everything(project)) == (3, before)
    assert "an interrupted run was renaming something, and now both are there" in refused.stderr
    (project / "services/worker").rmdir()
    assert scenario.machine.run(("sync",), project).returncode == 0
    assert scenario.state(everything(project)) == "new"


def test_damaged_journal(scenarios: Callable[[str], Scenario], tmp_path: Path) -> None:
    scenario = scenarios("add")
    project = half_written(scenario, tmp_path, 3)
    journal = project / ".bakegen/journal"
    journal.write_bytes(journal.read_bytes()[:-70])
    before = everything(project)
    refused = scenario.machine.run(("sync",), project)
    assert (refused.returncode, everything(project)) == (3, before)
    assert "where: .bakegen/journal" in refused.stderr
    assert "Traceback" not in refused.stderr
