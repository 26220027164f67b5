"""Packages of a private index, whose token is a build secret: there while packages are installed, and nowhere after."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest

from tests.engine.conftest import Engine
from tests.engine.index import FILES, HOST, SIMPLE, USER, Index, serve
from tests.engine.services import SERVICES
from tests.engine.shop import Shop, run_bakegen, scaffold

TOKEN = f"token-{uuid4()}"
NPMRC = "registry=http://${NPM_HOST}/\n//${NPM_HOST}/:_authToken=${NPM_TOKEN}\n"
INDEX = f"http://{HOST}/simple/"
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, kw_only=True, slots=True)
class Private:
    """What a service is given: its secrets, which all are the token, and its build arguments."""

    secrets: tuple[str, ...]
    arguments: dict[str, str]


PRIVATE = {
    "jobs-pnpm": Private(secrets=("NPM_TOKEN",), arguments={"NPM_HOST": HOST}),
    "site": Private(
        secrets=("NPM_TOKEN", "UV_INDEX_ACME_PASSWORD"), arguments={"NPM_HOST": HOST, "UV_INDEX_ACME_USERNAME": USER}
    ),
    "worker-pip": Private(secrets=("PIP_TOKEN",), arguments={"PIP_USER_NAME": USER}),
    "worker-poetry": Private(
        secrets=("POETRY_HTTP_BASIC_ACME_PASSWORD",), arguments={"POETRY_HTTP_BASIC_ACME_USERNAME": USER}
    ),
}
# Of each client, something that it asks for.
ASKED = {
    "jobs-pnpm": ("/bullmq/-/",),
    "site": ("/react/-/", "/files/"),
    "worker-pip": ("/simple/rq/", "/files/"),
    "worker-poetry": ("/simple/rq/", "/files/"),
}


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with serve(Index(token=TOKEN)) as served:
        yield served


@pytest.fixture(scope="module")
def project(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The services, with what their users would write to have the packages of a private index."""
    folder = tmp_path_factory.mktemp("private")
    shop = scaffold(folder, engine, [SERVICES[name] for name in PRIVATE]).under("private/shop")
    answers = shop.folder / "bakegen.toml"
    text = answers.read_text(encoding="utf-8")
    for name, given in PRIVATE.items():
        head = f"[services.{name}]\n"
        text = text.replace(head, f"{head}build_secrets = {json.dumps(given.secrets)}\n")
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in given.arguments.items())
        text += f"\n[services.{name}.build_args]\n{lines}"
    answers.write_text(text, encoding="utf-8")
    run_bakegen(shop.folder, "sync")
    for file in (shop.file("site", "frontend/.npmrc"), shop.folder / ".npmrc"):
        file.write_text(NPMRC, encoding="utf-8")
    requirements = shop.file("worker-pip", "requirements.txt")
    source = INDEX.replace("//", "//${PIP_USER_NAME}:${PIP_TOKEN}@")
    requirements.write_text(f"--index-url {source}\n{requirements.read_text(encoding='utf-8')}", encoding="utf-8")
    _lead_uv_here(shop.file("site", "pyproject.toml"))
    _lead_poetry_here(shop.file("worker-poetry", "pyproject.toml"))
    return shop


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("caches")


@pytest.fixture(scope="module")
def built(project: Shop, index: Index, caches: Path) -> str:
    """The images in the registry, and all layers of all of their stages in `caches`; what the build said."""
    targets = (*PRIVATE, "workspace", "site-assets")
    options = [f"--set={name}.cache-to=type=local,dest={caches / name},mode=max" for name in targets]
    done = _bake(project, *PRIVATE, *options, f"--allow=fs.write={caches}", token=index.token)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("service", PRIVATE)
def test_packages_come_from_the_private_index(built: str, index: Index, service: str) -> None:
    assert "workspace" in built
    for start in ASKED[service]:
        assert any(path.startswith(start) for path in index.given), sorted(index.given)


@pytest.mark.parametrize("service", PRIVATE)
def test_without_the_secret_nothing_is_installed(built: str, project: Shop, index: Index, service: str) -> None:
    assert built
    given, refused = len(index.given), len(index.refused)
    assert _bake(project, service, token="").returncode != 0
    assert len(index.given) == given
    assert len(index.refused) > refused


@pytest.mark.parametrize("service", PRIVATE)
def test_the_secret_is_nowhere_in_the_image(built: str, project: Shop, index: Index, service: str) -> None:
    assert built
    assert _traces(dict(_image(project, service)), index) == []


