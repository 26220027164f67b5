"""The bundle stack: its assets are built once for all platforms, and served as files that browsers may keep."""

import gzip
import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakegen.measure.steps import vertexes
from tests.engine.conftest import Engine
from tests.engine.services import SERVICES
from tests.engine.shop import Shop, get, scaffold, wait_healthy
from tests.engine.steps import progress

NAME, PORT = "site", 25120
ADDRESS = f"http://127.0.0.1:{PORT}"
PAGE = {"Accept": "text/html", "Accept-Encoding": "gzip"}
BUILD = "RUN npm run build"
INSTALL = "uv sync --locked --no-dev"


@pytest.fixture(scope="module")
def shop(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A project with this service alone."""
    return scaffold(tmp_path_factory.mktemp("bundle"), engine, [SERVICES[NAME]]).under("bundle/shop")


@pytest.fixture(scope="module")
def running(shop: Shop) -> Iterator[Shop]:
    """Its image, in a healthy container."""
    shop.bake(NAME)
    options = ["--detach", "--read-only", "--user=54321:54321", f"--publish=127.0.0.1:{PORT}:8000"]
    container = shop.engine.run("docker", "run", *options, shop.image(NAME)).strip()
    try:
        wait_healthy(shop, container)
        yield shop
    finally:
        shop.engine.run("docker", "rm", "--force", container)
        shop.engine.run("docker", "image", "rm", "--force", shop.image(NAME))


@pytest.fixture
def copy(shop: Shop, tmp_path: Path) -> Shop:
    """The project with a frontend that nobody has built yet, and without packages, which would be installed emulated."""
    copy = shop.copy(tmp_path / "shop")
    page = copy.file(NAME, "frontend/index.html")
    page.write_text(page.read_text("utf-8").replace("</body>", f"<!-- {tmp_path} --></body>"), "utf-8")
    dockerfile = copy.file(NAME, "Dockerfile")
    text = dockerfile.read_text("utf-8")
    assert text.count(INSTALL) == 1
    dockerfile.write_text(text.replace(INSTALL, "true"), "utf-8")
    return copy


def test_bake_builds_the_assets_once_for_both_platforms(copy: Shop) -> None:
    found = vertexes(progress(copy, NAME, PLATFORMS="linux/amd64,linux/arm64"))
    compiled = [vertex.name for vertex in found if "-m compileall" in vertex.name]
    assert {"linux/amd64" in name for name in compiled} == {True, False}, "the backend is of each platform"
    (built,) = {vertex.digest: vertex for vertex in found if BUILD in vertex.name}.values()
    assert not built.cached


def test_the_assets_are_a_target_of_their_own(shop: Shop) -> None:
    targets = json.loads(shop.bake("--print", NAME))["target"]
    assert targets[f"{NAME}-assets"]["target"] == "assets"
    assert targets[NAME]["contexts"] == {"assets": f"target:{NAME}-assets"}


def test_the_page_is_asked_for_again_and_its_assets_are_kept(running: Shop) -> None:
    assert json.loads(get(f"{ADDRESS}/api/notes")) == []
    with urllib.request.urlopen(urllib.request.Request(ADDRESS, headers=PAGE), timeout=20) as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
        page = answer.read().decode()
    assets = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)
    assert {Path(asset).suffix for asset in assets} == {".css", ".js"}
    for asset in assets:
        with urllib.request.urlopen(urllib.request.Request(ADDRESS + asset, headers=PAGE), timeout=20) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["Content-Encoding"] == "gzip"
            assert b"sourceMappingURL" not in gzip.decompress(answer.read())
    for path in ("/notes/1", "/about"):
        with urllib.request.urlopen(urllib.request.Request(ADDRESS + path, headers=PAGE), timeout=20) as answer:
            assert answer.read().decode() == page


def test_a_fault_of_the_frontend_fails_the_service_s_tests(shop: Shop, tmp_path: Path) -> None:
    copy = shop.copy(tmp_path / "shop")
    fault = 'import { expect, test } from "vitest";\n\ntest("fault", () => expect(1).toBe(2));\n'
    copy.file(NAME, "frontend/src/fault.test.ts").write_text(fault, encoding="utf-8")
    command = ["docker", "buildx", "bake", f"{NAME}-test"]
    done = subprocess.run(command, cwd=copy.folder, env=copy.engine.environment, capture_output=True, check=False)
    assert done.returncode != 0
    assert b"src/fault.test.ts" in done.stderr
