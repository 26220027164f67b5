"""`bakegen measure` on a real builder: figures that agree with the registry's, and a working tree that stays as it is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.conftest import Engine


def bakegen(engine: Engine, folder: Path, *arguments: str) -> str:
    return engine.run(sys.executable, "-m", "bakegen", *arguments, cwd=folder)


@pytest.fixture(scope="module")
def project(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measure")
    bakegen(engine, folder, "new", "shop", "--preset=empty", "--set=git_init=false")
    bakegen(engine, folder / "shop", "add-service", "api")
    for command in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message=first"],
    ):
        subprocess.run(["git", *command], cwd=folder / "shop", check=True)
    return folder / "shop"


def test_figures(engine: Engine, project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".git" not in path.parts}
    told = json.loads(bakegen(engine, project, "measure", "api", "--baseline", "HEAD", "--json"))
    (now,), (then,) = told["services"], told["baseline"]
    (image,) = now["images"]
    assert image["platform"] == "linux/amd64"
    assert image["size"] == sum(layer["size"] for layer in image["layers"])
    assert 0 < image["above_base"] < image["size"]
    assert [layer["base"] for layer in image["layers"]].count(True) == 1
    assert then["images"][0]["above_base"] == pytest.approx(image["above_base"], rel=0.01)
    ran = {
        name: [step["name"] for step in build["steps"] if not step["cached"] and " FROM " not in step["name"]]
        for name, build in now["builds"].items()
    }
    assert any("uv sync" in step for step in ran["cold"])
    assert ran["warm"] == []
    assert ran["line"] != []
    assert not any("uv sync" in step for step in ran["line"])
    assert {path: path.read_bytes() for path in before} == before
