"""The manifests of a service on Kubernetes: what of the model, and of its stack, stands where."""

import json
import re
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from bakegen import project_reader
from bakegen.errors import UserError
from bakegen.model import Project
from bakegen.render import one
from bakegen.service import Request
from tests.world import CATALOG, World, rendered, scaffold

BASE = PurePosixPath("kubernetes/base/kustomization.yaml")
API_YAML = PurePosixPath("kubernetes/base/api.yaml")
PROJECT = """\
[project]
name = "Shop"
slug = "shop"
description = ""
repository = "https://github.com/acme/shop"
images = "ghcr.io/acme/shop"
platforms = ["linux/amd64", "linux/arm64"]
cache = "gha"
hosts = ["kubernetes"]
[versions]
node = "24"
python = "3.13"
pnpm = "12"
"""
API = """\
[services.api]
stack = "fastapi"
path = "services/api"
port = 8000
health = "/health"
"""
OWN = """\
[services.own]
stack = "dockerfile"
path = "own"
"""
WORKERS = [
    (stack.id, distro)
    for stack in CATALOG.stacks.values()
    if stack.role == "worker"
    for distro in stack.options["distro"].choices
]


def load(services: str) -> Project:
    return project_reader.load((PROJECT + services).encode(), CATALOG)


def manifests(services: str, name: str) -> dict[str, Any]:
    """The objects of a service by kind and name."""
    text = one(load(services), CATALOG, PurePosixPath(f"kubernetes/base/{name}.yaml"))
    return {f"{each['kind']} {each['metadata']['name']}": each for each in yaml.safe_load_all(text)}


