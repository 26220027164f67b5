"""Who is who in the cluster: an authority of its own, and a certificate for each that it trusts."""

from collections.abc import Sequence
from pathlib import Path

from tests.engine.machine.process import run

from . import folders, network

# openssl's own defaults would make every certificate an authority.
CONFIG = "[req]\ndistinguished_name = none\n[none]\n"
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "365")
AUTHORITY = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
SERVER, CLIENT = "extendedKeyUsage=serverAuth", "extendedKeyUsage=clientAuth"
# Name: subject, and what it is for. Kubernetes takes users and groups from CN and O.
SIGNED = {
    "apiserver": ("/CN=kube-apiserver", SERVER, f"subjectAltName=IP:{network.NODE},IP:{network.KUBERNETES}"),
    "kubelet": ("/CN=kubelet", SERVER, f"subjectAltName=IP:{network.NODE}"),
    "admin": ("/O=system:masters/CN=admin", CLIENT),
    "node": (f"/O=system:nodes/CN=system:node:{network.HOSTNAME}", CLIENT),
}


def ensure() -> None:
    """Make all of them, and the key that service accounts' tokens are signed with."""
    pki("").mkdir(parents=True)
    pki("openssl.cnf").write_text(CONFIG, encoding="ascii")
    _certificate("ca", "/CN=bakegen", AUTHORITY)
    by_authority = ("-CA", str(pki("ca.crt")), "-CAkey", str(pki("ca.key")))
    for name, (subject, *extensions) in SIGNED.items():
        _certificate(name, subject, extensions, *by_authority)
    run(["openssl", "genpkey", "-algorithm", "RSA", "-out", pki("accounts.key")])


def pki(name: str) -> Path:
    """A file, such as `ca.crt`."""
    return folders.state() / "pki" / name


def _certificate(name: str, subject: str, extensions: Sequence[str], *signed_by: str) -> None:
    files = ("-config", str(pki("openssl.cnf")), "-keyout", str(pki(f"{name}.key")), "-out", str(pki(f"{name}.crt")))
    options = [part for extension in extensions for part in ("-addext", extension)]
    run(["openssl", "req", "-x509", *KEY, *files, "-subj", subject, *options, *signed_by])
