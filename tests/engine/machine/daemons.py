"""The engine's three daemons: a registry, BuildKit, and Docker.

All listen on loopback or on sockets in the state folder. BuildKit and Docker look up docker.io and
ghcr.io in the local registry first, so that `FROM python:3.13-slim` and `--mount=from=ghcr.io/…`
in generated files find the stand-in base images without a change to those files.
"""

import json
import os
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

from . import daemon, folders, programs
from .process import EngineError

REGISTRY = "127.0.0.1:5000"
NAMES = ("dockerd", "buildkitd", "registry")
GHCR_HOSTS = Path("/etc/docker/certs.d/ghcr.io/hosts.toml")


def docker_host() -> str:
    """The address of the engine's dockerd."""
    return f"unix://{folders.state()}/docker.sock"


def buildkit_host() -> str:
    """The address of the engine's buildkitd."""
    return f"unix://{folders.state()}/buildkitd.sock"


def environment() -> dict[str, str]:
    """The environment of a daemon: the engine's programs come first on its PATH."""
    return os.environ | {"PATH": f"{folders.state()}/bin{os.pathsep}{os.environ['PATH']}"}


def start_registry() -> None:
    """The registry that images are pushed to and base images come from."""
    host, port = REGISTRY.split(":")
    if not daemon.is_running("registry") and _listens(host, int(port)):
        raise EngineError(f"port {port} on {host} is taken: `ss -ltnp` names the program; stop it, then try again")
    config = _write(
        "registry.json",
        json.dumps(
            {
                "version": 0.1,
                "log": {"level": "warn", "accesslog": {"disabled": True}},
                "storage": {
                    "filesystem": {"rootdirectory": str(folders.state() / "registry")},
                    "delete": {"enabled": True},
                },
                "http": {"addr": REGISTRY},
            }
        ),
    )
    command = (str(programs.path("registry")), "serve", str(config))
    _start("registry", command, _registry_answers)


def start_buildkit() -> None:
    """BuildKit with both platforms; emulation must be registered before it starts."""
    mirrors = "".join(f'[registry."{name}"]\nmirrors = ["{REGISTRY}"]\n' for name in ("docker.io", "ghcr.io"))
    config = _write(
        "buildkitd.toml",
        f'root = "{folders.state()}/buildkit"\n'
        "[worker.oci]\nenabled = true\n"
        "[worker.containerd]\nenabled = false\n"
        f'{mirrors}[registry."{REGISTRY}"]\nhttp = true\n',
    )
    command = (str(programs.path("buildkitd")), "--config", str(config), "--addr", buildkit_host())
    probe = (str(programs.path("buildctl")), "--addr", buildkit_host(), "debug", "workers")
    _start("buildkitd", command, lambda: _succeeds(probe))


def start_docker() -> None:
    """Docker, to run what was built; it starts containerd itself."""
    state = folders.state()
    config = _write(
        "dockerd.json",
        json.dumps(
            {
                "data-root": f"{state}/docker",
                "exec-root": f"{state}/docker-run",
                "pidfile": f"{state}/run/docker-own.pid",
                "hosts": [docker_host()],
                "registry-mirrors": [f"http://{REGISTRY}"],
                "insecure-registries": [REGISTRY],
                "features": {"containerd-snapshotter": True},
                "userland-proxy-path": str(programs.path("docker-proxy")),
            }
        ),
    )
    GHCR_HOSTS.parent.mkdir(parents=True, exist_ok=True)
    GHCR_HOSTS.write_text(
        f'server = "https://ghcr.io"\n[host."http://{REGISTRY}"]\ncapabilities = ["pull", "resolve"]\n',
        encoding="ascii",
    )
    command = (str(programs.path("dockerd")), "--config-file", str(config))
    probe = (str(programs.path("docker")), "--host", docker_host(), "info")
    _start("dockerd", command, lambda: _succeeds(probe))


def stop() -> None:
    """Stop all, Docker first: its containers may still want the others."""
    for name in NAMES:
        daemon.stop(name)
    GHCR_HOSTS.unlink(missing_ok=True)


def _start(name: str, command: tuple[str, ...], ready: Callable[[], bool]) -> None:
    daemon.start(daemon.Daemon(name=name, command=command, ready=ready, env=environment()))


def _write(name: str, text: str) -> Path:
    file = folders.state() / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def _registry_answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://{REGISTRY}/v2/", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def _succeeds(command: tuple[str, ...]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
