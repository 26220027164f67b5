"""The container engine and the generated projects that images.yml is run on.

A machine that cannot have the engine fails these tests, with the reason; nothing is skipped.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.engine import machine
from tests.engine.machine import REGISTRY

from . import act
from .gate import Gate, gate
from .shop import SERVICES, Shop, scaffold, with_services


@pytest.fixture(scope="session")
def environment() -> Iterator[Mapping[str, str]]:
    """The environment in which `docker`, `crane` and `act` are the engine's."""
    try:
        started = machine.up()
    except machine.EngineError as error:
        pytest.fail(f"no container engine: {error}", pytrace=False)
    yield machine.environment()
    if started:
        machine.down()


@pytest.fixture
def empty_shop(tmp_path: Path, environment: Mapping[str, str]) -> Shop:
    return scaffold(tmp_path, environment)


@pytest.fixture
def shop(tmp_path: Path, environment: Mapping[str, str]) -> Iterator[Shop]:
    yield from _shop(tmp_path, environment)


@pytest.fixture
def opened() -> Iterator[Gate]:
    """A registry that can fail."""
    with gate(*act.VARIABLES.values(), *act.SECRETS.values()) as opened:
        yield opened


@pytest.fixture
def gated(tmp_path: Path, environment: Mapping[str, str], opened: Gate) -> Iterator[Shop]:
    """A shop whose images go there, and whose runs do not wait between attempts."""
    for shop in _shop(tmp_path, environment, opened.address):
        yield shop.impatient()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Iterator[Shop]:
    """A shop after a push to its default branch."""
    for shop in _shop(tmp_path_factory.mktemp("published"), environment):
        outcome = act.run(shop, act.push())
        assert outcome.ok, outcome.log
        yield shop


def _shop(folder: Path, environment: Mapping[str, str], address: str = REGISTRY) -> Iterator[Shop]:
    shop = with_services(folder, environment, address)
    yield shop
    loaded = [f"{shop.image(service)}:candidate" for service in SERVICES]
    shop.command("docker", "image", "rm", "--force", *loaded)
