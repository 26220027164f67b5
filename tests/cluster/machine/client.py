"""What a shell or a test needs to use the cluster: the engine's environment, kubectl and a kubeconfig."""

import base64
import json
import os
import shlex
from pathlib import Path

from tests.engine.machine import client

from . import certificates, folders, network, programs

API = f"https://{network.NODE}:6443"


def environment() -> dict[str, str]:
    """The whole environment of a process that uses the cluster, and the engine."""
    return os.environ | _settings()


def exports() -> str:
    """What differs from the caller's environment, as lines for `eval`."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in _settings().items())


def kubeconfig(user: str) -> Path:
    """Where the configuration of `admin` or `node` is."""
    return folders.state() / f"{user}.kubeconfig"


def write() -> None:
    """Write both configurations, and put kubectl into a folder of its own."""
    pki = certificates.pki
    for user in ("admin", "node"):
        keys = {"client-certificate": str(pki(f"{user}.crt")), "client-key": str(pki(f"{user}.key"))}
        config = _config({"certificate-authority": str(pki("ca.crt"))}, keys)
        kubeconfig(user).write_text(config, encoding="utf-8")
        kubeconfig(user).chmod(0o600)
    _bin().mkdir()
    (_bin() / "kubectl").symlink_to(programs.path("kubectl"))


def for_token(token: str) -> str:
    """A kubeconfig that needs no other file, for an account with that token."""
    authority = base64.b64encode(certificates.pki("ca.crt").read_bytes()).decode()
    return _config({"certificate-authority-data": authority}, {"token": token})


def _config(authority: dict[str, str], user: dict[str, str]) -> str:
    """JSON, which is YAML too."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": network.NAME, "cluster": {"server": API, **authority}}],
            "users": [{"name": "user", "user": user}],
            "contexts": [{"name": network.NAME, "context": {"cluster": network.NAME, "user": "user"}}],
            "current-context": network.NAME,
        }
    )


def _settings() -> dict[str, str]:
    engine = client.settings()
    others = [part for part in engine["PATH"].split(os.pathsep) if part != str(_bin())]
    path = os.pathsep.join([str(_bin()), *others])
    return engine | {"KUBECONFIG": str(kubeconfig("admin")), "PATH": path}


def _bin() -> Path:
    return folders.state() / "bin"
