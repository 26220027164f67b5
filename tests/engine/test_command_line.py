"""`python -m tests.engine.machine` on a machine that cannot have an engine: one clear error, exit 2."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def machine(action: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command with an empty PATH and state."""
    environment = {"PATH": str(folder), "HOME": str(folder), "BAKEGEN_ENGINE": "built"}
    command = [sys.executable, "-m", "tests.engine.machine", action]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_up_names_all_that_is_missing_with_a_remedy(tmp_path: Path) -> None:
    done = machine("up", tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for program in ("apt-get", "go", "node"):
        assert f"  - {program}" in done.stderr
    assert "https://go.dev/dl" in done.stderr


def test_env_of_an_engine_that_is_not_up_prints_no_export(tmp_path: Path) -> None:
    done = machine("env", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "tests.engine.machine up" in done.stderr


def test_down_of_nothing_is_fine(tmp_path: Path) -> None:
    assert machine("down", tmp_path).returncode == 0


def test_status_tells_what_runs_and_where(tmp_path: Path) -> None:
    lines = machine("status", tmp_path).stdout.splitlines()
    assert lines[:4] == ["registry: stopped", "buildkitd: stopped", "containerd: stopped", "dockerd: stopped"]
    assert f"state: {tmp_path}/.local/state/bakegen/engine" in lines
