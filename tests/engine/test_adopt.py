"""Foreign repositories with the real bake: adopting changes nothing, and an `add-service` adds one target."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.adopt.repositories import adopt, copy, names
from tests.engine.conftest import Engine

SERVICE = ["add-service", "notes", "--stack=fastapi", "--port=8000", "--publish=8765"]


@pytest.mark.parametrize("name", names())
def test_bake_prints_the_same_for_every_target_that_was_there(engine: Engine, tmp_path: Path, name: str) -> None:
    root = copy(name, tmp_path)
    before, members = printed(engine, root)
    bakegen(engine, root, *adopt(name))
    assert printed(engine, root) == (before, members)
    bakegen(engine, root, *SERVICE)
    after, now = printed(engine, root)
    assert {target: after[target] for target in before} == before
    assert after.keys() - before.keys() == {"notes"}
    assert now == members | {"notes"}
    bakegen(engine, root, "check")


def printed(engine: Engine, root: Path) -> tuple[dict[str, Any], set[str]]:
    """What bake makes of every target, and what a bare `docker buildx bake` builds."""
    listed = json.loads(engine.run("docker", "buildx", "bake", "--list=type=targets,format=json", cwd=root))
    every = [entry["name"] for entry in listed]
    command = ("docker", "buildx", "bake", "--print", "--set=*.output=type=cacheonly")
    targets: dict[str, Any] = json.loads(engine.run(*command, *every, cwd=root))["target"]
    return targets, set(json.loads(engine.run(*command, cwd=root))["target"])


def bakegen(engine: Engine, root: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "bakegen", *arguments]
    done = subprocess.run(command, cwd=root, env=engine.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
