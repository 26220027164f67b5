"""What is attested of an image as BuildKit pushes it: how it was built, in full, and nothing of who asked for it.

An SBOM is made by an image that only the internet has; of that, what would be asked for is shown.
"""

import json
import tomllib
import uuid
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from . import act
from .shop import SERVICES, Shop

pytestmark = pytest.mark.engine

PINS = tomllib.loads((Path(__file__).parents[2] / "generator/bakegen/pins.toml").read_text(encoding="utf-8"))
BOTH = ("linux/amd64", "linux/arm64")
PAYLOAD = "github_event_payload"


def manifest(shop: Shop, image: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shop.command("crane", "manifest", image))
    return found


def attested(shop: Shop, service: str, tag: str) -> dict[str, str]:
    """The provenance of each platform's image in an index, as its text."""
    index = manifest(shop, f"{shop.image(service)}:{tag}")["manifests"]
    platforms = {each["digest"]: "{os}/{architecture}".format_map(each["platform"]) for each in index}
    found = {}
    for each in index:
        subject = each.get("annotations", {}).get("vnd.docker.reference.digest")
        if subject:
            layers = manifest(shop, f"{shop.image(service)}@{each['digest']}")["layers"]
            (statement,) = layers
            assert statement["annotations"]["in-toto.io/predicate-type"].startswith("https://slsa.dev/provenance/")
            found[platforms[subject]] = shop.command("crane", "blob", f"{shop.image(service)}@{statement['digest']}")
    return found


@pytest.mark.parametrize(("service", "platform"), list(product(SERVICES, BOTH)))
def test_published_images_say_how_they_were_built(published: Shop, service: str, platform: str) -> None:
    text = attested(published, service, "latest")[platform]
    predicate = json.loads(text)["predicate"]
    definition = predicate["buildDefinition"]
    # Only mode=max has the steps and the text of the Dockerfile.
    assert definition["internalParameters"]["buildConfig"]["llbDefinition"]
    assert predicate["runDetails"]["metadata"]["buildkit_metadata"]["source"]["infos"][0]["data"]
    assert definition["externalParameters"]["request"]["args"]["label:org.opencontainers.image.revision"]
    assert PAYLOAD not in text
    assert [secret for secret in act.SECRETS.values() if secret in text] == []


def test_provenance_can_be_left_out(shop: Shop) -> None:
    shop.configure(pipeline="provenance = false\n")
    for service, digest in shop.push_by_digest("linux/arm64").items():
        (only,) = manifest(shop, f"{shop.image(service)}@{digest}")["manifests"]
        assert only["platform"] == {"architecture": "arm64", "os": "linux"}


@pytest.mark.parametrize("sbom", [True, False])
def test_an_sbom_is_asked_for(shop: Shop, *, sbom: bool) -> None:
    shop.configure(pipeline=f"sbom = {str(sbom).lower()}\n")
    for pushing in (True, False):
        printed = shop.command("docker", "buildx", "bake", "--print", PUSH_BY_DIGEST=str(pushing).lower())
        for service in SERVICES:
            attest = json.loads(printed)["target"][service]["attest"]
            assert {each["type"]: not each.get("disabled", False) for each in attest} == {
                "provenance": pushing,
                "sbom": sbom and pushing,
            }


@pytest.mark.parametrize("generated", [True, False])
def test_the_builder_of_a_runner_attests_no_event(shop: Shop, tmp_path: Path, *, generated: bool) -> None:
    """With the options that the workflow gives to its builder; and without them the event is there."""
    workflow = yaml.safe_load((shop.folder / ".github/workflows/images.yml").read_text(encoding="utf-8"))
    (options,) = {
        step["with"]["driver-opts"]
        for step in workflow["jobs"]["build-amd64"]["steps"]
        if "driver-opts" in step.get("with", {})
    }
    assert options.split() == [f"image=moby/buildkit:{PINS['tools']['buildkit']}", "provenance-add-gha=false"]
    (tmp_path / "event.json").write_text('{"pusher": "ada@example.com"}', encoding="utf-8")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n", encoding="utf-8")
    event = {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    runner = shop.with_variables(GITHUB_ACTIONS="true", **event, BUILDX_CONFIG=str(tmp_path / "buildx"))
    builder = f"runner-{uuid.uuid4().hex[:12]}"
    create = [f"--driver-opt={option}" for option in options.split()[: None if generated else 1]]
    runner.command("docker", "buildx", "create", f"--name={builder}", "--driver=docker-container", *create)
    try:
        output = f"--output=type=oci,tar=false,dest={tmp_path}/image"
        build = ("build", f"--builder={builder}", "--provenance=mode=max", output, str(tmp_path))
        runner.command("docker", "buildx", *build)
    finally:
        runner.command("docker", "buildx", "rm", builder)
    texts = [blob.read_bytes() for blob in (tmp_path / "image/blobs/sha256").iterdir()]
    assert any(b"https://slsa.dev/provenance/" in text for text in texts)
    assert any(PAYLOAD.encode() in text and b"ada@example.com" in text for text in texts) != generated
