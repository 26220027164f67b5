"""The container engine, for every test in this folder: brought up once, or the one that is up already.

A machine that cannot have it fails these tests, with the reason; nothing is skipped.
"""

import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine import machine
from tests.engine.services import SERVICES
from tests.engine.shop import Shop, scaffold

HERE = Path(__file__).parent
PINS = HERE.parents[1] / "generator" / "bakegen" / "pins.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """The engine as a test sees it: an environment to run programs in, and a registry to push to."""

    environment: dict[str, str]
    registry: str

    def run(self, *command: str | Path, cwd: Path | None = None, **variables: str) -> str:
        """Standard output of a program, which must succeed; `variables` are added to its environment."""
        done = subprocess.run(
            command, cwd=cwd, env=self.environment | variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The running engine; stopped afterwards if it was started here."""
    try:
        started = machine.up()
    except machine.EngineError as error:
        pytest.fail(f"no container engine: {error}", pytrace=False)
    yield Engine(environment=machine.environment(), registry=machine.REGISTRY)
    if started:
        machine.down()


@pytest.fixture(scope="session")
def image_pins() -> dict[str, str]:
    """Tags of the images that generated files name: `postgres`, `redis`, `uv`."""
    pins: dict[str, str] = tomllib.loads(PINS.read_text(encoding="utf-8"))["images"]
    return pins


@pytest.fixture(scope="session")
def project(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The project with every service of the table, for reading: who changes a file takes a copy."""
    return scaffold(tmp_path_factory.mktemp("project"), engine)


@pytest.fixture(scope="session")
def shop(project: Shop) -> Iterator[Shop]:
    """The same with its images in the registry, published as a release, and pulled."""
    project.publish(tag="latest")
    project.compose("pull", "--quiet", *SERVICES)
    yield project
    project.engine.run("docker", "image", "rm", "--force", *(project.image(name) for name in SERVICES))
