"""A renamed service in a text that somebody edited: what means the service, and what merely looks like its name."""

import json
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from bakegen.model import Service
from bakegen.rename import renamed
from tests.world import member, scaffold

OLD = member(scaffold(), "api")
OLD = replace(OLD, run=replace(OLD.run, processes={"beat": "python -m app.beat"}))
NEW = replace(OLD, name="backend", path=PurePosixPath("services/backend"))
TOP = replace(OLD, path=PurePosixPath("api"))
MOVED = replace(NEW, path=PurePosixPath("backend"))
COMPOSE = "compose.prod.yaml"
OVERLAY = "kubernetes/overlays/production/kustomization.yaml"


def check(name: str, before: str, after: str, *, old: Service = OLD, new: Service = NEW) -> None:
    assert renamed(PurePosixPath(name), before.encode(), old, new).decode() == after


@pytest.mark.parametrize("key", ["api", "api-beat", "api_pre_deploy", "api_replicas"])
def test_a_folder_where_something_of_the_service_runs(key: str) -> None:
    own = f"services:\n  {key}:\n    volumes:\n      - ./services/api/data:/data\n"
    after = renamed(PurePosixPath(COMPOSE), own.encode(), OLD, NEW).decode()
    assert after.endswith("      - ./services/backend/data:/data\n")
    assert (after == own.replace("api", "backend")) == (key == "api")


@pytest.mark.parametrize("key", ["other", "api-other", "api_data"])
def test_what_runs_beside_the_service(key: str) -> None:
    own = (
        f"services:\n  {key}:\n    command: serve api\n    image: acme/shop-api:1\n    labels:\n      - services/api\n"
    )
    check(COMPOSE, own, own)


def test_a_service_of_one_s_own_that_uses_it() -> None:
    own = """\
services:
  own:
    depends_on: [api, api-other]
    links:
      - api:server
    environment:
      API_URL: http://api:8000/v2
      OWN: amqp://user@api
      API_KEY: api
      OTHER: http://other/api-docs
      DOCS: "http://other/api/docs"
      END: http://other/v1/api
"""
    names = ("[api,", "- api:", "API_URL", "//api:", "@api")
    after = own
    for name in names:
        after = after.replace(name, name.replace("api", "backend").replace("API", "BACKEND"))
    check(COMPOSE, own, after)


@pytest.mark.parametrize(
    "line",
    [
        "network_mode: service:{}",
        'pid: "service:{}"',
        "ipc: service:{}",
        "extends: {}",
        "extends: {{ service: {} }}",
        'volumes_from: [other, "{}:ro"]',
        "depends_on: {{ {}: {{ condition: service_healthy }} }}",
    ],
)
def test_what_names_a_service_by_its_key(line: str) -> None:
    own = f"services:\n  own:\n    {line}\n"
    check(COMPOSE, own.format("api"), own.format("backend"))


@pytest.mark.parametrize(
    "line",
    [
        "network_mode: api",
        "network_mode: container:api",
        "network_mode: service:api-other",
        "extends: { file: other.yaml, service: api }",
        "volumes_from: [container:api, api-other]",
        "links: [other:api]",
    ],
)
def test_what_names_another_by_the_same_word(line: str) -> None:
    own = f"services:\n  own:\n    {line}\n"
    check(COMPOSE, own, own)


def test_a_volume_of_one_s_own_keeps_its_data() -> None:
    own = "    volumes:\n      - api_data:/data\nvolumes:\n  api_data:\n"
    check(COMPOSE, f"services:\n  api:\n{own}", f"services:\n  backend:\n{own}")


def test_one_folder_is_no_end_of_an_address() -> None:
    own = "services:\n  api:\n    volumes:\n      - ./api/own:/srv/api\n    command: curl http://own/api api/run.sh\n"
    after = (
        own.replace("  api:", "  backend:").replace("./api/own", "./backend/own").replace(" api/run", " backend/run")
    )
    check(COMPOSE, own, after, old=TOP, new=MOVED)


@pytest.mark.parametrize("name", ["api", "to-api", "api-beat", "api-pre-deploy"])
def test_what_an_overlay_patches(name: str) -> None:
    own = "patches:\n  - target: {{ kind: Any, name: {} }}\n    path: own.yaml\n"
    check(OVERLAY, own.format(name), own.format(name.replace("api", "backend")))


@pytest.mark.parametrize("name", ["api_replicas", "api_pre_deploy", "api-other", "my-api", "to-to-api"])
def test_what_an_overlay_patches_of_others(name: str) -> None:
    own = f"patches:\n  - target: {{ kind: Any, name: {name} }}\n    path: own.yaml\n"
    check(OVERLAY, own, own)


@pytest.mark.parametrize(
    ("base", "theirs", "after"),
    [
        ("tier: api\n", "tier: backend\n", "tier: backend\n"),
        ("", "tier: backend\n", "tier: api\n"),
        ("tier: api\n", "", "tier: api\n"),
        ("tier: api\n", "tier: api\n", "tier: api\n"),
        ("kind: api\n", "kind: backend\n", "tier: api\n"),
    ],
)
def test_a_word_is_renamed_where_bakegen_renamed_its_like(base: str, theirs: str, after: str) -> None:
    path = PurePosixPath("render.yaml")
    text = renamed(path, b"tier: api\n", OLD, NEW, base=base.encode(), theirs=theirs.encode())
    assert text.decode() == after


BAKE = """\
group "default" {
  targets = ["api", "api-test", "own"]
}
target "api" {
  inherits   = ["_common"]
  context    = "services/api"
  tags       = tags("api")
  cache-from = ["type=registry,ref=acme/shop-api:cache"]
  labels     = { tier = "api" }
}
target "api-test" {
  args = { KIND = "api" }
}
target "own" {
  inherits = ["api"]
  contexts = { app = "target:api" }
  context  = "services/api"
  tags     = own("api")
}
"""


def test_a_bake_file() -> None:
    own = BAKE.index('target "own"')
    after = BAKE[:own]
    for name in ('["api", "api-test"', 'target "api"', 'target "api-test"', "services/api", 'tags("api")', "shop-api:"):
        after = after.replace(name, name.replace("api", "backend"))
    mine = BAKE[own:].replace('["api"]', '["backend"]').replace("target:api", "target:backend")
    check("docker-bake.hcl", BAKE, after + mine)


def test_a_bake_file_in_json() -> None:
    before = {
        "group": {"api": {"targets": ["api", "own"]}},
        "target": {
            "api": {"context": "services/api", "labels": ["api"]},
            "own": {"inherits": ["api"], "tags": ["api"]},
        },
        "variable": {"api": {"targets": ["api"]}},
    }
    after = {
        "group": {"api": {"targets": ["backend", "own"]}},
        "target": {
            "backend": {"context": "services/backend", "labels": ["api"]},
            "own": {"inherits": ["backend"], "tags": ["api"]},
        },
        "variable": {"api": {"targets": ["api"]}},
    }
    check("docker-bake.json", json.dumps(before, indent=2), json.dumps(after, indent=2))


def test_a_folder_below_another_one() -> None:
    own = "COPY services/api/app /srv/services/api/app\nCOPY my-services/api services/api-docs /srv\n"
    after = "COPY services/backend/app /srv/services/backend/app\nCOPY my-services/api services/api-docs /srv\n"
    check("services/backend/Dockerfile", own, after)
    check("workspace.Dockerfile.dockerignore", own, after)
    check("own/workspace.Dockerfile.dockerignore", own, own)
    check("own/Dockerfile", own, own)
