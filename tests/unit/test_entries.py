"""What is gone from an edited file of a host is found, and no hand edit is."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
import yaml

from bakegen import entries
from bakegen.service import Request
from bakegen.tree import layout
from tests.world import CATALOG, World, rendered, scaffold

WORLD = World.new(scaffold(hosts=",".join(CATALOG.hosts)), [Request(name="api", stack="fastapi")])
WORLD.add(Request(name="jobs", stack="python-worker"))
WORLD.add(Request(name="web", stack="nextjs", needs=("api",)))
PROJECT = WORLD.project


def found(name: str, text: bytes | None) -> list[str]:
    path = PurePosixPath(name)
    return [each.message for each in entries.check(PROJECT, {path: text}, {path: rendered(PROJECT)[path].text})]


LOST = [
    ("render.yaml", rb"  - type: worker\n    name: shop-jobs\n(?:    .*\n)+", "services > shop-jobs"),
    ("render.yaml", rb"      - key: LOG_LEVEL\n        value: \"info\"\n", "services > shop-api > envVars > LOG_LEVEL"),
    ("deploy/dokploy.json", rb"    \"jobs\": \{\n(?:      .*\n)+    \},\n", "applications > jobs"),
    ("kubernetes/base/kustomization.yaml", rb"  - jobs.yaml\n", "resources > jobs.yaml"),
    ("kubernetes/base/kustomization.yaml", rb"      - \"API_URL=.*\n", "configMapGenerator > web > literals > API_URL"),
    ("kubernetes/base/jobs.yaml", rb"(?s)apiVersion: apps.*", "Deployment/jobs"),
    ("compose.prod.yaml", rb"  jobs:\n(?:    .*\n)+", "services > jobs"),
    ("services/api/fly.toml", rb"LOG_LEVEL = .*\n", "env > LOG_LEVEL"),
    (".railway/railway.ts", rb"          LOG_LEVEL: .*\n", "api > LOG_LEVEL"),
    (".railway/railway.ts", rb"      service\(\"jobs\", \{\n(?:        .*\n)+      \}\),\n", "jobs"),
]


@pytest.mark.parametrize(("name", "pattern", "message"), LOST)
def test_what_is_gone(name: str, pattern: bytes, message: str) -> None:
    before = WORLD.files[PurePosixPath(name)]
    after = re.sub(pattern, b"", before, count=1)
    assert after != before
    assert found(name, after) == [f"{message} is missing"]


# A process, a command before a deployment, a domain, a range of replicas: all that bakegen makes a document of.
MANY = World.new(scaffold(hosts="kubernetes"), [Request(name="api", stack="fastapi", needs=("postgres",))])
MANY.add(Request(name="web", stack="nextjs", needs=("api",)))
MANY.set("api", {"replicas": 2, "max_replicas": 4, "domains": ["api.example.com"]})
MANY.set("api", {"pre_deploy": "python -m app.migrate", "processes": {"beat": "python -m app.beat"}})
DOCUMENTS = [
    (path, index)
    for path in (PurePosixPath("kubernetes/base", name) for name in ("api.yaml", "namespace.yaml", "web.yaml"))
    for index in range(len(MANY.files[path].split(b"---\n")))
]


@pytest.mark.parametrize(("path", "index"), DOCUMENTS)
def test_every_document_of_a_manifest_may_be_lost(path: PurePosixPath, index: int) -> None:
    documents = MANY.files[path].split(b"---\n")
    lost = yaml.safe_load(documents.pop(index))
    wanted = {path: rendered(MANY.project)[path].text}
    (finding,) = entries.check(MANY.project, {path: b"---\n".join(documents)}, wanted)
    assert finding.message == f"{lost['kind']}/{lost['metadata']['name']} is missing"


def test_what_is_lost_of_a_manifest() -> None:
    found = [yaml.safe_load(MANY.files[path].split(b"---\n")[index])["kind"] for path, index in DOCUMENTS[:8]]
    wanted = "Deployment Deployment Job Service HTTPRoute HorizontalPodAutoscaler PodDisruptionBudget NetworkPolicy"
    assert found == wanted.split()


def test_a_document_that_runs_no_image_has_no_other_name() -> None:
    path = "kubernetes/base/api.yaml"
    text = WORLD.files[PurePosixPath(path)]
    own = text.replace(b"kind: Service\nmetadata:\n  name: api\n", b"kind: Service\nmetadata:\n  name: own\n")
    assert found(path, own) == ["Service/api is missing"]
    both = own.replace(b"kind: Deployment\nmetadata:\n  name: api\n", b"kind: Deployment\nmetadata:\n  name: own\n")
    assert found(path, both) == ["Service/api is missing"]


def found_in_many(after: bytes) -> list[str]:
    path = PurePosixPath("kubernetes/base/api.yaml")
    assert after != MANY.files[path]
    return [
        each.message for each in entries.check(MANY.project, {path: after}, {path: rendered(MANY.project)[path].text})
    ]


def test_a_container_beside_another_is_no_deployment() -> None:
    first, *others = MANY.files[PurePosixPath("kubernetes/base/api.yaml")].split(b"---\n")
    own = b"      containers:\n        - name: own\n          image: ghcr.io/acme/shop-api\n"
    others[0] = others[0].replace(b"      containers:\n", own)
    assert found_in_many(b"---\n".join((first, *others))) == []
    assert found_in_many(b"---\n".join(others)) == ["Deployment/api is missing"]


def test_variables_may_come_from_a_secret_as_a_whole() -> None:
    text = MANY.files[PurePosixPath("kubernetes/base/api.yaml")]
    entry = re.search(rb"          env:\n            - name: DATABASE_URL\n(?:              .*\n)+", text)
    assert entry is not None
    first, rest = text.split(entry[0], 1)
    (message,) = found_in_many(first + rest)
    assert message.endswith("containers > api > env > DATABASE_URL is missing")
    assert found_in_many(first + b"            - secretRef: { name: own }\n" + rest) == []


def test_a_port_that_is_no_service_s_may_be_any() -> None:
    text = MANY.files[PurePosixPath("kubernetes/base/api.yaml")]
    assert (
        found_in_many(
            text.replace(b"        - name: api\n          port: 80\n", b"        - name: api\n          port: 81\n")
        )
        == []
    )


LONGER = [
    ("render.yaml", rb"  - type: web\n    name: shop-api\n(?:    .*\n)+", "services > shop-api"),
    ("deploy/dokploy.json", rb",\n    \"api\": \{\n(?:      .*\n)+    \}", "applications > api"),
    ("kubernetes/base/kustomization.yaml", rb"  - api.yaml\n", "resources > api.yaml"),
    ("compose.prod.yaml", rb"  api:\n(?:    .*\n)+", "services > api"),
    (".railway/railway.ts", rb"      service\(\"api\", \{\n(?:        .*\n)+      \}\),\n", "api"),
]


@pytest.mark.parametrize(("name", "pattern", "message"), LONGER)
def test_a_name_that_another_one_ends_with(name: str, pattern: bytes, message: str) -> None:
    world = World.new(scaffold(hosts=",".join(CATALOG.hosts)), [Request(name="api", stack="fastapi")])
    world.add(Request(name="admin-api", stack="fastapi"))
    path = PurePosixPath(name)
    after = re.sub(pattern, b"", world.files[path], count=1)
    assert after != world.files[path]
    (missing,) = entries.check(world.project, {path: after}, {path: rendered(world.project)[path].text})
    assert missing.message == f"{message} is missing"


def test_a_file_that_was_there_before_is_not_judged() -> None:
    path = PurePosixPath("render.yaml")
    sources = layout(PROJECT, CATALOG)
    assert path in entries.judged(PROJECT, sources)
    assert PurePosixPath("docker-bake.hcl") not in entries.judged(PROJECT, sources)
    assert path not in entries.judged(replace(PROJECT, adopted=(path,)), sources)


def test_every_file_of_a_host_may_be_gone() -> None:
    for path in entries.judged(PROJECT, layout(PROJECT, CATALOG)):
        assert found(str(path), None) == ["the file is gone"]
        assert found(str(path), WORLD.files[path]) == []


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("render.yaml", b"    numInstances: 1\n", b"    # mine\n    numInstances: 3\n    autoDeploy: false\n"),
        ("render.yaml", b'value: "info"', b"value: debug"),
        (
            "render.yaml",
            b"      - key: LOG_LEVEL\n",
            b"      - key: OWN\n        value: mine\n      - key: LOG_LEVEL\n",
        ),
        (
            "deploy/dokploy.json",
            b'      "image": "ghcr.io/acme/shop-api:latest",\n',
            b'      "image": "other/mine:1",\n',
        ),
        ("kubernetes/base/api.yaml", b"  revisionHistoryLimit: 5\n", b""),
        ("kubernetes/base/api.yaml", b"  replicas: 1\n", b"  replicas: 4\n"),
        ("kubernetes/base/api.yaml", b"\nmetadata:\n", b"\nmetadata:\n  namespace: shop\n"),
        ("kubernetes/base/kustomization.yaml", b"  - api.yaml\n", b"  - ./api.yaml\n"),
        ("kubernetes/base/namespace.yaml", b"    resources: [jobs]\n", b"    resources: [jobs, pods]\n"),
        ("compose.prod.yaml", b'      LOG_LEVEL: "info"\n', b"      LOG_LEVEL: debug # mine\n"),
        ("compose.prod.yaml", b"    restart: unless-stopped\n", b""),
        ("compose.prod.yaml", b"    depends_on:\n      api:\n        condition: service_healthy\n", b""),
        (".railway/railway.ts", b'LOG_LEVEL: "info"', b'"LOG_LEVEL": level'),
        ("services/api/fly.toml", b'[[restart]]\npolicy = "always"\n', b""),
    ],
)
def test_a_hand_edit_is_no_finding(name: str, before: bytes, after: bytes) -> None:
    text = WORLD.files[PurePosixPath(name)]
    assert before in text
    assert found(name, text.replace(before, after)) == []


def test_an_anchor_may_bring_variables() -> None:
    text = WORLD.files[PurePosixPath("compose.prod.yaml")]
    own = b"x-own: &own\n  LOG_LEVEL: debug\n"
    shared = text.replace(b'      LOG_LEVEL: "info"\n', b"      <<: *own\n").replace(
        b"services:\n", own + b"services:\n", 1
    )
    assert shared != text
    assert found("compose.prod.yaml", shared) == []


@pytest.mark.parametrize(
    ("name", "pattern", "new"),
    [
        ("compose.prod.yaml", rb'    environment:\n      LOG_LEVEL: "info"\n', b"    env_file: api.env\n"),
        ("render.yaml", rb'- key: LOG_LEVEL\n        value: "info"', b"- fromGroup: shared"),
        ("kubernetes/base/kustomization.yaml", rb'    literals:\n      - "LOG_LEVEL=info"\n', b"    envs: [api.env]\n"),
        (".railway/railway.ts", rb'LOG_LEVEL: "info"', b"...shared"),
    ],
)
def test_variables_may_come_from_elsewhere(name: str, pattern: bytes, new: bytes) -> None:
    text = WORLD.files[PurePosixPath(name)]
    assert found(name, re.sub(pattern, b"", text, count=1)) != []
    assert found(name, re.sub(pattern, new, text, count=1)) == []
    other = re.sub(pattern, new, text, count=1).replace(b"LOG_LEVEL", b"OTHER")  # of another service
    assert ["jobs" in message for message in found(name, other)] == [True]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("compose.prod.yaml", b"\n  jobs:\n", b"\n  queue:\n"), ("deploy/dokploy.json", b'"jobs": {', b'"queue": {')],
)
def test_a_key_by_which_others_find_an_entry_stays(name: str, before: bytes, after: bytes) -> None:
    text = WORLD.files[PurePosixPath(name)]
    assert before in text
    (message,) = found(name, text.replace(before, after, 1))
    assert message.endswith("jobs is missing")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("render.yaml", b"    name: shop-jobs\n", b"    name: queue\n"),
        ("kubernetes/base/jobs.yaml", b"  name: jobs\n  labels:", b"  name: queue\n  labels:"),
        (".railway/railway.ts", b'service("jobs", {', b"service(queue, {"),
        (".railway/railway.ts", b'service("jobs", {', b'service(\n        "jobs",\n        {'),
    ],
)
def test_an_entry_may_have_another_name(name: str, before: bytes, after: bytes) -> None:
    text = WORLD.files[PurePosixPath(name)]
    assert before in text
    assert found(name, text.replace(before, after, 1)) == []


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("compose.prod.yaml", "services > api > ports > 9000"),
        ("deploy/dokploy.json", "applications > api > port"),
        ("kubernetes/base/api.yaml", "Deployment/api > spec > template > spec > containers > api > ports > 9000"),
        ("services/api/fly.toml", "http_service > internal_port"),
    ],
)
def test_a_port_that_was_not_changed_with_the_service(name: str, place: str) -> None:
    text = re.sub(rb"(?<![\d-])8000(?=[\s\",])", b"9000", WORLD.files[PurePosixPath(name)])
    assert found(name, text) == [f"{place} is not its port, 8000"]


def test_a_port_of_the_machine_may_be_any() -> None:
    text = WORLD.files[PurePosixPath("compose.prod.yaml")]
    assert found("compose.prod.yaml", text.replace(b"127.0.0.1:${API_PORT:-8000}", b"80")) == []
    assert found("compose.prod.yaml", re.sub(rb"    ports:\n(?:      .*\n)+", b"", text)) == []
    more = text.replace(b'}:8000"\n', b'}:8000"\n      - "9090:9090"\n')
    assert more != text
    assert found("compose.prod.yaml", more) == []


def test_two_containers_that_want_one_port() -> None:
    world = World.new(scaffold(hosts="compose"), [Request(name="api", stack="fastapi")])
    path = PurePosixPath("compose.prod.yaml")
    before = world.files[path]
    world.set("api", {"replicas": 2})
    wanted = {path: rendered(world.project)[path].text}
    ports = re.search(rb"    ports:\n.*\n", before)
    assert ports is not None
    kept = world.files[path].replace(b"    restart:", ports[0] + b"    restart:", 1)
    messages = [each.message for each in entries.check(world.project, {path: kept}, wanted)]
    assert messages == [
        "services.api publishes 8000, and has replicas",
        "services.api and services.api_replicas both publish 8000",
    ]
    assert entries.check(world.project, {path: world.files[path]}, wanted) == ()
    other = world.files[path].replace(b':8080"\n', b':8081"\n')
    assert other != world.files[path]
    assert entries.check(world.project, {path: other}, wanted) == ()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("compose.prod.yaml", "services: {api: ["),
        ("kubernetes/base/api.yaml", "{{{ :"),
        ("render.yaml", "{{{ :"),
        ("deploy/dokploy.json", "]"),
        ("services/api/fly.toml", "[[["),
    ],
)
def test_a_file_that_is_not_of_its_format(name: str, line: str) -> None:
    text = WORLD.files[PurePosixPath(name)]
    assert found(name, text) == []
    assert found(name, text + f"\n{line}\n".encode()) == [f"not {name.rpartition('.')[2].upper()} that can be read"]
