"""A renamed service in edited files of hosts: the name goes with the edit, there and back."""

from pathlib import PurePosixPath

import pytest

from bakegen.service import Request
from tests.world import World, scaffold

EDITS = [
    ("compose", "compose.prod.yaml", b"maxconn 4096", b"maxconn 8192"),
    ("dokploy", "deploy/dokploy.json", b'"LOG_LEVEL": "info"', b'"LOG_LEVEL": "debug"'),
    ("fly", "services/api/fly.toml", b"soft_limit = 20", b"soft_limit = 40"),
    ("kubernetes", "kubernetes/base/api.yaml", b"failureThreshold: 60", b"failureThreshold: 90 # slow"),
    ("kubernetes", "kubernetes/base/kustomization.yaml", b"LOG_LEVEL=info", b"LOG_LEVEL=debug"),
    ("railway", ".railway/railway.ts", b'LOG_LEVEL: "info"', b'LOG_LEVEL: "debug"'),
    ("render", "render.yaml", b"numInstances: 2", b"numInstances: 3 # mine"),
]


@pytest.mark.parametrize(("host", "name", "before", "after"), EDITS)
def test_an_edit_in_the_entry_of_a_renamed_service(host: str, name: str, before: bytes, after: bytes) -> None:
    world = World.new(scaffold(hosts=host), [Request(name="api", stack="fastapi")])
    world.add(Request(name="web", stack="nextjs", needs=("api",)))
    world.set("api", {"replicas": 2})
    path = PurePosixPath(name)
    renamed = PurePosixPath(name.replace("api", "backend"))
    fresh = world.copy()
    assert not fresh.rename("api", "backend").conflicts
    assert before in world.files[path]
    world.files[path] = edited = world.files[path].replace(before, after, 1)
    assert not world.rename("api", "backend").conflicts
    assert world.files[renamed] == fresh.files[renamed].replace(before, after, 1)
    assert not world.rename("backend", "api").conflicts
    assert world.files[path] == edited


def test_what_somebody_patches_in_an_overlay() -> None:
    world = World.new(scaffold(hosts="kubernetes"), [Request(name="api", stack="fastapi")])
    world.set("api", {"processes": {"beat": "python -m beat"}})
    path = PurePosixPath("kubernetes/overlays/production/kustomization.yaml")
    own = b"""\
patches:
  - target: { kind: Deployment, name: api }
    patch: |-
      - op: replace
        path: /spec/replicas
        value: 9
  - patch: |-
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: to-api
        labels: { team: api, name: apis }
replicas:
  - name: "api"
    count: 4
  - name: api-beat
    count: 2
  - name: api-other
    count: 3
"""
    world.files[path] = edited = world.files[path] + own
    assert not world.rename("api", "backend").conflicts
    for name in ("name: api }", "name: to-api", 'name: "api"', "name: api-beat"):
        own = own.replace(name.encode(), name.replace("api", "backend").encode())
    assert world.files[path].endswith(own)
    assert not world.rename("backend", "api").conflicts
    assert world.files[path] == edited


def test_a_word_that_looks_like_the_name_stays() -> None:
    world = World.new(scaffold(hosts="render"), [Request(name="api", stack="fastapi")])
    path = PurePosixPath("render.yaml")
    own = b"  - type: worker\n    name: api\n    runtime: image\n    image:\n      url: mine/api:latest\n"
    world.files[path] += own
    assert not world.rename("api", "backend").conflicts
    assert world.files[path].endswith(own)
    assert b"name: shop-backend\n" in world.files[path]


def test_addresses_and_variables_in_an_edit() -> None:
    world = World.new(scaffold(hosts="kubernetes"), [Request(name="api", stack="fastapi")])
    world.add(Request(name="web", stack="nextjs", needs=("api",)))
    path = PurePosixPath("kubernetes/base/kustomization.yaml")
    line, own = b'      - "API_URL=http://api"\n', b'      - "API_URL=http://api/v2"\n      - "OWN=http://api:80/v1"\n'
    assert line in world.files[path]
    world.files[path] = world.files[path].replace(line, own)
    assert not world.rename("api", "backend").conflicts
    assert own.replace(b"API", b"BACKEND").replace(b"//api", b"//backend") in world.files[path]


def test_a_path_that_looks_like_the_name_stays() -> None:
    world = World.new(scaffold(hosts="render"), [Request(name="api", stack="nestjs")])
    path = PurePosixPath("render.yaml")
    same = b"    healthCheckPath: /api/health\n"
    own = b"  - type: web\n    name: mine\n    runtime: image\n    image:\n      url: mine/own:latest\n" + same
    assert same in world.files[path]
    world.files[path] += own
    assert not world.rename("api", "backend").conflicts
    assert world.files[path].endswith(own)
    assert world.files[path].count(same) == 2
