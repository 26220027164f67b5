"""The project that the engine tests build and run: one service of every stack, scaffolded by the real commands."""

import json
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engine.conftest import Engine

# One service of every stack that bakegen ships; a test compares this with the folders.
SERVICES = {"api": "fastapi", "proxy": "dockerfile", "web": "nextjs", "worker": "python-worker"}
OURS = ("api", "web", "worker")
LANGUAGES = {"fastapi": "python", "nextjs": "node", "python-worker": "python"}
PORTS = {"api": 18000, "web": 13000, "proxy": 18080}
VARIABLES = {f"{name.upper()}_PORT": str(port) for name, port in PORTS.items()}
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

    def image(self, service: str, tag: str = "latest") -> str:
        """The name of a service's image."""
        return f"{self.images}-{service}:{tag}"

    def bake(self, *arguments: str, **variables: str) -> str:
        """`docker buildx bake` with the bake variables set; gives back its output."""
        return self.engine.run("docker", "buildx", "bake", "--progress=plain", *arguments, cwd=self.folder, **variables)

    def compose(self, *arguments: str) -> str:
        """`docker compose` on the baked images, on ports of this test's own."""
        return self.engine.run("docker", "compose", "--file", "compose.yaml", *arguments, cwd=self.folder, **VARIABLES)

    def inspect(self, kind: str, name: str) -> Any:
        """`docker KIND inspect NAME`."""
        return json.loads(self.engine.run("docker", kind, "inspect", name))[0]

    def container(self, service: str) -> str:
        """The id of a service's container."""
        return self.compose("ps", "--all", "--quiet", service).strip()

    def raw(self, reference: str) -> str:
        """The manifest or index of a reference, as JSON text."""
        return self.engine.run("docker", "buildx", "imagetools", "inspect", "--raw", reference)


def scaffold(folder: Path, engine: Engine, images: str) -> Shop:
    """A new project with one service of every stack, in `folder`/shop."""
    _bakegen(folder, "new", "shop", "--set", f"images={images}", "--set", "git_init=false")
    shop = Shop(folder=folder / "shop", engine=engine, images=images)
    _bakegen(shop.folder, "add-service", "worker")
    dockerfile = shop.folder / "services" / "proxy" / "Dockerfile"
    dockerfile.parent.mkdir()
    dockerfile.write_text(PROXY, encoding="utf-8")
    _bakegen(shop.folder, "add-service", "proxy", "--path", "services/proxy", "--port", "8080")
    return shop


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


def get(address: str) -> str:
    """The body of a page that answers 200."""
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.status == 200
        body: bytes = answer.read()
    return body.decode()


def _bakegen(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bakegen", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
