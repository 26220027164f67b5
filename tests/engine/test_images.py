"""Every service's image, baked natively: what is in it, how big it is, and how it behaves when it runs."""

import re
import tarfile
import time
import tomllib
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests.engine.layers import Pushed
from tests.engine.services import OURS, SERVICES, WORKERS
from tests.engine.shop import COMPOSE, Shop, get, post, stop, wait_healthy
from tools.images import images

STACKS = Path(__file__).parents[2] / "generator" / "bakegen" / "stacks"
MEGABYTE = 1_000_000
# Options whose choices are combined; of every other option each choice is built at least once.
COMBINED = ("package_manager", "server")
# Rendered, linted and resolved for every choice, built for the first alone.
RENDERED_ONLY = ("distro",)
SHELLS_AND_PACKAGE_MANAGERS = {
    *("ash", "bash", "busybox", "dash", "sh"),
    *("bun", "npm", "npm-cli.js", "npx", "pip", "pip3", "pnpm", "pnpm.cjs", "poetry", "uv", "uvx", "yarn"),
}
UNWANTED_PROGRAMS = SHELLS_AND_PACKAGE_MANAGERS | {
    *("as", "c++", "cargo", "cc", "cc1", "clang", "eslint", "g++", "gcc", "go", "ld", "make", "mypy", "node-gyp"),
    *("pytest", "ruff", "rustc", "tsc", "turbo", "vitest"),
}
UNWANTED = re.compile(
    r"""
    (^|/)(\.git|\.env[^/]*|\.cache|\.npm|\.[a-z]+_cache|_cacache|\.next/cache|\.turbo|tmp|\.venv)(/|$)
    | (^|/)(Dockerfile[^/]*|[^/]+\.lock|package-lock\.json|pnpm-lock\.yaml|.*\.tsbuildinfo)$
    | (^|/)node_modules/(eslint|prettier|typescript)/.*\.js$
    | \.map$
    | ^app/(?!.*(node_modules|site-packages)/).*(tests?|__tests__|[^/]+\.(test|spec)\.[^/]+)(/|$)
    """,
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def running(shop: Shop) -> Iterator[Shop]:
    """The project's containers, all of them healthy."""
    try:
        shop.compose("up", "--detach", "--wait", "--wait-timeout", "120")
        for service in SERVICES.values():
            if service.prepare:
                shop.compose("exec", "--no-TTY", service.name, "sh", "-c", service.prepare)
        yield shop
    finally:
        shop.compose("down", "--volumes", "--timeout", "5")


def test_the_table_has_every_stack_with_every_package_manager_and_server() -> None:
    assert {service.stack for service in SERVICES.values()} == set(_options())
    for stack, options in _options().items():
        built = [service.options for service in SERVICES.values() if service.stack == stack]
        combined = [name for name in COMBINED if name in options]
        wanted = set(product(*(options[name] for name in combined)))
        assert {tuple(chosen.get(name, options[name][0]) for name in combined) for chosen in built} == wanted, stack
        for name in options.keys() - {*COMBINED, *RENDERED_ONLY}:
            assert {chosen.get(name, options[name][0]) for chosen in built} == set(options[name]), (stack, name)
        assert [chosen for chosen in built if not chosen.keys() <= options.keys() - {*RENDERED_ONLY}] == []


@pytest.mark.parametrize("service", OURS)
def test_the_table_has_a_question_for_every_service(service: str) -> None:
    row = SERVICES[service]
    assert row.requests or row.jobs
    assert min(row.above, *map(len, (row.base, row.install, row.source, row.lock, row.tests))) > 0


@pytest.mark.parametrize("service", OURS)
def test_runs_as_a_numeric_user(shop: Shop, service: str) -> None:
    config = shop.inspect("image", shop.image(service))["Config"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"


@pytest.mark.parametrize("service", SERVICES)
def test_labels_link_the_image_to_its_source(shop: Shop, service: str) -> None:
    labels = shop.inspect("image", shop.image(service))["Config"]["Labels"]
    assert labels["org.opencontainers.image.source"] == "https://github.com/acme/shop"
    assert labels["org.opencontainers.image.revision"] == "0123456789abcdef"


@pytest.mark.parametrize("service", SERVICES)
def test_port_is_that_of_the_project_file(shop: Shop, service: str) -> None:
    port = shop.answers(service).get("port")
    exposed = shop.inspect("image", shop.image(service))["Config"].get("ExposedPorts") or {}
    assert list(exposed) == ([f"{port}/tcp"] if port else [])


@pytest.mark.parametrize("service", OURS)
def test_holds_nothing_of_the_build(shop: Shop, service: str) -> None:
    entries = Pushed(shop=shop, service=service).entries
    programs = [path for path, entry in entries.items() if PurePosixPath(path).parent.name in {"bin", ".bin"}]
    assert len(entries) > 5, "the application itself is seen"
    # A link is no cache: Next.js has one that leads to where a container may write.
    found = [path for path, entry in entries.items() if UNWANTED.search(path) and entry.kind != tarfile.SYMTYPE]
    assert found == []
    assert [path for path in programs if PurePosixPath(path).name in UNWANTED_PROGRAMS] == []


@pytest.mark.parametrize("service", OURS)
def test_layers_above_the_base_are_within_budget(shop: Shop, service: str) -> None:
    base = f"{shop.engine.registry}/{SERVICES[service].base_image}"
    found = images(shop.image(service), base, shop.raw)
    assert [image.platform for image in found] == ["linux/amd64"]
    assert [size for image in found if (size := image.above / MEGABYTE) > SERVICES[service].above] == []


@pytest.mark.parametrize("service", SERVICES)
def test_is_healthy_under_compose(running: Shop, service: str) -> None:
    state = running.inspect("container", running.container(service))
    assert state["State"]["Health"]["Status"] == "healthy"
    assert state["HostConfig"]["ReadonlyRootfs"] is SERVICES[service].ours


@pytest.mark.parametrize(
    ("service", "path"), [(name, path) for name, service in SERVICES.items() for path in service.requests]
)
def test_answers_requests(running: Shop, service: str, path: str) -> None:
    assert SERVICES[service].requests[path] in get(f"http://127.0.0.1:{SERVICES[service].port}{path}")


@pytest.mark.parametrize(
    ("service", "at"), [(name, at) for name, service in SERVICES.items() for at in range(len(service.calls))]
)
def test_answers_calls(running: Shop, service: str, at: int) -> None:
    call = SERVICES[service].calls[at]
    assert call["text"] in post(f"http://127.0.0.1:{SERVICES[service].port}{call['path']}", call["body"])


@pytest.mark.parametrize("service", [name for name, service in SERVICES.items() if service.log])
def test_says_that_it_is_up(running: Shop, service: str) -> None:
    assert SERVICES[service].log in running.compose("logs", "--no-log-prefix", service)


@pytest.mark.parametrize("service", OURS)
def test_its_program_is_process_1(running: Shop, service: str) -> None:
    container = running.container(service)
    first = str(running.inspect("container", container)["State"]["Pid"])
    listed = [line.split() for line in running.engine.run("docker", "top", container, "-eo", "pid,args").splitlines()]
    ((program, *arguments),) = [words[1:] for words in listed if words[0] == first]
    assert {PurePosixPath(word).name for word in (program, *arguments[:1])} & SHELLS_AND_PACKAGE_MANAGERS == set()


@pytest.mark.parametrize("service", OURS)
def test_runs_read_only_as_any_user_answers_and_ends_on_sigterm(running: Shop, service: str) -> None:
    environment = running.inspect("container", running.container(service))["Config"]["Env"]
    options = [f"--env={item}" for item in environment if item.partition("=")[0].endswith("_URL")]
    options += ["--read-only", "--user=54321:54321", f"--network={COMPOSE}_default", "--publish-all", "--detach"]
    container = running.engine.run("docker", "run", *options, running.image(service)).strip()
    try:
        wait_healthy(running, container)
        if SERVICES[service].requests:
            address = running.engine.run("docker", "port", container).splitlines()[0].rpartition(" ")[2]
            for path, text in SERVICES[service].requests.items():
                assert text in get(f"http://{address}{path}")
        seconds, code = stop(running, container)
        assert code in {0, 143}
        assert seconds < 10  # what `docker stop` allows
    finally:
        running.engine.run("docker", "rm", "--force", container)


@pytest.fixture
def worker(running: Shop, request: pytest.FixtureRequest) -> Iterator[str]:
    """A worker on its own: those that share its queue are stopped."""
    name: str = request.param
    others = [other for other in WORKERS if other != name and SERVICES[other].stack == SERVICES[name].stack]
    if others:
        running.compose("stop", *others)
    yield name
    running.compose("up", "--detach", "--wait", *WORKERS)


@pytest.mark.parametrize("worker", WORKERS, indirect=True)
def test_a_job_is_processed_and_one_in_hand_finished_after_sigterm(running: Shop, worker: str) -> None:
    jobs = SERVICES[worker].jobs
    running.compose("exec", "--no-TTY", worker, "sh", "-c", jobs["short"])
    _wait_until(lambda: _logged(running, worker, jobs["short_done"]))
    running.compose("exec", "--no-TTY", worker, "sh", "-c", jobs["long"])
    _wait_until(lambda: running.compose("exec", "--no-TTY", "redis", "redis-cli", "exists", jobs["busy"]) == "1\n")
    assert not _logged(running, worker, jobs["long_done"])
    seconds, code = stop(running, running.container(worker))
    assert code == 0
    assert seconds > 1
    assert _logged(running, worker, jobs["long_done"])


@pytest.mark.parametrize("service", [name for name, service in SERVICES.items() if service.rows])
def test_what_is_posted_is_a_row_and_a_row_is_what_is_read(running: Shop, service: str) -> None:
    address = f"http://127.0.0.1:{SERVICES[service].port}{SERVICES[service].calls[0]['path']}"
    post(address, {"text": f"row of {service}"})
    change = (
        f"--command=update {SERVICES[service].rows} set text = 'changed for {service}' where text = 'row of {service}'"
    )
    psql = ("psql", "--username=app", "--dbname=app", change)
    assert running.compose("exec", "--no-TTY", "postgres", *psql) == "UPDATE 1\n"
    assert f"changed for {service}" in get(address)


def test_the_sample_works_without_its_needs(shop: Shop) -> None:
    container = shop.engine.run(
        "docker", "run", "--detach", "--publish=127.0.0.1:20999:3000", shop.image("web")
    ).strip()
    try:
        wait_healthy(shop, container)
        assert "<html" in get("http://127.0.0.1:20999/")
    finally:
        shop.engine.run("docker", "rm", "--force", container)


def _options() -> dict[str, dict[str, list[Any]]]:
    """Stack -> option -> choices, from the stacks' own files."""
    data = {path.parent.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in STACKS.glob("*/stack.toml")}
    return {
        stack: {name: option["choices"] for name, option in read.get("options", {}).items()}
        for stack, read in data.items()
    }


def _logged(shop: Shop, service: str, pattern: str) -> bool:
    return re.search(pattern, shop.compose("logs", "--no-log-prefix", service)) is not None


def _wait_until(done: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.2)
