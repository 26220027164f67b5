"""Pools of BuildKit pods, used with the rights that the documentation gives a builder, and what each pod has built."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from tests.cluster.conftest import Cluster
from tests.cluster.machine import client
from tests.engine.machine import REGISTRY
from tests.pipeline.shop import Shop

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
    return client.for_token(token)


def remove(cluster: Cluster) -> None:
    """Delete the namespace, all pods with it."""
    cluster.kubectl("delete", "--wait=false", f"--filename={ACCOUNT}", f"--filename={NETWORK}")


def built(cluster: Cluster, shop: Shop) -> dict[str, list[str]]:
    """Pod -> the services whose images it has built, by its own record; twice where it was asked twice."""
    pods = cluster.get("pods", f"--namespace={NAMESPACE}")["items"]
    running = [pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    return {pod: sorted(_built(cluster, shop, pod)) for pod in running}


def _built(cluster: Cluster, shop: Shop, pod: str) -> Iterator[str]:
    ask = ("exec", pod, f"--namespace={NAMESPACE}", "--", "buildctl", "debug", "histories", "--format={{json .}}")
    for line in cluster.kubectl(*ask).splitlines():
        for exporter in json.loads(line)["record"].get("Exporters", []):
            yield exporter["Attrs"]["name"].removeprefix(shop.image(""))
