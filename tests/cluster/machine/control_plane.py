"""The daemons that every cluster has once: etcd, the API server, the controllers and the scheduler."""

import socket
import subprocess

from tests.engine.machine.daemon import Daemon

from . import client, folders, network, programs
from .certificates import pki

ETCD = f"http://{network.NODE}:2379"
PEERS = f"http://{network.NODE}:2380"
API_PORT = 6443
# Lets a test put BuildKit's pods on the machine's network, whose registry listens on loopback only.
ADMISSION = (
    "--feature-gates=MutatingAdmissionPolicy=true",
    "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
)


def etcd() -> Daemon:
    """A store that need not survive the machine."""
    return daemon(
        "etcd",
        f"--data-dir={folders.state()}/etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={ETCD}",
        f"--advertise-client-urls={ETCD}",
        f"--listen-peer-urls={PEERS}",
        f"--initial-advertise-peer-urls={PEERS}",
        f"--initial-cluster=default={PEERS}",
        port=2379,
    )


def api_server() -> Daemon:
    """Asked with the administrator's certificate whether it is ready."""
    return daemon(
        "kube-apiserver",
        *(f"--{name}-address={network.NODE}" for name in ("advertise", "bind")),
        f"--secure-port={API_PORT}",
        f"--etcd-servers={ETCD}",
        f"--service-cluster-ip-range={network.SERVICES}",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
        *ADMISSION,
        f"--client-ca-file={pki('ca.crt')}",
        f"--tls-cert-file={pki('apiserver.crt')}",
        f"--tls-private-key-file={pki('apiserver.key')}",
        f"--kubelet-certificate-authority={pki('ca.crt')}",
        f"--kubelet-client-certificate={pki('admin.crt')}",
        f"--kubelet-client-key={pki('admin.key')}",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki('accounts.key')}",
        f"--service-account-signing-key-file={pki('accounts.key')}",
        asks=("get", "--raw=/readyz"),
        port=API_PORT,
    )


def controllers() -> Daemon:
    """They are at work when a namespace has got its service account."""
    return daemon(
        "kube-controller-manager",
        f"--bind-address={network.NODE}",
        f"--kubeconfig={client.kubeconfig('admin')}",
        "--leader-elect=false",
        "--use-service-account-credentials",
        f"--root-ca-file={pki('ca.crt')}",
        f"--service-account-private-key-file={pki('accounts.key')}",
        asks=("get", "serviceaccount", "default"),
        port=10257,
    )


def scheduler() -> Daemon:
    """Which node a pod goes to: there is one."""
    return daemon(
        "kube-scheduler",
        f"--bind-address={network.NODE}",
        f"--kubeconfig={client.kubeconfig('admin')}",
        "--leader-elect=false",
        port=10259,
    )


def every() -> tuple[Daemon, ...]:
    """In the order of starting."""
    return (etcd(), api_server(), controllers(), scheduler())


def daemon(name: str, *flags: str, port: int, asks: tuple[str, ...] = ()) -> Daemon:
    """A program that is ready when it listens and, where kubectl `asks` something, that is answered."""
    question = (str(programs.path("kubectl")), f"--kubeconfig={client.kubeconfig('admin')}", *asks)
    return Daemon(
        name=name,
        folder=folders.state(),
        command=(str(programs.path(name)), *flags),
        files={},
        ready=lambda: _listens(port) and (not asks or _succeeds(question)),
        env=client.environment(),
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((network.NODE, port)) == 0


def _succeeds(command: tuple[str, ...]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
