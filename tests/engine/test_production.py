"""compose.prod.yaml with the services of the preset `pnpm-monorepo`: within its bounds, and what it survives."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.conftest import Engine
from tests.engine.services import SERVICES
from tests.engine.shop import Shop, get, post, run_bakegen

PORTS = {"API_PORT": "24202", "WEB_PORT": "24201"}
NOTES = f"http://127.0.0.1:{PORTS['API_PORT']}/api/v1/notes"
PAGE = f"http://127.0.0.1:{PORTS['WEB_PORT']}/"
KEYS = {"api": ["cpus=0.5", "memory=256MiB"], "web": ["replicas=2"]}
JOBS = SERVICES["jobs-pnpm"].jobs
MIB = 2**20
KILL = "import os, sys; os.kill(int(sys.argv[1]), 9)"
CONTAINERS = ("api-1", "web-1", "web-2", "web_replicas-1", "worker-1", "postgres-1", "redis-1")


class Production(Shop):
    """The project, run by compose.prod.yaml."""

    def compose(self, *arguments: str) -> str:
        command = ("docker", "compose", "--file=compose.prod.yaml", *arguments)
        return self.engine.run(*command, cwd=self.folder, IMAGES=self.images, **PORTS)

    def up(self) -> None:
        self.compose("up", "--detach", "--wait", "--wait-timeout=120")

    def of(self, container: str) -> Any:
        """What Docker says of a container, named as Compose does without the project."""
        return self.inspect("container", f"shop-production-{container}")


@pytest.fixture(scope="module")
def running(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("production")
    run_bakegen(folder, "new", "shop", "--preset=pnpm-monorepo", "--set=git_init=false", "--set=hosts=compose")
    for service, keys in KEYS.items():
        run_bakegen(folder / "shop", "set", service, *keys)
    text = (folder / "shop/compose.prod.yaml").read_text(encoding="utf-8")
    settings = dict.fromkeys(re.findall(r"\$\{(\w+):\?", text), "secret") | {"COMPOSE_PROJECT_NAME": "shop-production"}
    (folder / "shop/.env").write_text(
        "".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8"
    )
    shop = Production(folder=folder / "shop", engine=engine, images=f"{engine.registry}/production/shop")
    shop.bake()
    try:
        shop.up()
        yield shop
    finally:
        shop.compose("down", "--volumes", "--timeout=5")


def test_it_runs_in_its_bounds(running: Production) -> None:
    lines = running.engine.run("docker", "stats", "--no-stream", "--format=json", *names()).splitlines()
    print()
    for stats in map(json.loads, lines):
        host = running.of(stats["Name"].removeprefix("shop-production-"))["HostConfig"]
        assert host["Memory"] / MIB == pytest.approx(memory(stats["MemUsage"].split(" / ")[1]))
        assert 0 < memory(stats["MemUsage"].split(" / ")[0]) < host["Memory"] / MIB
        assert 0 < int(stats["PIDs"]) < host["PidsLimit"]
        print(
            f"{stats['Name']}: {stats['MemUsage']}, {stats['PIDs']} of {host['PidsLimit']} PIDs, {stats['CPUPerc']} CPU"
        )
    assert [running.of(name)["HostConfig"]["Memory"] // MIB for name in ("api-1", "web-1")] == [256, 512]
    assert [running.of(name)["HostConfig"]["NanoCpus"] for name in ("api-1", "web-1")] == [5 * 10**8, 10**9]


def names() -> list[str]:
    return [f"shop-production-{name}" for name in CONTAINERS]


def memory(text: str) -> float:
    """MiB of what `docker stats` says."""
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[unit]


def test_a_service_can_write_a_part_of_its_memory_and_nothing_else(running: Production) -> None:
    assert write(running, "/tmp/file", megabytes=60) == 0
    assert write(running, "/tmp/file", megabytes=70) != 0
    assert write(running, "/app/file", megabytes=1) != 0


def write(running: Production, path: str, megabytes: int) -> int:
    """How the attempt to write that many ends, in `api`."""
    script = f"head -c {megabytes}000000 /dev/zero > {path}; code=$?; rm -f /tmp/file; exit $code"
    command = ["docker", "exec", "shop-production-api-1", "sh", "-c", script]
    return subprocess.run(command, env=running.engine.environment, capture_output=True, check=False).returncode


def test_the_databases_are_reached_by_services_only(running: Production) -> None:
    for name in ("postgres-1", "redis-1"):
        container = running.of(name)
        assert list(container["NetworkSettings"]["Networks"]) == ["shop-production_data"]
        assert not any(container["NetworkSettings"]["Ports"].values())
    assert running.inspect("network", "shop-production_data")["Internal"] is True
    assert "shop-production_default" in running.of("worker-1")["NetworkSettings"]["Networks"]


def test_the_preset_s_migrations_ran_first(running: Production) -> None:
    assert "Applied 0001_notes.sql" in running.compose("logs", "--no-log-prefix", "api_pre_deploy")
    assert running.of("api_pre_deploy-1")["State"]["FinishedAt"] < running.of("api-1")["State"]["StartedAt"]


@pytest.mark.parametrize("name", CONTAINERS)
def test_it_recovers_from_the_end_of_a_program(running: Production, name: str) -> None:
    """Of the program itself, also where an init process started it."""
    before = running.of(name)
    others = {other: running.of(other)["RestartCount"] for other in CONTAINERS if other != name}
    listed = running.engine.run("docker", "top", f"shop-production-{name}", "-eo", "pid,ppid").split()[2:]
    parents = dict(zip(listed[::2], listed[1::2], strict=True))
    first = str(before["State"]["Pid"])
    pid = (
        next(child for child, parent in parents.items() if parent == first)
        if before["HostConfig"].get("Init")
        else first
    )
    kill = ("docker", "run", "--rm", "--privileged", "--pid=host", "python:3.13-slim", "python3", "-c", KILL, pid)
    running.engine.run(*kill)
    start = time.monotonic()
    while not recovered(running.of(name), before):
        assert time.monotonic() < start + 60
        time.sleep(0.1)
    print(f"\n{name}: back after {time.monotonic() - start:.1f} seconds")
    expect_all_works(running)
    assert {other: running.of(other)["RestartCount"] for other in others} == others, "nobody else went down with it"


def recovered(container: Any, before: Any) -> bool:
    again = container["RestartCount"] == before["RestartCount"] + 1
    return (
        again
        and container["State"].get("Health", {"Status": "healthy"})["Status"] == "healthy"
        and running_now(container)
    )


def running_now(container: Any) -> bool:
    return bool(container["State"]["Running"]) and not container["State"]["Restarting"]


def expect_all_works(running: Production) -> None:
    """The page knows the API, the API keeps what it is told, and the worker does a job."""
    done = jobs_done(running)
    assert "The API is up." in get(PAGE)
    note = json.loads(post(NOTES, {"text": "remember"}))
    assert json.loads(get(f"{NOTES}/{note['id']}")) == note
    running.compose("exec", "--no-TTY", "worker", "sh", "-c", JOBS["short"])
    deadline = time.monotonic() + 30
    while jobs_done(running) == done:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def jobs_done(running: Production) -> int:
    return len(re.findall(JOBS["short_done"], running.compose("logs", "--no-log-prefix", "worker")))


def test_what_databases_hold_survives_down_and_up(running: Production) -> None:
    note = json.loads(post(NOTES, {"text": "after down and up"}))
    running.compose("stop", "worker")
    running.compose("run", "--rm", "--no-TTY", "worker", "sh", "-c", "exec " + JOBS["short"])
    before = running.of("postgres-1")["Id"]
    running.compose("down")
    running.up()
    assert running.of("postgres-1")["Id"] != before
    assert json.loads(get(f"{NOTES}/{note['id']}")) == note
    deadline = time.monotonic() + 30
    while not jobs_done(running):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    expect_all_works(running)


def test_a_restart_of_the_database_restarts_what_needs_it(running: Production) -> None:
    before = running.of("api-1")["State"]["StartedAt"]
    running.compose("restart", "postgres")
    running.up()
    assert running.of("api-1")["State"]["StartedAt"] > before
    expect_all_works(running)