def pod(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return found


def container(manifest: dict[str, Any]) -> dict[str, Any]:
    (found,) = pod(manifest)["containers"]
    assert isinstance(found, dict)
    return found


def test_service_with_nothing_said() -> None:
    found = manifests(API, "api")
    assert list(found) == ["Deployment api", "Service api", "NetworkPolicy to-api"]
    deployment = found["Deployment api"]
    assert deployment["spec"]["replicas"] == 1
    assert container(deployment)["resources"] == {
        "requests": {"cpu": "100m", "memory": "512Mi"},
        "limits": {"cpu": "1000m", "memory": "512Mi"},
    }
    probes = [container(deployment)[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert probes == [{"path": "/health", "port": "http"}] * 3


def test_service_with_everything_said() -> None:
    keys = """\
cpus = "0.25"
memory = "1GiB"
replicas = 2
max_replicas = 6
domains = ["api.example.com", "example.com"]
pre_deploy = "./migrate --to '$latest'"
[services.api.processes]
clock = "python -m app.clock"
"""
    found = manifests(API + keys, "api")
    assert list(found) == [
        "Deployment api",
        "Deployment api-clock",
        "Job api-pre-deploy",
        "Service api",
        "HTTPRoute api",
        "HorizontalPodAutoscaler api",
        "PodDisruptionBudget api",
        "NetworkPolicy to-api",
    ]
    scale = found["HorizontalPodAutoscaler api"]["spec"]
    assert (scale["minReplicas"], scale["maxReplicas"]) == (2, 6)
    assert scale["metrics"][0]["resource"]["target"] == {"type": "AverageValue", "averageValue": "175m"}
    assert "replicas" not in found["Deployment api"]["spec"]  # an apply would take back what the autoscaler did
    assert found["HTTPRoute api"]["spec"]["hostnames"] == ["api.example.com", "example.com"]
    assert container(found["Job api-pre-deploy"])["args"] == ["./migrate", "--to", "$$latest"]
    clock = found["Deployment api-clock"]
    assert container(clock)["args"] == ["python", "-m", "app.clock"]
    assert container(clock).keys().isdisjoint({"ports", "readinessProbe"})
    assert (clock["spec"]["replicas"], clock["spec"]["minReadySeconds"]) == (1, 10)


@pytest.mark.parametrize(("stack", "distro"), WORKERS)
def test_worker_is_asked_as_its_image_says(stack: str, distro: str) -> None:
    worker = f'[services.jobs]\nstack = "{stack}"\npath = "jobs"\ndistro = "{distro}"\nneeds = ["redis"]\n'
    (deployment,) = manifests(worker, "jobs").values()
    dockerfile = one(load(worker), CATALOG, PurePosixPath("jobs/Dockerfile")).decode()
    (command,) = set(re.findall(r"^HEALTHCHECK .*\\\n +CMD (.*)$", dockerfile, re.MULTILINE))
    for kind in ("startup", "readiness", "liveness"):
        assert container(deployment)[f"{kind}Probe"]["exec"]["command"] == json.loads(command)


def test_pods_are_our_images_user() -> None:
    dockerfile = one(load(API), CATALOG, PurePosixPath("services/api/Dockerfile")).decode()
    context = pod(manifests(API, "api")["Deployment api"])["securityContext"]
    assert set(re.findall(r"^USER (.*)$", dockerfile, re.MULTILINE)) == {
        f"{context['runAsUser']}:{context['runAsGroup']}"
    }


def test_image_of_the_users_own_has_a_user_of_its_own() -> None:
    (deployment,) = manifests(OWN, "own").values()
    assert pod(deployment)["securityContext"].keys() == {"runAsNonRoot", "seccompProfile"}
    assert "readOnlyRootFilesystem" not in container(deployment)["securityContext"]


def test_port_without_a_health_path_is_only_connected_to() -> None:
    deployment = manifests(OWN + "port = 9000\n", "own")["Deployment own"]
    assert container(deployment)["readinessProbe"]["tcpSocket"] == {"port": "http"}


def test_images_of_one_platform_run_on_such_nodes() -> None:
    deployment = manifests(API, "api")["Deployment api"]
    assert "nodeSelector" not in pod(deployment)
    one_platform = PROJECT.replace(', "linux/arm64"', "") + API
    text = one(project_reader.load(one_platform.encode(), CATALOG), CATALOG, PurePosixPath("kubernetes/base/api.yaml"))
    deployment = next(yaml.safe_load_all(text))
    assert pod(deployment)["nodeSelector"] == {"kubernetes.io/arch": "amd64"}


@pytest.mark.parametrize(("env", "wanted"), [("", ["0.0.0.0"]), ('[services.web.env]\nHOSTNAME = "::"\n', [])])
def test_next_listens_everywhere(env: str, wanted: list[str]) -> None:
    web = '[services.web]\nstack = "nextjs"\npath = "web"\nport = 3000\n' + env
    variables = container(manifests(web, "web")["Deployment web"]).get("env", [])
    assert [each["value"] for each in variables if each["name"] == "HOSTNAME"] == wanted


def test_who_may_reach_a_service() -> None:
    private = API + "public = false\n"
    assert "NetworkPolicy to-api" not in manifests(private, "api")
    (rule,) = manifests(API, "api")["NetworkPolicy to-api"]["spec"]["ingress"]
    assert rule == {"ports": [{"port": "http"}]}
    callers = "".join(OWN.replace("own", name) + 'needs = ["api"]\n' for name in ("jobs", "web"))
    (rule,) = manifests(private + callers, "api")["NetworkPolicy to-api"]["spec"]["ingress"]
    (whom,) = rule["from"][0]["podSelector"]["matchExpressions"]
    assert whom == {"key": "app.kubernetes.io/component", "operator": "In", "values": ["jobs", "web"]}


def test_edited_files_take_a_new_name() -> None:
    """Where it means the service; what is somebody's own stays."""
    world = World.new(scaffold(hosts="kubernetes"), [Request(name="api", stack="fastapi")])
    world.add(Request(name="web", stack="nextjs", needs=("api",)))
    world.files[API_YAML] = world.files[API_YAML].replace(b"spec:\n", b"  # mine\nspec:\n", 1)
    world.files[API_YAML] += b"---\nkind: Mine\nmetadata:\n  name: mine\n  labels:\n    tier: api\n"
    world.files[BASE] = world.files[BASE].replace(b"LOG_LEVEL=info", b"LOG_LEVEL=debug")
    planned = world.rename("api", "backend")
    assert planned.conflicts == ()
    assert API_YAML not in world.files
    renamed = world.files[API_YAML.with_stem("backend")]
    assert re.findall(rb".*\bapi\b.*", renamed) == [b"    tier: api"]
    assert b"  # mine\nspec:\n" in renamed
    base = world.files[BASE].decode()
    assert re.findall(r"- (.*backend.*|.*LOG_LEVEL.*)", base) == [
        "backend.yaml",
        "name: backend",
        '"LOG_LEVEL=debug"',
        '"BACKEND_URL=http://backend"',
    ]


def test_edited_manifests_take_new_ones() -> None:
    world = World.new(scaffold(hosts="kubernetes"), [Request(name="jobs", stack="python-worker")])
    path = API_YAML.with_stem("jobs")
    world.files[path] = edited = world.files[path].replace(b"failureThreshold: 40", b"failureThreshold: 80 # slow")
    world.set("jobs", {"replicas": 2})
    assert world.files[path].startswith(edited.replace(b"replicas: 1", b"replicas: 2"))
    assert b"---\napiVersion: policy/v1\nkind: PodDisruptionBudget\n" in world.files[path]
    world.set("jobs", {"replicas": 1})
    assert world.files[path] == edited


@pytest.mark.parametrize("name", ["kustomization", "namespace"])
def test_names_of_its_files_are_no_services(name: str) -> None:
    with pytest.raises(UserError, match=name):
        load(OWN.replace("own", name))


def documents(preset: str) -> list[Any]:
    """The objects in the base of a preset's project."""
    tree = rendered(scaffold(preset=preset, hosts="kubernetes"))
    files = [file for path, file in tree.items() if path.is_relative_to(BASE.parent)]
    return [each for file in files for each in yaml.safe_load_all(file.text)]


@pytest.mark.parametrize("preset", [name for name, preset in CATALOG.presets.items() if preset.services])
def test_pods_keep_to_the_restricted_standard(preset: str) -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, and a root that is read-only."""
    found = documents(preset)
    pods = [each["spec"]["template"]["spec"] for each in found if each["kind"] in {"Deployment", "Job"}]
    assert pods
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            }
    (namespace,) = [each for each in found if each["kind"] == "Namespace"]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_pods_are_reached_only_where_a_policy_says_so_and_replaced_one_by_one() -> None:
    found = documents("pnpm-monorepo")
    policies = {each["metadata"]["name"]: each["spec"] for each in found if each["kind"] == "NetworkPolicy"}
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    assert policies.keys() == {"default-deny", "to-api", "to-web"}
    deployments = {each["metadata"]["name"]: each["spec"] for each in found if each["kind"] == "Deployment"}
    for name in ("api", "web"):
        assert deployments[name]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert deployments["worker"]["template"]["spec"]["terminationGracePeriodSeconds"] == 60


@pytest.mark.parametrize(("name", "services"), [("api", API), ("own", OWN)])
def test_no_line_is_empty(name: str, services: str) -> None:
    assert b"\n\n" not in one(load(services), CATALOG, BASE.with_name(f"{name}.yaml"))
