"""The engine's four daemons: a registry, BuildKit, containerd, and Docker.

All listen on loopback or on sockets in the state folder. BuildKit and Docker look up docker.io and
ghcr.io in the local registry first, so that `FROM python:3.13-slim` and `--mount=from=ghcr.io/…`
in generated files find the stand-in base images without a change to those files.
"""

import json
import os
import socket
import subprocess
import urllib.request
from pathlib import Path

from . import daemon, folders, programs
from .daemon import Daemon
from .process import EngineError

REGISTRY = "127.0.0.1:5000"
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


def registry() -> Daemon:
    """Where images are pushed to, and base images come from."""
    file = folders.state() / "registry.json"
    config = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(folders.state() / "registry")},
            "delete": {"enabled": True},
        },
        "http": {"addr": REGISTRY},
    }
    return Daemon(
        name="registry",
        folder=folders.state(),
        command=(str(programs.path("registry")), "serve", str(file)),
        files={file: json.dumps(config)},
        ready=_registry_answers,
        env=environment(),
    )


def buildkit() -> Daemon:
    """BuildKit with both platforms; emulation must be registered before it starts."""
    file = folders.state() / "buildkitd.toml"
    mirrors = "".join(f'[registry."{name}"]\nmirrors = ["{REGISTRY}"]\n' for name in ("docker.io", "ghcr.io"))
    config = (
        f'root = "{folders.state()}/buildkit"\n'
        "[worker.oci]\nenabled = true\ngc = true\n"
        '[[worker.oci.gcpolicy]]\nall = true\nmaxUsedSpace = "40GB"\n'
        "[worker.containerd]\nenabled = false\n"
        f'{mirrors}[registry."{REGISTRY}"]\nhttp = true\n'
    )
    probe = (str(programs.path("buildctl")), "--addr", buildkit_host(), "debug", "workers")
    return Daemon(
        name="buildkitd",
        folder=folders.state(),
        command=(str(programs.path("buildkitd")), "--config", str(file), "--addr", buildkit_host()),
        files={file: config},
        companions=(programs.path("runc"),),
        ready=lambda: _succeeds(probe),
        env=environment(),
    )


def containerd() -> Daemon:
    """What Docker keeps images and runs containers with.

    dockerd would start one itself, and give up after 15 seconds, which is less than a disk that is
    busy with what was just built may need to open a database.
    """
    state = folders.state()
    file = state / "containerd.toml"
    config = (
        f'version = 3\nroot = "{state}/containerd"\nstate = "{state}/containerd-run"\n'
        f'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"]\n'
        f'[grpc]\naddress = "{_containerd_socket()}"\n'
        f'[plugins."io.containerd.internal.v1.opt"]\npath = "{state}/containerd-opt"\n'
    )
    return Daemon(
        name="containerd",
        folder=state,
        command=(str(programs.path("containerd")), "--config", str(file)),
        files={file: config},
        companions=tuple(programs.path(name) for name in ("containerd-shim-runc-v2", "runc")),
        leaves=(_containerd_socket(),),
        ready=_containerd_socket().exists,
        env=environment(),
    )


def docker() -> Daemon:
    """Docker, to run what was built. Only docker.io can be mirrored in its own file."""
    state = folders.state()
    file = state / "dockerd.json"
    pid_file = state / "run" / "docker-own.pid"
    config = {
        "data-root": f"{state}/docker",
        "exec-root": f"{state}/docker-run",
        "containerd": str(_containerd_socket()),
        "pidfile": str(pid_file),
        "hosts": [docker_host()],
        "registry-mirrors": [f"http://{REGISTRY}"],
        "insecure-registries": [REGISTRY],
        "features": {"containerd-snapshotter": True},
        "init-path": "/usr/bin/tini-static",
        "userland-proxy-path": str(programs.path("docker-proxy")),
    }
    ghcr = f'server = "https://ghcr.io"\n[host."http://{REGISTRY}"]\ncapabilities = ["pull", "resolve"]\n'
    probe = (str(programs.path("docker")), "--host", docker_host(), "info")
    return Daemon(
        name="dockerd",
        folder=folders.state(),
        command=(str(programs.path("dockerd")), "--config-file", str(file)),
        files={file: json.dumps(config), GHCR_HOSTS: ghcr},
        companions=(programs.path("runc"),),
        leaves=(pid_file,),
        ready=lambda: _succeeds(probe),
        env=environment(),
    )


def every() -> tuple[Daemon, ...]:
    """In the order of starting: the others need the registry, and Docker needs containerd."""
    return (registry(), buildkit(), containerd(), docker())


def start_registry() -> None:
    """Start the registry, unless somebody else has its port."""
    host, port = REGISTRY.split(":")
    ours = registry()
    if not daemon.is_running(ours):
        daemon.stop(ours)
        if _listens(host, int(port)):
            raise EngineError(f"port {port} on {host} is taken: `ss -ltnp` names the program; stop it, then try again")
    daemon.start(ours)


def stop() -> None:
    """Stop all, Docker first: its containers may still want the others."""
    if docker().note.exists():
        GHCR_HOSTS.unlink(missing_ok=True)
    for one in reversed(every()):
        daemon.stop(one)


def _containerd_socket() -> Path:
    return folders.state() / "containerd.sock"


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
