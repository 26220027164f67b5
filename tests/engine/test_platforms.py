"""One Python and one Node image for both platforms: pushed apart by digest, merged, inspected and run.

The other platform is emulated here, which is slow, so it is these two and no more.
"""

import base64
import contextlib
import hashlib
import json
import re
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.engine.shop import Shop, get, run_bakegen, wait_healthy

PLATFORMS = ("linux/amd64", "linux/arm64")
MACHINES = dict(zip(PLATFORMS, ("x86_64", "aarch64"), strict=True))
SERVICES = ("api", "web")
KEY = base64.b64encode(bytes(range(32))).decode()
ASSET = re.compile(r"/_next/static/[^\"'\\\\]+")


@pytest.fixture(scope="module")
def merged(project: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The project with both images in the registry, under the tag `merged`."""
    shop = project.under("platforms/shop")
    folder = tmp_path_factory.mktemp("platforms")
    digests: dict[str, list[str]] = {name: [] for name in SERVICES}
    for platform in PLATFORMS:
        metadata = folder / "metadata.json"
        shop.bake(
            *SERVICES,
            "--set=web.no-cache-filter=build",  # as on two machines: neither has what the other made
            f"--metadata-file={metadata}",
            PUSH_BY_DIGEST="true",
            PLATFORMS=platform,
            REVISION="abc1234",
            NEXT_SERVER_ACTIONS_ENCRYPTION_KEY=KEY,
        )
        built = json.loads(metadata.read_text(encoding="utf-8"))
        for name in SERVICES:
            digests[name].append(f"{shop.images}-{name}@{built[name]['containerimage.digest']}")
    for name in SERVICES:
        shop.engine.run("docker", "buildx", "imagetools", "create", "--tag", shop.image(name, "merged"), *digests[name])
    return shop


@pytest.mark.parametrize("service", SERVICES)
def test_the_index_has_both_platforms_and_their_provenance(merged: Shop, service: str) -> None:
    index = json.loads(merged.raw(merged.image(service, "merged")))
    platforms = [f"{entry['platform']['os']}/{entry['platform']['architecture']}" for entry in index["manifests"]]
    assert sorted(platforms) == [*PLATFORMS, "unknown/unknown", "unknown/unknown"]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_image_runs_on_its_platform(merged: Shop, service: str, platform: str) -> None:
    with running(merged, service, platform) as container:
        machine = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}[platform]
        assert merged.engine.run("docker", "exec", container, "uname", "-m").strip() == machine


def test_both_platforms_of_a_release_are_one_application(merged: Shop) -> None:
    """Each was built by itself: a page, an asset and a Server Action may still be of one image and reach the other."""
    with running(merged, "web", "linux/amd64") as one, running(merged, "web", "linux/arm64") as other:
        assert {read(merged, each, ".next/BUILD_ID") for each in (one, other)} == {"abc1234"}
        manifests = [
            json.loads(read(merged, each, ".next/server/server-reference-manifest.json")) for each in (one, other)
        ]
        assert [manifest["encryptionKey"] for manifest in manifests] == [KEY, KEY]
        pages = {each: get(f"http://{address(merged, each)}/") for each in (one, other)}
        assets = {each: sorted(set(ASSET.findall(pages[each]))) for each in (one, other)}
        assert assets[one]
        assert assets[one] == assets[other]
        for asset in assets[one]:
            assert get(f"http://{address(merged, other)}{asset}") == get(f"http://{address(merged, one)}{asset}")


@contextlib.contextmanager
def running(shop: Shop, service: str, platform: str) -> Iterator[str]:
    """A healthy container of the image for a platform."""
    options = ["--detach", "--read-only", "--pull=always", f"--platform={platform}", "--health-start-interval=2s"]
    options += ["--health-timeout=30s", "--publish-all"]
    container = shop.engine.run("docker", "run", *options, shop.image(service, "merged")).strip()
    try:
        wait_healthy(shop, container, seconds=180)
        yield container
    finally:
        shop.engine.run("docker", "rm", "--force", container)


def read(shop: Shop, container: str, path: str) -> str:
    return shop.engine.run("docker", "exec", container, "cat", f"/app/{path}")


def address(shop: Shop, container: str) -> str:
    """Where its one port is published on this machine."""
    return shop.engine.run("docker", "port", container).splitlines()[0].rpartition(" ")[2]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_image_of_a_platform_runs_under_compose(merged: Shop, platform: str, tmp_path: Path) -> None:
    """By compose.prod.yaml, with the digest of the index. It is asked from here: an emulated health check takes long."""
    shop = merged.copy(tmp_path / "shop")
    run_bakegen(shop.folder, "add-host", "compose")
    raw = shop.raw(shop.image("api", "merged"))
    image = f"{shop.images}-api@sha256:{hashlib.sha256(raw.encode()).hexdigest()}"
    text = (shop.folder / "compose.prod.yaml").read_text(encoding="utf-8")
    settings = dict.fromkeys(re.findall(r"\$\{(\w+):\?", text), "secret")
    settings |= {"API_IMAGE": image, "API_PORT": "24301", "COMPOSE_PROJECT_NAME": "shop-platforms"}
    asked = f"services: {{ api: {{ platform: {platform}, healthcheck: {{ disable: true }} }} }}\n"
    (shop.folder / "compose.platform.yaml").write_text(asked, encoding="utf-8")
    compose = ("docker", "compose", "--file=compose.prod.yaml", "--file=compose.platform.yaml")
    try:
        shop.engine.run(*compose, "up", "--detach", "--no-deps", "api", cwd=shop.folder, **settings)
        machine = shop.engine.run(*compose, "exec", "--no-TTY", "api", "uname", "-m", cwd=shop.folder, **settings)
        assert machine.strip() == MACHINES[platform]
        assert '"status":"ok"' in answer("http://127.0.0.1:24301/health")
    finally:
        shop.engine.run(*compose, "down", "--timeout=5", cwd=shop.folder, **settings)


def answer(url: str, seconds: float = 180) -> str:
    """The first answer."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, HTTPException):
            return get(url)
        assert time.monotonic() < deadline
        time.sleep(1)


def test_nothing_is_tagged_by_a_push_by_digest(merged: Shop, tmp_path: Path) -> None:
    for name in SERVICES:
        assert merged.engine.run("crane", "ls", f"{merged.images}-{name}", cwd=tmp_path).split() == ["merged"]
