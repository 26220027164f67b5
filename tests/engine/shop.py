"""The project that the engine tests build and run: every service of services.toml, scaffolded by the real commands."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.engine.services import SERVICES, Service

if TYPE_CHECKING:
    from tests.engine.conftest import Engine

RELEASE = {"REVISION": "0123456789abcdef"}
PUBLISHED = {f"{name.upper().replace('-', '_')}_PORT": str(service.port) for name, service in SERVICES.items()}
COMPOSE = "bakegen-engine"
PROXY = """\
FROM python:3.13-slim
USER 65534:65534
EXPOSE 8080
HEALTHCHECK --interval=5s --start-interval=1s --start-period=20s CMD ["python3", "-c", "import socket; socket.create_connection(('127.0.0.1', 8080), 2)"]
CMD ["python3", "-m", "http.server", "8080", "--directory", "/usr/share"]
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """A project folder, the engine, and the images' prefix in the engine's registry."""

    folder: Path
    engine: Engine
    images: str

    def copy(self, folder: Path) -> Shop:
        """The same project in a folder that is not there yet: a place to change files in."""
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder)

    def under(self, path: str) -> Shop:
        """The same project, its images under another path of the registry."""
        return replace(self, images=f"{self.engine.registry}/{path}")

    def image(self, service: str, tag: str = "latest") -> str:
        """The name of a service's image."""
        return f"{self.images}-{service}:{tag}"

    def bake(self, *arguments: str, **variables: str) -> str:
        """`docker buildx bake` with the bake variables set; gives back its output."""
        command = ("docker", "buildx", "bake", "--progress=plain", *arguments)
        return self.engine.run(*command, cwd=self.folder, **{"IMAGES": self.images, **variables})

    def publish(self, *arguments: str, tag: str) -> None:
        """Bake and push as a release does."""
        self.bake(*arguments, PUSH="true", TAGS=tag, **RELEASE)

    def compose(self, *arguments: str) -> str:
        """`docker compose` on the baked images, on ports of these tests' own."""
        command = ("docker", "compose", "--file", "compose.yaml", *arguments)
        variables = {"COMPOSE_PROJECT_NAME": COMPOSE, "IMAGES": self.images} | PUBLISHED
        return self.engine.run(*command, cwd=self.folder, **variables)

    def inspect(self, kind: str, name: str) -> Any:
        """`docker KIND inspect NAME`."""
        return json.loads(self.engine.run("docker", kind, "inspect", name))[0]

    def container(self, service: str) -> str:
        """The id of a service's container."""
        return self.compose("ps", "--all", "--quiet", service).strip()

    def raw(self, reference: str) -> str:
        """The manifest or index of a reference, as JSON text."""
        return self.engine.run("docker", "buildx", "imagetools", "inspect", "--raw", reference)

    def shared(self) -> dict[str, list[str]]:
        """Service -> the bake targets that it is made from besides its own."""
        targets = json.loads(self.bake("--print", *SERVICES))["target"]
        prefix = "target:"
        return {
            name: [
                value.removeprefix(prefix) for value in targets[name].get("contexts", {}).values() if prefix in value
            ]
            for name in SERVICES
        }

    def answers(self, service: str) -> dict[str, Any]:
        """What bakegen.toml says of a service."""
        answers: dict[str, Any] = tomllib.loads((self.folder / "bakegen.toml").read_text("utf-8"))["services"][service]
        return answers

    def file(self, service: str, name: str) -> Path:
        """A file of a service or, with a leading "/", of the project."""
        root = self.folder / ("" if name.startswith("/") else self.answers(service)["path"])
        return root / name.lstrip("/")


def scaffold(folder: Path, engine: Engine, services: Iterable[Service] = SERVICES.values(), **answers: str) -> Shop:
    """A new project with the given services, in `folder`/shop; `answers` are what cookiecutter would ask for."""
    given = [f"--set={name}={answer}" for name, answer in answers.items()]
    run_bakegen(folder, "new", "shop", "--preset", "empty", "--set", "git_init=false", *given)
    shop = Shop(folder=folder / "shop", engine=engine, images=f"{engine.registry}/engine/shop")
    for service in services:
        arguments = [f"--option={name}={str(value).lower()}" for name, value in service.options.items()]
        if service.needs:
            arguments.append(f"--needs={','.join(service.needs)}")
        if service.uses:
            arguments.append(f"--uses={','.join(service.uses)}")
        if not service.ours:
            (shop.folder / "services" / service.name).mkdir(parents=True)
            (shop.folder / "services" / service.name / "Dockerfile").write_text(PROXY, encoding="utf-8")
            arguments.append("--port=8080")
        run_bakegen(shop.folder, "add-service", service.name, "--stack", service.stack, *arguments)
    return shop


def install_stages(*services: str) -> list[str]:
    """What has bake build services up to the stage that installs their packages."""
    return [f"--set={name}.target={SERVICES[name].install}" for name in services]


def change_locks(shop: Shop, *services: str) -> None:
    """Lock files with bytes that no build has seen, and that mean the same: blanks in JSON, a comment elsewhere."""
    blanks = f"{uuid4().int:b}".translate({ord("0"): " ", ord("1"): "\t"})
    for file in {shop.file(name, lock) for name in services for lock in SERVICES[name].lock}:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(f"{blanks}\n" if file.suffix == ".json" else f"# {uuid4()}\n")


def stop(shop: Shop, container: str) -> tuple[float, int]:
    """Send SIGTERM; the seconds until the container ended, and its exit code."""
    start = time.monotonic()
    shop.engine.run("docker", "stop", "--timeout=30", container)
    seconds = time.monotonic() - start
    return seconds, shop.inspect("container", container)["State"]["ExitCode"]


def wait_healthy(shop: Shop, container: str, seconds: float = 60) -> None:
    """Return when Docker calls the container healthy; AssertionError with its log if it does not."""
    deadline = time.monotonic() + seconds
    while True:
        state = shop.inspect("container", container)["State"]
        if state["Status"] == "running" and state["Health"]["Status"] == "healthy":
            return
        log = state["Health"]["Log"][-1:] if "Health" in state else []
        story = f"{state['Status']}: {shop.engine.run('docker', 'logs', container)} {log}"
        assert state["Status"] == "running", story
        assert time.monotonic() < deadline, story
        time.sleep(0.2)


def get(address: str | urllib.request.Request) -> str:
    """The body of an answer that is a good one."""
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.status in {200, 201}
        body: bytes = answer.read()
    return body.decode()


def post(address: str, value: object) -> str:
    """The body of the answer to a value sent as JSON."""
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    request = urllib.request.Request(address, data=json.dumps(value).encode(), headers=headers)
    return get(request)


def run_bakegen(folder: Path, *arguments: str) -> None:
    """`bakegen` in a folder, which must succeed."""
    command = [sys.executable, "-m", "bakegen", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
