"""Generated deploy scripts, and what they deploy to."""

import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.engine.machine import REGISTRY

from . import images as tiny
from .scene import NEW, OLD, OTHER, Images, Scene, scene


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is deployed to Dokploy."""
    folder = tmp_path_factory.mktemp("hosts")
    answers = ("--preset=nextjs-dokploy", "--set=project_slug=shop", "--set=git_init=false")
    subprocess.run([sys.executable, "-m", "bakegen", "new", "shop", *answers], cwd=folder, check=True)
    return folder / "shop"


@pytest.fixture(scope="session")
def images(environment: Mapping[str, str]) -> dict[str, Images]:
    """The images of two services, in the registry."""
    prefix = f"{REGISTRY}/hosts/{uuid.uuid4().hex[:12]}"

    def of(revision: str) -> str:
        return tiny.push(environment, f"{prefix}/api", {"status": "ok", "revision": revision})

    api = Images(
        old=of(OLD),
        new=of(NEW),
        other=of(OTHER),
        plain_old=tiny.push(environment, f"{prefix}/api", {"status": "old"}),
        plain_new=tiny.push(environment, f"{prefix}/api", {"status": "new"}),
        broken=tiny.push(environment, f"{prefix}/api", {}, 'CMD ["sleep", "1000000"]\n'),
    )
    web = {name: image.replace("/api@", "/web@") for name, image in asdict(api).items()}
    for name in web:
        copy = ("crane", "copy", "--insecure", getattr(api, name), f"{prefix}/web:{name}")
        subprocess.run(copy, env=environment, capture_output=True, check=True)
    return {"api": api, "web": Images(**web)}


@pytest.fixture
def one(project: Path, environment: Mapping[str, str], images: Mapping[str, Images]) -> Iterator[Scene]:
    """A Dokploy with one service, `api`."""
    with scene(project, environment, {"api": images["api"]}) as found:
        yield found


@pytest.fixture
def two(project: Path, environment: Mapping[str, str], images: Mapping[str, Images]) -> Iterator[Scene]:
    """A Dokploy with two services, `api` and `web`."""
    with scene(project, environment, images) as found:
        yield found
