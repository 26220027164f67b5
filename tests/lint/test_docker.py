"""Docker's own programs read every generated file of theirs without a word."""

import json
import subprocess
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

Run = tuple[Path, Sequence[str]]


def services(project: Path) -> dict[str, dict[str, object]]:
    """The services of a project, as its project file has them."""
    found: dict[str, dict[str, object]] = tomllib.loads((project / "bakegen.toml").read_text()).get("services", {})
    return found


def said(runs: Sequence[Run], environment: dict[str, str]) -> dict[str, str]:
    """What those of the commands said that failed or warned; all run side by side, each in its folder."""

    def run(one: Run) -> tuple[str, str]:
        folder, command = one
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        silent = done.returncode == 0 and "level=warning" not in done.stderr
        return f"{folder.name}: {' '.join(command)}", "" if silent else done.stdout + done.stderr

    with ThreadPoolExecutor(4) as pool:
        return {command: text for command, text in pool.map(run, runs) if text}


def test_compose_accepts_them(generated: list[Path], docker: dict[str, str]) -> None:
    config = ["config", "--quiet"]
    runs: list[Run] = [(project, ["docker", "compose", *config]) for project in generated]
    runs += [(project, ["docker", "compose", "-f", "compose.yaml", *config]) for project in generated]
    assert said(runs, docker) == {}


def test_bake_prints_a_target_for_each_service(generated: list[Path], docker: dict[str, str]) -> None:
    for project in generated:
        command = ["docker", "buildx", "bake", "--print"]
        done = subprocess.run(command, cwd=project, env=docker, capture_output=True, text=True, check=True)
        assert set(json.loads(done.stdout)["target"]) == set(services(project))


def test_dockerfiles_pass_the_build_checks(generated: list[Path], docker: dict[str, str]) -> None:
    distinct: dict[tuple[object, bytes], Run] = {}
    for project in generated:
        for service in services(project).values():
            file = project / str(service["path"]) / "Dockerfile"
            context = str(service["path"]) if service["stack"] == "dockerfile" else "."
            command = ["docker", "buildx", "build", "--check", "-f", str(file.relative_to(project)), context]
            distinct[service["stack"], file.read_bytes()] = (project, command)
    assert distinct
    assert said(list(distinct.values()), docker) == {}
