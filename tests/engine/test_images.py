"""Every stack's image, baked natively: what is in it, how big it is, and how it behaves when it runs."""

import json
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import Engine
from tests.engine.shop import LANGUAGES, OURS, PORTS, SERVICES, Shop, get, scaffold, stop, wait_healthy
from tools.images import BASES, images

STACKS = Path(__file__).parents[2] / "generator" / "bakegen" / "stacks"
MEGABYTE = 1_000_000
# Compressed layers above the base image. The worker's Redis client is a backing service's driver, and counted apart.
BUDGET = {"api": 6.0, "web": 12.0, "worker": 6.0}
UNWANTED = r"""
find / -xdev \( -path /proc -o -path /sys \) -prune -o \( \
    -name os-release -o -name .git -o -name .env -o -name .npm -o -name .cache -o -name '*_cache' -o -name '_cacache' \
    -o -name 'uv.lock' -o -name 'uv' -o -name 'gcc' -o -name 'cc1' -o -path '/app/tests' -o -path '/app/test' \
\) -print 2>/dev/null || true
"""


@pytest.fixture(scope="module")
def shop(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The project with all its images baked for this machine and loaded."""
    shop = scaffold(tmp_path_factory.mktemp("images"), engine, f"{engine.registry}/engine/shop")
    shop.bake(REVISION="0123456789abcdef")
    yield shop
    engine.run("docker", "image", "rm", "--force", *(shop.image(name) for name in SERVICES))


@pytest.fixture(scope="module")
def running(shop: Shop) -> Iterator[Shop]:
    """The project's containers, all of them healthy."""
    try:
        shop.compose("up", "--detach", "--wait", "--wait-timeout", "120")
        yield shop
    finally:
        shop.compose("down", "--volumes", "--timeout", "5")


def test_a_service_of_every_stack_is_built() -> None:
    assert sorted(SERVICES.values()) == sorted(path.parent.name for path in STACKS.glob("*/stack.toml"))


@pytest.mark.parametrize("service", OURS)
def test_runs_as_a_numeric_user_without_a_shell(shop: Shop, service: str) -> None:
    config = shop.inspect("image", shop.image(service))["Config"]
    assert config["User"] == "10001:10001"
    assert config["Cmd"][0] not in {"sh", "/bin/sh", "npm", "uv"}
    assert config["Healthcheck"]["Test"][0] == "CMD"


@pytest.mark.parametrize("service", SERVICES)
def test_labels_link_the_image_to_its_source(shop: Shop, service: str) -> None:
    labels = shop.inspect("image", shop.image(service))["Config"]["Labels"]
    assert labels["org.opencontainers.image.source"] == "https://github.com/acme/shop"
    assert labels["org.opencontainers.image.revision"] == "0123456789abcdef"


@pytest.mark.parametrize("service", OURS)
def test_holds_nothing_of_the_build(shop: Shop, service: str) -> None:
    found = shop.engine.run(
        "docker", "run", "--rm", "--user=0", "--entrypoint=sh", shop.image(service), "-c", UNWANTED
    ).split()
    base = BASES[LANGUAGES[SERVICES[service]]].removeprefix("library/")
    from_base = shop.engine.run("docker", "run", "--rm", "--user=0", "--entrypoint=sh", base, "-c", UNWANTED).split()
    assert "/etc/os-release" in found  # the search itself works
    assert sorted(set(found) - set(from_base)) == []


@pytest.mark.parametrize("service", OURS)
def test_layers_above_the_base_are_within_budget(shop: Shop, service: str) -> None:
    shop.bake(service, PUSH="true", TAGS="size")
    base = f"{shop.engine.registry}/{BASES[LANGUAGES[SERVICES[service]]]}"
    found = images(shop.image(service, "size"), base, shop.raw)
    assert [image.platform for image in found] == ["linux/amd64"]
    assert [image.above / MEGABYTE for image in found if image.above / MEGABYTE > BUDGET[service]] == []


@pytest.mark.parametrize("service", SERVICES)
def test_is_healthy_under_compose(running: Shop, service: str) -> None:
    state = running.inspect("container", running.container(service))
    assert state["State"]["Health"]["Status"] == "healthy"
    assert state["HostConfig"]["ReadonlyRootfs"] is (service in OURS)


def test_answers_requests(running: Shop) -> None:
    assert json.loads(get(f"http://127.0.0.1:{PORTS['api']}/health"))["status"] == "ok"
    assert json.loads(get(f"http://127.0.0.1:{PORTS['web']}/api/health"))["status"] == "ok"
    assert "<html" in get(f"http://127.0.0.1:{PORTS['web']}/")


@pytest.mark.parametrize("service", OURS)
def test_runs_read_only_as_any_user_and_stops_at_once(running: Shop, service: str) -> None:
    environment = running.inspect("container", running.container(service))["Config"]["Env"]
    options = [f"--env={item}" for item in environment if item.partition("=")[0].endswith("_URL")]
    options += ["--read-only", "--user=54321:54321", "--network=shop_default", "--detach"]
    container = running.engine.run("docker", "run", *options, running.image(service)).strip()
    try:
        wait_healthy(running, container)
        seconds, code = stop(running, container)
        assert code in {0, 143}
        assert seconds < 2
    finally:
        running.engine.run("docker", "rm", "--force", container)


def test_a_job_is_processed(running: Shop) -> None:
    enqueue = "rq enqueue --url $REDIS_URL app.jobs.count_words 'to be or not to be'"
    running.compose("exec", "--no-TTY", "worker", "sh", "-c", enqueue)
    assert _log_has(running, "counted 6 words")


def test_a_job_in_hand_is_finished_after_sigterm(running: Shop) -> None:
    # The sums are done by the job: the log line that announces it has no 41 and no 42.
    job = r"echo began-\$((40 + 1)); sleep 4; echo ended-\$((40 + 2))"
    running.compose("exec", "--no-TTY", "worker", "sh", "-c", f'rq enqueue --url $REDIS_URL os.system "{job}"')
    container = running.container("worker")
    assert _log_has(running, "began-41")
    seconds, code = stop(running, container)
    assert code == 0
    assert seconds > 1
    log = running.compose("logs", "--no-log-prefix", "worker")
    assert "ended-42" in log
    assert "Job OK" in log
    running.compose("up", "--detach", "--wait", "worker")


def test_the_sample_works_without_its_needs(shop: Shop) -> None:
    container = shop.engine.run(
        "docker", "run", "--detach", "--publish=127.0.0.1:13001:3000", shop.image("web")
    ).strip()
    try:
        wait_healthy(shop, container)
        assert "<html" in get("http://127.0.0.1:13001/")
    finally:
        shop.engine.run("docker", "rm", "--force", container)


def test_ports_are_those_of_the_project_file(shop: Shop) -> None:
    services = tomllib.loads((shop.folder / "bakegen.toml").read_text(encoding="utf-8"))["services"]
    for name in PORTS:
        exposed = shop.inspect("image", shop.image(name))["Config"]["ExposedPorts"]
        assert list(exposed) == [f"{services[name]['port']}/tcp"]


def _log_has(shop: Shop, text: str, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if text in shop.compose("logs", "--no-log-prefix", "worker"):
            return True
        time.sleep(0.2)
    return False
