"""One Python and one Node image for both platforms: pushed apart by digest, merged, inspected and run.

The other platform is emulated here, which is slow, so it is these two and no more.
"""

import json
from pathlib import Path

import pytest

from tests.engine.shop import Shop, wait_healthy

PLATFORMS = ("linux/amd64", "linux/arm64")
SERVICES = ("api", "web")


@pytest.fixture(scope="module")
def merged(project: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The project with both images in the registry, under the tag `merged`."""
    shop = project.under("platforms/shop")
    folder = tmp_path_factory.mktemp("platforms")
    digests: dict[str, list[str]] = {name: [] for name in SERVICES}
    for platform in PLATFORMS:
        metadata = folder / "metadata.json"
        shop.bake(
            *SERVICES, "--metadata-file", str(metadata), PUSH_BY_DIGEST="true", PLATFORMS=platform, REVISION="abc1234"
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
    image = merged.image(service, "merged")
    options = ["--detach", "--read-only", "--pull=always", f"--platform={platform}", "--health-start-interval=2s"]
    container = merged.engine.run("docker", "run", *options, "--health-timeout=30s", image).strip()
    try:
        wait_healthy(merged, container, seconds=180)
        machine = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}[platform]
        assert merged.engine.run("docker", "exec", container, "uname", "-m").strip() == machine
    finally:
        merged.engine.run("docker", "rm", "--force", container)


def test_both_platforms_of_a_release_share_the_build_id(merged: Shop) -> None:
    """Next.js names its assets by the build id: a page of one image must find those of the other."""
    found = set()
    for platform in PLATFORMS:
        options = ["--rm", "--pull=always", f"--platform={platform}", "--entrypoint=cat"]
        found.add(merged.engine.run("docker", "run", *options, merged.image("web", "merged"), "/app/.next/BUILD_ID"))
    assert found == {"abc1234"}


def test_nothing_is_tagged_by_a_push_by_digest(merged: Shop, tmp_path: Path) -> None:
    for name in SERVICES:
        assert merged.engine.run("crane", "ls", f"{merged.images}-{name}", cwd=tmp_path).split() == ["merged"]
