"""The daemons of the one node: containerd, kubelet and kube-proxy.

containerd asks the engine's registry first for every image, so that names of docker.io and ghcr.io
find what was pushed there.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

from tests.engine.machine import REGISTRY
from tests.engine.machine.daemon import Daemon

from . import client, folders, network, pause, programs
from .certificates import pki
from .control_plane import daemon

KUBELET_PORT = 10250


def containerd() -> Daemon:
    """With its part for Kubernetes (CRI), and all that it keeps in our folder."""
    state = folders.state()
    file = state / "containerd.toml"
    cri = "io.containerd.cri.v1"
    # Where the machine is itself a container, a lower oom_score_adj is not permitted.
    config = (
        f'version = 3\nroot = "{state}/containerd"\nstate = "{state}/containerd-run"\n'
        f'[grpc]\naddress = "{_socket()}"\n'
        f'[plugins."io.containerd.internal.v1.opt"]\npath = "{state}/containerd-opt"\n'
        '[plugins."io.containerd.nri.v1.nri"]\ndisable = true\n'
        f'[plugins."{cri}.images".pinned_images]\nsandbox = "{pause.IMAGE}"\n'
        f'[plugins."{cri}.images".registry]\nconfig_path = "{state}/registries"\n'
        f'[plugins."{cri}.runtime"]\nrestrict_oom_score_adj = true\nnetns_mounts_under_state_dir = true\n'
        f'[plugins."{cri}.runtime".cni]\nbin_dirs = ["/usr/lib/cni"]\nconf_dir = "{state}/cni"\n'
    )
    hosts = f'[host."http://{REGISTRY}"]\ncapabilities = ["pull", "resolve"]\n'
    path = os.pathsep.join([*(str(programs.path(name).parent) for name in ("containerd", "runc")), os.environ["PATH"]])
    return Daemon(
        name="containerd",
        folder=state,
        command=(str(programs.path("containerd")), "--config", str(file)),
        files={
            file: config,
            state / "registries" / "_default" / "hosts.toml": hosts,
            state / "cni" / "pods.conflist": network.cni(),
        },
        companions=tuple(programs.path(name) for name in ("containerd-shim-runc-v2", "runc")),
        ready=_socket().exists,
        env=os.environ | {"PATH": path},
    )


def kubelet() -> Daemon:
    """It is ready when the node is."""
    state = folders.state()
    file = state / "kubelet.json"
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": network.NODE,
        "port": KUBELET_PORT,
        "healthzBindAddress": network.NODE,
        "authentication": {"x509": {"clientCAFile": str(pki("ca.crt"))}},
        "tlsCertFile": str(pki("kubelet.crt")),
        "tlsPrivateKeyFile": str(pki("kubelet.key")),
        "containerRuntimeEndpoint": f"unix://{_socket()}",
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "failSwapOn": False,
        "podLogsDir": f"{state}/pod-logs",
        "volumePluginDir": f"{state}/kubelet/volume-plugins",
        "resolvConf": "/etc/resolv.conf",
        "serializeImagePulls": False,
        # A test machine's disk may be as full as it likes.
        "evictionHard": dict.fromkeys(("imagefs.available", "nodefs.available", "nodefs.inodesFree"), "0%"),
        "imageGCHighThresholdPercent": 100,
    }
    flags = daemon(
        "kubelet",
        f"--config={file}",
        f"--kubeconfig={client.kubeconfig('node')}",
        f"--hostname-override={network.HOSTNAME}",
        f"--node-ip={network.NODE}",
        f"--root-dir={state}/kubelet",
        f"--cert-dir={state}/kubelet/pki",
        asks=("wait", f"node/{network.HOSTNAME}", "--for=condition=Ready", "--timeout=60s"),
        port=KUBELET_PORT,
    )
    return replace(flags, files={file: json.dumps(config)})


def proxy() -> Daemon:
    """Services' addresses, by iptables; the kernel's own limits for connections are left as they are."""
    limits = ("max-per-core", "tcp-timeout-established", "tcp-timeout-close-wait")
    return daemon(
        "kube-proxy",
        f"--kubeconfig={client.kubeconfig('admin')}",
        f"--hostname-override={network.HOSTNAME}",
        "--proxy-mode=iptables",
        f"--cluster-cidr={network.PODS}",
        f"--healthz-bind-address={network.NODE}:10256",
        f"--metrics-bind-address={network.NODE}:10249",
        *(f"--conntrack-{limit}=0" for limit in limits),
        port=10256,
    )


def every() -> tuple[Daemon, ...]:
    """In the order of starting."""
    return (containerd(), kubelet(), proxy())


def _socket() -> Path:
    return folders.state() / "containerd.sock"
