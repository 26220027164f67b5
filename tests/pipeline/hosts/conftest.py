"""Generated deploy scripts, and what they deploy to."""

import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.engine.machine import REGISTRY

from . import images as tiny
from .containers import Containers
from .dokploy_scene import DokployScene, dokploy_scene
from .fly_scene import FlyScene, fly_scene
from .script import NEW, OLD, OTHER, Images


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is deployed to Dokploy."""
    folder = tmp_path_factory.mktemp("hosts")
    answers = ("--preset=nextjs-dokploy", "--set=project_slug=shop", "--set=git_init=false")
    subprocess.run([sys.executable, "-m", "bakegen", "new", "shop", *answers], cwd=folder, check=True)
    return folder / "shop"


@pytest.fixture(scope="session")
def containers(environment: Mapping[str, str]) -> Iterator[Containers]:
    with Containers(environment) as found:
        yield found


@pytest.fixture(scope="session")
def images(environment: Mapping[str, str]) -> dict[str, Images]:
    """The images of two services, in the registry."""
    return both(environment)


@pytest.fixture(scope="session")
def indexes(environment: Mapping[str, str]) -> dict[str, Images]:
    """The same, as images.yml makes them."""
    return both(environment, ("linux/amd64", "linux/arm64"))


def both(environment: Mapping[str, str], platforms: tuple[str, ...] = ()) -> dict[str, Images]:
    """The images of `api`, and the same as those of `web`."""
    prefix = f"{REGISTRY}/hosts/{uuid.uuid4().hex[:12]}"

    def of(health: object, command: str = "") -> str:
        return tiny.push(environment, f"{prefix}/api", health, command, platforms=platforms)

    api = Images(
        old=of({"status": "ok", "revision": OLD}),
        new=of({"status": "ok", "revision": NEW}),
        other=of({"status": "ok", "revision": OTHER}),
        plain_old=of({"status": "old"}),
        plain_new=of({"status": "new"}),
        broken=of({}, 'CMD ["sleep", "1000000"]\n'),
    )
    web = {name: image.replace("/api@", "/web@") for name, image in asdict(api).items()}
    for name in web:
        copy = ("crane", "copy", "--insecure", getattr(api, name), f"{prefix}/web:{name}")
        subprocess.run(copy, env=environment, capture_output=True, check=True)
    return {"api": api, "web": Images(**web)}


@pytest.fixture
def one(project: Path, containers: Containers, images: Mapping[str, Images]) -> Iterator[DokployScene]:
    """A Dokploy with one service, `api`."""
    with dokploy_scene(project, containers, {"api": images["api"]}) as found:
        yield found


@pytest.fixture
def two(project: Path, containers: Containers, images: Mapping[str, Images]) -> Iterator[DokployScene]:
    """A Dokploy with two services, `api` and `web`."""
    with dokploy_scene(project, containers, images) as found:
        yield found


@pytest.fixture(scope="session")
def flying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is deployed to Fly.io: `web`, and `api` that only it reaches."""
    folder = tmp_path_factory.mktemp("fly")
    answers = ("--preset=api-web", "--set=hosts=fly", "--set=project_slug=shop", "--set=git_init=false")
    subprocess.run([sys.executable, "-m", "bakegen", "new", "shop", *answers], cwd=folder, check=True)
    change = (sys.executable, "-m", "bakegen", "set", "api", "public=false", "pre_deploy=true")
    subprocess.run(change, cwd=folder / "shop", check=True)
    return folder / "shop"


@pytest.fixture
def fly_one(flying: Path, containers: Containers, indexes: Mapping[str, Images]) -> Iterator[FlyScene]:
    """A Fly.io with one service, `web`."""
    with fly_scene(flying, containers, {"web": indexes["web"]}) as found:
        yield found


@pytest.fixture
def fly_two(flying: Path, containers: Containers, indexes: Mapping[str, Images]) -> Iterator[FlyScene]:
    """A Fly.io with two services, `api` and `web`."""
    with fly_scene(flying, containers, indexes) as found:
        yield found


@pytest.fixture
def fly_wide(tmp_path: Path, flying: Path, containers: Containers, indexes: Mapping[str, Images]) -> Iterator[FlyScene]:
    """A Fly.io with `web`, which is to run in two regions, with another process in the first."""
    project = Path(shutil.copytree(flying, tmp_path / "shop"))
    file = project / "bakegen.toml"
    keys = 'replicas = 2\nmax_replicas = 3\nregions = ["us-east"]\n[services.web.processes]\nmailer = "sleep 1000000"\n'
    file.write_text(file.read_text() + keys)
    subprocess.run([sys.executable, "-m", "bakegen", "sync"], cwd=project, check=True)
    with fly_scene(project, containers, {"web": indexes["web"]}) as found:
        yield found
