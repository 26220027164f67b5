"""Pools of BuildKit pods, used with the rights that the documentation gives a builder, and what each pod has built."""

import base64
import json
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tests.cluster.conftest import Cluster
from tests.cluster.machine import certificates, client
from tests.engine.machine import REGISTRY

HERE = Path(__file__).parent
ACCOUNT = HERE.parents[1] / "docs" / "kubernetes-builder.yaml"
NETWORK = HERE / "machine_network.yaml"
NAMESPACE = "buildkit"
# BuildKit finds base images in the test registry, as the engine's own does.
BUILDKITD = "".join(f'[registry."{name}"]\nmirrors = ["{REGISTRY}"]\n' for name in ("docker.io", "ghcr.io"))
BUILDKITD += f'[registry."{REGISTRY}"]\nhttp = true\n'


def prepare(cluster: Cluster) -> str:
    """Set the cluster up as the documentation says; gives the kubeconfig that a repository would keep as a secret."""
    for file in (ACCOUNT, NETWORK):
        cluster.kubectl("apply", f"--filename={file}")
    probe = ("run", "probe", "--image=probe", "--dry-run=server", "--output=json", f"--namespace={NAMESPACE}")
    deadline = time.monotonic() + 60
    while "hostNetwork" not in json.loads(cluster.kubectl(*probe))["spec"]:
        assert time.monotonic() < deadline, f"{NETWORK.name} has no effect"
        time.sleep(0.5)
    token = cluster.kubectl("create", "token", "github", f"--namespace={NAMESPACE}", "--duration=2h")
    authority = base64.b64encode(certificates.pki("ca.crt").read_bytes()).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": client.API, "certificate-authority-data": authority}}],
        "users": [{"name": "github", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "github"}}],
        "current-context": "test",
    }
    return json.dumps(config)


def remove(cluster: Cluster) -> None:
    """Delete the namespace, all pods with it."""
    cluster.kubectl("delete", "--wait=false", f"--filename={ACCOUNT}", f"--filename={NETWORK}")


def pushed(cluster: Cluster) -> Mapping[str, set[str]]:
    """Pod -> the images that it has pushed, by its own record."""
    found: dict[str, set[str]] = defaultdict(set)
    for pod in cluster.get("pods", f"--namespace={NAMESPACE}")["items"]:
        name = pod["metadata"]["name"]
        ask = ("exec", name, f"--namespace={NAMESPACE}", "--", "buildctl", "debug", "histories", "--format={{json .}}")
        for line in cluster.kubectl(*ask).splitlines():
            exporters = json.loads(line)["record"].get("Exporters", [])
            found[name] |= {e["Attrs"]["name"] for e in exporters if e["Attrs"].get("push") == "true"}
    return found
