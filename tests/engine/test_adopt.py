"""Foreign repositories with the real bake: adopting changes nothing, and an `add-service` adds one target."""

import json
import posixpath
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from bakegen.adopt.facts import Build
from bakegen.adopt.survey import declared, survey
from bakegen.cli.repository import Repository, is_dockerfile
from tests.adopt.repositories import adopt, copy, names
from tests.engine.conftest import Engine

# Targets that only others inherit, and what comes of a matrix with names that only bake can tell.
BASES = {"_base", "_platforms", "common", "docker-metadata-action", "go", "node", "tool-1-2", "tool-1-3", "worker-base"}
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


@pytest.mark.parametrize("name", names())
def test_what_is_read_is_what_bake_makes_of_it(engine: Engine, tmp_path: Path, name: str) -> None:
    root = copy(name, tmp_path)
    targets, _ = printed(engine, root)
    repository = Repository(root)
    texts = repository.texts()
    found = survey(declared(texts), {path: text for path, text in texts.items() if is_dockerfile(path)})
    assert {service.name: built(targets[service.name]) for service in found.services} == {
        service.name: service.build for service in found.services
    }
    unread = targets.keys() - {service.name for service in found.services} - {each.name for each in found.omitted}
    assert unread <= BASES


def built(target: dict[str, Any]) -> Build:
    """The build of a target as bake prints it, its paths as they are from the root."""
    dockerfile = posixpath.normpath(posixpath.join(target["context"], target["dockerfile"]))
    return Build(
        context=PurePosixPath(target["context"]), dockerfile=PurePosixPath(dockerfile), target=target.get("target")
    )


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