@pytest.mark.parametrize("service", PRIVATE)
def test_build_arguments_are_for_all_to_read(built: str, project: Shop, service: str) -> None:
    assert built
    inspect = ("docker", "buildx", "imagetools", "inspect", project.image(service), "--format")
    request = json.loads(
        project.engine.run(*inspect, "{{json .Provenance.SLSA.buildDefinition.externalParameters.request}}")
    )
    arguments = {f"build-arg:{name}": value for name, value in PRIVATE[service].arguments.items()}
    assert request["args"] | arguments == request["args"]


def test_the_secret_is_nowhere_in_the_cache(built: str, project: Shop, index: Index, caches: Path) -> None:
    blobs = {str(path): path.read_bytes() for path in caches.glob("**/*") if path.is_file()}
    assert any(b"_authToken=${NPM_TOKEN}" in _plain(blob) for blob in blobs.values()), "layers of other stages are here"
    texts = {"log": built.encode(), "records": project.engine.run("docker", "buildx", "du", "--verbose").encode()}
    assert _traces(blobs | texts, index) == []


def _bake(shop: Shop, *arguments: str, token: str) -> subprocess.CompletedProcess[str]:
    """Bake and push with package caches that nobody has filled."""
    fresh = f"--set=*.args.BUILDKIT_CACHE_MOUNT_NS={uuid4()}"
    secrets = {name: token for given in PRIVATE.values() for name in given.secrets} if token else {}
    environment = shop.engine.environment | secrets | {"IMAGES": shop.images, "PUSH": "true"}
    command = ["docker", "buildx", "bake", "--progress=plain", fresh, *arguments]
    return subprocess.run(command, cwd=shop.folder, env=environment, capture_output=True, text=True, check=False)


def _lead_uv_here(manifest: Path) -> None:
    """Name the index in the manifest, and make the lock what `uv lock` makes of it."""
    with manifest.open("a", encoding="utf-8") as file:
        file.write(f'\n[[tool.uv.index]]\nname = "acme"\nurl = "{INDEX}"\ndefault = true\n')
    lock = manifest.with_name("uv.lock")
    text = lock.read_text(encoding="utf-8")
    text = text.replace(SIMPLE.rstrip("/"), INDEX).replace(FILES, f"http://{HOST}/files/")
    lock.write_text(text, encoding="utf-8")


def _lead_poetry_here(manifest: Path) -> None:
    """Name the index in the manifest, and make the lock what `poetry lock` makes of it."""
    lock = manifest.with_name("poetry.lock")
    text = lock.read_text(encoding="utf-8")
    before = _poetry_hash(manifest)
    assert before in text
    with manifest.open("a", encoding="utf-8") as file:
        file.write(f'\n[[tool.poetry.source]]\nname = "acme"\nurl = "{INDEX}"\npriority = "primary"\n')
    source = f'\n[package.source]\ntype = "legacy"\nurl = "{INDEX.rstrip("/")}"\nreference = "acme"\n'
    packages, metadata = text.replace(before, _poetry_hash(manifest)).split("\n[metadata]\n")
    packages = "\n[[package]]".join(part.rstrip("\n") + "\n" + source for part in packages.split("\n[[package]]")[1:])
    lock.write_text(f"[[package]]{packages}\n[metadata]\n{metadata}", encoding="utf-8")


def _poetry_hash(manifest: Path) -> str:
    """Poetry's digest of what a lock depends on."""
    read: dict[str, Any] = tomllib.loads(manifest.read_text(encoding="utf-8"))
    wanted = {
        "project": {key: read["project"][key] for key in ("requires-python", "dependencies")},
        "dependency-groups": read["dependency-groups"],
        "tool": {"poetry": {key: read["tool"]["poetry"][key] for key in ("source",) if key in read["tool"]["poetry"]}},
    }
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()


def _image(shop: Shop, service: str) -> Iterator[tuple[str, bytes]]:
    """All blobs that the index leads to: layers, configuration, attestations."""
    repository = f"{shop.images}-{service}"
    for entry in json.loads(shop.raw(shop.image(service)))["manifests"]:
        raw = shop.raw(f"{repository}@{entry['digest']}")
        yield entry["digest"], raw.encode()
        manifest = json.loads(raw)
        for blob in (manifest["config"], *manifest["layers"]):
            address = repository.replace("/", "/v2/", 1)
            with urlopen(f"http://{address}/blobs/{blob['digest']}") as answer:
                yield blob["digest"], _plain(answer.read())


def _plain(blob: bytes) -> bytes:
    return gzip.decompress(blob) if blob.startswith(GZIP) else blob


def _traces(blobs: dict[str, bytes], index: Index) -> list[str]:
    return [name for name, blob in blobs.items() if any(trace in _plain(blob) for trace in index.traces)]
