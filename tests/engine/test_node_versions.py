"""Node.js in the version that is not the default and has a base image here: every stack of it, built and run."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.engine.conftest import Engine
from tests.engine.services import CATALOG, SERVICES
from tests.engine.shop import Shop, get, post, scaffold

pytestmark = pytest.mark.long

VERSION = "22"
# The services by themselves: what a page shows of another one is seen with the default version.
NAMES = ("gateway", "gateway-pnpm", "jobs", "kit", "spa", "web")
CHOSEN = {name: replace(SERVICES[name], needs=()) for name in NAMES}
PORTS = {name: 26000 + at for at, name in enumerate(NAMES)}


@pytest.fixture(scope="module")
def shop(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A project on that version."""
    folder = tmp_path_factory.mktemp("node")
    return scaffold(folder, engine, CHOSEN.values(), node_version=VERSION).under(f"node-{VERSION}/shop")


@pytest.fixture(scope="module")
def running(shop: Shop) -> Iterator[Shop]:
    """Its images, in healthy containers."""
    shop.bake()
    try:
        compose(shop, "up", "--detach", "--wait", "--wait-timeout=120")
        yield shop
    finally:
        compose(shop, "down", "--volumes", "--timeout=5")
        shop.engine.run("docker", "image", "rm", "--force", *(shop.image(name) for name in NAMES))


def compose(shop: Shop, *arguments: str) -> str:
    command = ("docker", "compose", f"--project-name=bakegen-node-{VERSION}", "--file=compose.yaml", *arguments)
    ports = {f"{name.upper().replace('-', '_')}_PORT": str(port) for name, port in PORTS.items()}
    return shop.engine.run(*command, cwd=shop.folder, IMAGES=shop.images, **ports)


def test_every_stack_of_node_is_here() -> None:
    stacks = {name for name, stack in CATALOG.stacks.items() if stack.language == "node"}
    assert {service.stack for service in CHOSEN.values()} == stacks
    assert {service.package_manager for service in CHOSEN.values()} >= {"npm", "pnpm"}


@pytest.mark.parametrize("service", [name for name in NAMES if SERVICES[name].base == "node"])
def test_it_runs_on_that_version(running: Shop, service: str) -> None:
    assert compose(running, "exec", "--no-TTY", service, "node", "--version").startswith(f"v{VERSION}.")


@pytest.mark.parametrize("service", [name for name in NAMES if SERVICES[name].requests])
def test_it_answers(running: Shop, service: str) -> None:
    address = f"http://127.0.0.1:{PORTS[service]}"
    for path, text in SERVICES[service].requests.items():
        assert text in get(f"{address}{path}")
    for call in SERVICES[service].calls:
        assert call["text"] in post(f"{address}{call['path']}", call["body"])


def test_a_job_is_processed(running: Shop) -> None:
    jobs = SERVICES["jobs"].jobs
    compose(running, "exec", "--no-TTY", "jobs", "sh", "-c", jobs["short"])
    deadline = time.monotonic() + 30
    while not re.search(jobs["short_done"], compose(running, "logs", "--no-log-prefix", "jobs")):
        assert time.monotonic() < deadline
        time.sleep(0.2)
