"""The cluster is a real one: it runs images of a generated project, asks for their health, and rolls out new ones."""

import json
import time
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.cluster import machine
from tests.cluster.conftest import REVISIONS, Cluster

PORT = 8000
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
LEAVE = {"preStop": {"sleep": {"seconds": 3}}}  # until kube-proxy sends nobody there any more
PROBE = {"httpGet": {"path": "/health", "port": PORT}, "periodSeconds": 1}


@pytest.fixture(scope="module")
def service(cluster: Cluster, namespace: str, releases: list[str]) -> str:
    """The address of a service with one ready pod of the first release."""
    name = {"name": "api", "namespace": namespace}
    labels = {"app": "api"}
    checks = {"livenessProbe": PROBE, "readinessProbe": PROBE, "lifecycle": LEAVE}
    container = {"name": "api", "image": releases[0], "securityContext": RESTRICTED} | checks
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    deployment = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
    cluster.apply(
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": name, "spec": deployment},
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": name,
            "spec": {"selector": labels, "ports": [{"port": PORT}]},
        },
    )
    _wait(cluster, namespace)
    address = f"http://{cluster.get('service', 'api', f'--namespace={namespace}')['spec']['clusterIP']}:{PORT}"
    deadline = time.monotonic() + 30
    while not _answers(address):  # it does when kube-proxy knows it
        assert time.monotonic() < deadline, f"{address} does not answer"
        time.sleep(0.2)
    return address


def test_node_is_ready(cluster: Cluster) -> None:
    (node,) = cluster.get("nodes")["items"]
    assert {"type": "Ready", "status": "True"}.items() <= node["status"]["conditions"][-1].items()
    assert (
        node["status"]["nodeInfo"]["kubeletVersion"]
        == json.loads(cluster.kubectl("get", "--raw=/version"))["gitVersion"]
    )


def test_up_leaves_a_running_cluster_alone(cluster: Cluster) -> None:
    before = cluster.get("node", "node1")["metadata"]["uid"]
    assert not machine.up()
    assert cluster.get("node", "node1")["metadata"]["uid"] == before


def test_image_runs_restricted_and_tells_its_revision(service: str) -> None:
    assert _health(service) == {"status": "ok", "version": "unreleased", "revision": REVISIONS[0]}


def test_rolls_out_a_second_digest(cluster: Cluster, namespace: str, service: str, releases: list[str]) -> None:
    cluster.kubectl("set", "image", "deployment/api", f"api={releases[1]}", f"--namespace={namespace}")
    deadline = time.monotonic() + 120
    while (answer := _health(service))["revision"] != REVISIONS[1]:  # never without an answer
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)
    _wait(cluster, namespace)
    ready = [pod for pod in cluster.get("pods", f"--namespace={namespace}")["items"] if _is_ready(pod)]
    assert [pod["status"]["containerStatuses"][0]["imageID"] for pod in ready] == [releases[1]]


def test_unrestricted_pod_is_refused(cluster: Cluster, namespace: str, releases: list[str]) -> None:
    with pytest.raises(AssertionError, match='violates PodSecurity "restricted'):
        cluster.kubectl("run", "root", f"--image={releases[0]}", f"--namespace={namespace}")


def _wait(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("rollout", "status", "deployment/api", f"--namespace={namespace}", "--timeout=120s")


def _is_ready(pod: Any) -> bool:
    conditions = {each["type"]: each["status"] for each in pod["status"]["conditions"]}
    return conditions["Ready"] == "True" and "deletionTimestamp" not in pod["metadata"]


def _answers(service: str) -> bool:
    try:
        return bool(_health(service))
    except URLError:
        return False


def _health(service: str) -> Any:
    with urlopen(f"{service}/health", timeout=20) as answer:
        return json.load(answer)
