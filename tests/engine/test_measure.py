"""`bakegen measure` on a real builder: figures that agree with the registry's, and a working tree that stays as it is."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.conftest import Engine
from tools.images import BASES, images


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
        name: [step["name"] for step in build["steps"] if not step["cached"]] for name, build in now["builds"].items()
    }
    assert any("uv sync" in step for step in ran["cold"])
    assert ran["warm"] == []
    assert ran["line"] != []
    assert not any("uv sync" in step for step in ran["line"])
    assert {path: path.read_bytes() for path in before} == before


def test_figures_are_those_of_the_registry(engine: Engine, project: Path) -> None:
    told = json.loads(bakegen(engine, project, "measure", "api", "--json"))
    (measured,) = told["services"][0]["images"]
    prefix = f"{engine.registry}/measure/shop"
    engine.run("docker", "buildx", "bake", "api", cwd=project, IMAGES=prefix, PUSH="true")
    raw = ("docker", "buildx", "imagetools", "inspect", "--raw")
    base = f"{engine.registry}/{BASES['python']}"
    (pushed,) = images(f"{prefix}-api:latest", base, lambda name: engine.run(*raw, name))
    # A pushed image has other dates, which compress to some bytes more or less.
    assert measured["size"] == pytest.approx(pushed.total, rel=0.001)
    assert measured["above_base"] == pytest.approx(pushed.above, rel=0.001)


def test_tables(engine: Engine, project: Path) -> None:
    text = bakegen(engine, project, "measure", "api", "--baseline=HEAD")
    summary, layers, steps, *_ = text.split("\n\n")
    assert [line.split()[0] for line in summary.splitlines()] == ["service", "api", "before"]
    assert layers.startswith("api: layers for linux/amd64\n")
    assert len(re.findall(r"^ *[0-9.]+ MB  base  ADD ", layers, re.MULTILINE)) == 1
    assert re.search(r"^ *[0-9.]+ MB        COPY .* /venv$", layers, re.MULTILINE)
    assert re.search(r"^ *[0-9.]+ s +cached +cached  \[deps 3/3\] RUN uv sync ", steps, re.MULTILINE)
    assert "\napi at HEAD: steps\n" in text


@pytest.mark.parametrize(
    ("arguments", "builder", "said"),
    [
        (["nosuch"], "bakegen", "error: there is no service nosuch\nhint: services: api\n"),
        (["--baseline=nosuch"], "bakegen", "error: no commit goes by the name of nosuch\nhint: name a commit"),
        ([], "nosuch", 'error: docker buildx cannot build here: no builder "nosuch" found\nhint: see which builders'),
        (["--baseline=broken"], "bakegen", "did not complete successfully: exit code: 1\nhint: build it alone"),
    ],
)
def test_what_cannot_be_measured_is_said(
    engine: Engine, project: Path, arguments: list[str], builder: str, said: str
) -> None:
    _tag_broken(project)
    done = subprocess.run(
        [sys.executable, "-m", "bakegen", "measure", *arguments],
        cwd=project,
        env=engine.environment | {"BUILDX_BUILDER": builder},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def _tag_broken(project: Path) -> None:
    """A commit under the name `broken` whose image cannot be built; the working tree stays as it is."""
    dockerfile = project / "services/api/Dockerfile"
    whole = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(whole.replace("uv sync --locked --no-dev", "false"), encoding="utf-8")
    tree = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "stash", "create"]
    commit = subprocess.run(["git", *tree], cwd=project, check=True, capture_output=True, text=True).stdout.strip()
    dockerfile.write_text(whole, encoding="utf-8")
    subprocess.run(["git", "tag", "--force", "broken", commit], cwd=project, check=True, capture_output=True)
