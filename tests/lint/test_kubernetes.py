"""What is generated for Kubernetes is what its schemas say, from the oldest version that docs/hosts/kubernetes.md names on.

kubernetes-validate has the schemas of Kubernetes, and the Gateway API its own. Nothing may have a key that they lack.
"""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from kubernetes_validate import ValidationError, validate

from bakegen import project_reader, render
from bakegen.model import Project, Service
from bakegen.service import Request, add
from bakegen.stack import Variable
from tests.cluster.machine import programs
from tests.cluster.machine.definitions import definition
from tests.engine.machine import pins
from tests.lint.verdicts import Verdicts, versioned
from tests.world import CATALOG, scaffold

VALIDATE = "kubernetes-validate"
VERSIONS = ("1.30", "1.33", "1.35", "1.37")
TOO_OLD = "1.28"
OVERLAYS = {"production", "staging"}
Objects = list[dict[str, Any]]


@pytest.fixture(scope="module")
def objects(generated: list[Path], tools: dict[str, str], verdicts: Verdicts) -> Objects:
    """All that the overlays make of the projects that run on Kubernetes, each object once."""
    overlays = sorted(overlay for project in generated for overlay in project.glob("kubernetes/overlays/*"))
    assert {overlay.name for overlay in overlays} == OVERLAYS
    kustomize = verdicts.of(versioned("kustomize", "kustomize", tools), manifests(generated))
    with kustomize, ThreadPoolExecutor(4) as pool:
        built = [each for objects in pool.map(partial(build, tools), overlays) for each in objects]
    return list({json.dumps(each, sort_keys=True): each for each in built}.values())


def manifests(generated: Iterable[Path], kind: str = "") -> list[Path]:
    """The files for Kubernetes that the projects have, or those with something of a kind."""
    files = [file for project in generated for file in sorted((project / "kubernetes").rglob("*.yaml"))]
    return [file for file in files if f"kind: {kind}" in file.read_text(encoding="utf-8")]


def build(tools: Mapping[str, str], overlay: Path) -> Objects:
    command = ("kustomize", "build", str(overlay))
    done = subprocess.run(command, env=tools, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return list(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))


def of_kind(objects: Objects, *kinds: str) -> Objects:
    return [each for each in objects if each["kind"] in kinds]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_knows_every_key(objects: Objects, version: str, generated: list[Path], verdicts: Verdicts) -> None:
    own = [each for each in objects if each["kind"] != "HTTPRoute"]
    kinds = {"ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Job", "Namespace", "NetworkPolicy"}
    assert {each["kind"] for each in own} >= kinds | {"PodDisruptionBudget", "Role", "RoleBinding", "Service"}
    with verdicts.of(f"{VALIDATE} {metadata.version(VALIDATE)}: {version}", manifests(generated)):
        for each in own:
            assert validate(each, version, strict=True) == version


def test_an_older_version_does_not(objects: Objects) -> None:
    stopped = next(each for each in of_kind(objects, "Deployment") if "preStop" in json.dumps(each))
    with pytest.raises(ValidationError, match="'sleep' was unexpected"):
        validate(stopped, TOO_OLD, strict=True)


def test_the_gateway_api_knows_every_key(objects: Objects, generated: list[Path], verdicts: Verdicts) -> None:
    pinned = pins.read(programs.PINS)["definitions"]["HTTPRoute"]["version"].removeprefix("v")
    schema = closed(yaml.safe_load(definition("HTTPRoute").read_text(encoding="utf-8")))
    routes = of_kind(objects, "HTTPRoute")
    assert routes
    with verdicts.of(f"Gateway API {pinned}", manifests(generated, "HTTPRoute")):
        for route in routes:
            jsonschema.validate(route, schema)
    with pytest.raises(jsonschema.ValidationError, match="'hosts' was unexpected"):
        jsonschema.validate({**routes[0], "spec": {"hosts": []}}, schema)


def closed(defined: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a definition; its objects have no other keys than those that are named."""
    (version,) = (version for version in defined["spec"]["versions"] if version["name"] == "v1")
    schema: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    for each in inside(schema):
        if "properties" in each:
            each.setdefault("additionalProperties", False)
    return schema


def inside(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(each)


def test_pods_get_the_variables_of_their_service(generated: list[Path], tools: dict[str, str]) -> None:
    for folder in (project for project in generated if (project / "kubernetes").is_dir()):
        project = project_reader.load((folder / "bakegen.toml").read_bytes(), CATALOG)
        objects = build(tools, folder / "kubernetes/overlays/production")
        assert not of_kind(objects, "Secret")
        for service in project.services:
            check_variables(project, service, objects)


def check_variables(project: Project, service: Service, objects: Objects) -> None:
    own = [each for each in objects if each["metadata"]["labels"]["app.kubernetes.io/component"] == service.name]
    settings = project.environment(service)
    values = {each.name: each.value for each in settings if each.kind == "value"}
    values |= {each.name: f"http://{each.service.name}" for each in settings if each.service is not None}
    maps = of_kind(own, "ConfigMap")
    assert [each["data"] for each in maps] == ([values] if values else [])
    pods = of_kind(own, "Deployment", "Job")
    assert len(pods) == 1 + len(service.run.processes) + (service.run.pre_deploy is not None)
    for pod in pods:
        (container,) = pod["spec"]["template"]["spec"]["containers"]
        named = [each["configMapRef"]["name"] for each in container.get("envFrom", [])]
        assert named == [each["metadata"]["name"] for each in maps]
        keys = {
            each["name"]: each["valueFrom"]["secretKeyRef"] for each in container.get("env", []) if "valueFrom" in each
        }
        wanted = {each.name for each in settings} - values.keys()
        assert keys == {name: {"name": project.slug, "key": name} for name in wanted}


def test_values_arrive_as_they_are(tools: dict[str, str], tmp_path: Path) -> None:
    texts = ("", "'", '"x"', "'x'", "''", "\"'x'\"", "a=b", " a ", "# a", "$(HOME) ${HOME} $$", "ü`id`{{ w }}\\n", "no")
    values = {f"V{number}": text for number, text in enumerate(texts)}
    variables = tuple(Variable(name=name, value=text) for name, text in values.items())
    project = scaffold(hosts="kubernetes")
    project = project.with_service(add(project, CATALOG, Request(name="api", stack="dockerfile", env=variables)))
    for path, file in render.render(project, CATALOG).items():
        if path.parts[0] == "kubernetes":
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(file.text)
    (found,) = of_kind(build(tools, tmp_path / "kubernetes/overlays/staging"), "ConfigMap")
    assert found["data"] == values


def test_staging_has_other_names_than_production(generated: list[Path], tools: dict[str, str]) -> None:
    found = set()
    for overlays in (project / "kubernetes/overlays" for project in generated if (project / "kubernetes").is_dir()):
        staging, production = (build(tools, overlays / name) for name in ("staging", "production"))
        assert namespaces(staging).isdisjoint(namespaces(production))
        assert hostnames(staging) == {f"staging.{name}" for name in hostnames(production)}
        found |= hostnames(production)
    assert found


def namespaces(objects: Objects) -> set[str]:
    return {each["metadata"].get("namespace", each["metadata"]["name"]) for each in objects}


def hostnames(objects: Objects) -> set[str]:
    return {name for route in of_kind(objects, "HTTPRoute") for name in route["spec"]["hostnames"]}
