"""A BuildKit server like one that a team runs for its builds: on TCP, by TLS on both sides, with a state of its own."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engine.machine import REGISTRY, daemon, daemons, pins, process, programs
from tests.engine.machine.daemon import Daemon

HOST = "127.0.0.1"
CONFIG = f"""\
root = "{{state}}"
[worker.oci]
enabled = true
[worker.containerd]
enabled = false
[registry."docker.io"]
mirrors = ["{REGISTRY}"]
[registry."{REGISTRY}"]
http = true
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """`address` and `secrets` are what a repository on GitHub is given: a variable, and secrets by their names."""

    address: str
    secrets: dict[str, str]
    client: tuple[str, ...]

    def builds(self) -> int:
        """How many builds there have been."""
        return len(process.run([*self.client, "debug", "histories", "--format={{json .}}"]).splitlines())


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server that ends, and whose state is deleted, with the block."""
    programs.ensure([program for program in pins.programs() if program.name in {"buildkit", "runc"}])
    authority(folder / "ca")
    for name in ("server", "client"):
        _certificate(folder / name, folder / "ca")
    address = f"tcp://{HOST}:{_free_port()}"
    config = folder / "buildkitd.toml"
    client = (str(programs.path("buildctl")), f"--addr={address}", *_tls(folder, "client"))
    started = Daemon(
        name="buildkitd",
        folder=folder,
        command=(str(programs.path("buildkitd")), f"--config={config}", f"--addr={address}", *_tls(folder, "server")),
        files={config: CONFIG.format(state=folder / "state")},
        companions=(programs.path("runc"),),
        ready=lambda: subprocess.run([*client, "debug", "workers"], capture_output=True, check=False).returncode == 0,
        env=daemons.environment(),
    )
    files = {"BUILDKIT_CA": "ca.pem", "BUILDKIT_CERT": "client.pem", "BUILDKIT_KEY": "client.key"}
    daemon.start(started)
    try:
        secrets = {name: (folder / file).read_text(encoding="ascii") for name, file in files.items()}
        yield Server(address=address, secrets=secrets, client=client)
    finally:
        daemon.stop(started)
        shutil.rmtree(folder / "state")


def authority(path: Path) -> str:
    """Make a certificate authority, and give its certificate."""
    _make(path)
    return path.with_suffix(".pem").read_text(encoding="ascii")


def _certificate(path: Path, authority: Path) -> None:
    _make(path, "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-addext", f"subjectAltName=IP:{HOST}")


def _make(path: Path, *options: str) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{path}.key")
    subject = ("-days", "1", "-subj", f"/CN={path.name}")
    process.run(["openssl", "req", "-x509", *key, *subject, *options, "-out", f"{path}.pem"])


def _tls(folder: Path, name: str) -> tuple[str, ...]:
    return f"--tlscacert={folder}/ca.pem", f"--tlscert={folder}/{name}.pem", f"--tlskey={folder}/{name}.key"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
