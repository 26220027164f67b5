"""The engine itself can do all that the other engine tests rely on."""

import json
from pathlib import Path

import pytest

from tests.engine.conftest import Engine

MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
PLATFORMS = tuple(MACHINES)
DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
RUN --mount=from=ghcr.io/astral-sh/uv:{uv},source=/uv,target=/bin/uv uv --version > /uv-version
FROM python:3.13-slim
COPY --link --from=build /uv-version /uv-version
USER 10001:10001
CMD ["python", "-c", "import os; print(os.uname().machine, os.getuid(), open('/uv-version').read())"]
"""
COMPOSE = """\
services:
  redis:
    image: redis:{redis}
    healthcheck: {{test: [CMD, redis-cli, ping], interval: 1s, retries: 60}}
  postgres:
    image: postgres:{postgres}
    environment: {{POSTGRES_USER: shop, POSTGRES_PASSWORD: secret, POSTGRES_DB: orders}}
    volumes: ["data:/var/lib/postgresql"]
    healthcheck: {{test: [CMD, pg_isready, -U, shop, -d, orders, -h, 127.0.0.1], interval: 1s, retries: 60}}
volumes:
  data: {{}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, image_pins: dict[str, str]) -> Path:
    """A folder with one Dockerfile, which names base images as generated ones do."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "Dockerfile").write_text(DOCKERFILE.format(**image_pins), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def index(engine: Engine, project: Path) -> str:
    """Both platforms built and pushed apart, without a tag, then merged under one."""
    name = f"{engine.registry}/machine/app"
    digests = [_push_by_digest(engine, project, name, platform) for platform in PLATFORMS]
    sources = [f"{name}@{digest}" for digest in digests]
    engine.run("docker", "buildx", "imagetools", "create", "--tag", f"{name}:merged", *sources)
    return f"{name}:merged"


@pytest.mark.parametrize("builder", ["bakegen", "default"])
def test_builds_and_runs_natively(engine: Engine, project: Path, builder: str) -> None:
    tag = f"machine/app:{builder}"
    engine.run("docker", "buildx", "build", "--load", "--tag", tag, project, BUILDX_BUILDER=builder)
    assert " 10001 uv " in engine.run("docker", "run", "--rm", "--read-only", tag)


def test_merged_index_has_both_platforms_and_their_attestations(engine: Engine, index: str) -> None:
    raw = engine.run("docker", "buildx", "imagetools", "inspect", "--raw", index)
    platforms = [f"{m['platform']['os']}/{m['platform']['architecture']}" for m in json.loads(raw)["manifests"]]
    assert sorted(platforms) == [*PLATFORMS, "unknown/unknown", "unknown/unknown"]


def test_pushing_by_digest_makes_no_tag(engine: Engine, index: str) -> None:
    assert engine.run("crane", "ls", index.rpartition(":")[0]) == "merged\n"


@pytest.mark.parametrize(("platform", "machine"), [*MACHINES.items()])
def test_runs_both_platforms(engine: Engine, index: str, platform: str, machine: str) -> None:
    output = engine.run("docker", "run", "--rm", "--pull=always", f"--platform={platform}", index)
    assert output.startswith(f"{machine} 10001 ")


def test_compose_waits_for_backing_services(engine: Engine, image_pins: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.format(**image_pins), encoding="utf-8")
    compose = ("docker", "compose", "--project-name", "machine-test")
    try:
        engine.run(*compose, "up", "--detach", "--wait", "--wait-timeout=60", cwd=tmp_path)
        assert engine.run(*compose, "exec", "-T", "redis", "redis-cli", "set", "a", "b", cwd=tmp_path) == "OK\n"
        query = ("psql", "--username=shop", "--no-align", "--tuples-only", "--command=select current_database()")
        assert engine.run(*compose, "exec", "-T", "postgres", *query, "orders", cwd=tmp_path) == "orders\n"
    finally:
        engine.run(*compose, "down", "--volumes", "--timeout=2", cwd=tmp_path)


def test_node_is_musl_as_on_alpine(engine: Engine) -> None:
    report = "process.report.getReport().header.glibcVersionRuntime ?? 'musl'"
    assert engine.run("docker", "run", "--rm", "node:24-alpine", "node", "-p", report) == "musl\n"


@pytest.mark.parametrize("library", ["libgcc_s.so.1", "libstdc++.so.6"])
def test_node_finds_the_libraries_of_native_modules(engine: Engine, library: str) -> None:
    load = f"try {{ process.dlopen({{exports: {{}}}}, '{library}') }} catch (error) {{ error.message }}"
    found = engine.run("docker", "run", "--rm", "node:24-alpine", "node", "-p", load)
    assert found == f"Module did not self-register: '{library}'.\n", "it is loaded, and is no module of Node's"


@pytest.mark.parametrize("program", ["act", "actionlint", "crane", "hclfmt"])
def test_tools_are_on_the_path(engine: Engine, program: str) -> None:
    assert engine.run("sh", "-c", f"command -v {program}").strip().endswith(f"/bin/{program}")


def _push_by_digest(engine: Engine, project: Path, name: str, platform: str) -> str:
    metadata = project / "metadata.json"
    output = f"type=image,name={name},push=true,push-by-digest=true,name-canonical=true"
    options = ["--platform", platform, "--output", output, "--provenance=mode=max", "--metadata-file", str(metadata)]
    engine.run("docker", "buildx", "build", *options, project)
    digest: str = json.loads(metadata.read_text(encoding="utf-8"))["containerimage.digest"]
    return digest
