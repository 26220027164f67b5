"""From the start of image names, the registry; and what images.yml logs in to it with."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from bakegen.registry import domain_of, registry_of
from tests.world import rendered, scaffold

HUB = ("DOCKERHUB_USERNAME", "DOCKERHUB_TOKEN")
AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
OTHER = ("REGISTRY_USERNAME", "REGISTRY_PASSWORD")
GOOGLE = ("GOOGLE_JSON_KEY_BASE64",)
SETTINGS = {
    "ghcr.io": (),
    "docker.io": HUB,
    "123456789012.dkr.ecr.eu-central-1.amazonaws.com": AWS,
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn": AWS,
    "europe-west1-docker.pkg.dev": GOOGLE,
    "gcr.io": GOOGLE,
    "eu.gcr.io": GOOGLE,
    "acme.azurecr.io": OTHER,
    "registry.gitlab.com": OTHER,
    "quay.io": OTHER,
    "dkr.ecr.example.com": OTHER,
}


def logins(images: str, *mirrors: str, job: str = "merge") -> list[dict[str, Any]]:
    """The inputs of docker/login-action in a job."""
    project = replace(scaffold(images=images), mirrors=mirrors)
    workflow = rendered(project)[PurePosixPath(".github/workflows/images.yml")].text
    steps = yaml.safe_load(workflow)["jobs"][job]["steps"]
    return [step["with"] for step in steps if step.get("uses", "").startswith("docker/login-action@")]


@pytest.mark.parametrize(
    ("images", "domain"),
    [
        ("acme/shop", "docker.io"),
        ("shop", "docker.io"),
        ("docker.io/acme/shop", "docker.io"),
        ("ghcr.io/acme/shop", "ghcr.io"),
        ("localhost/shop", "localhost"),
        ("registry:5000/shop", "registry:5000"),
        ("127.0.0.1:5000/team/shop", "127.0.0.1:5000"),
    ],
)
def test_the_domain_is_what_docker_takes_for_one(images: str, domain: str) -> None:
    assert domain_of(images) == domain


@pytest.mark.parametrize(("host", "names"), SETTINGS.items())
def test_each_registry_has_its_settings(host: str, names: tuple[str, ...]) -> None:
    registry = registry_of(f"{host}/acme/shop")
    assert (registry.domain, registry.names) == (host, names)


@pytest.mark.parametrize(
    ("images", "username", "password"),
    [
        ("acme/shop", "vars.DOCKERHUB_USERNAME", "secrets.DOCKERHUB_TOKEN"),
        ("ghcr.io/acme/shop", "github.actor", "github.token"),
        # docker/login-action asks AWS for a password that is good for a day.
        ("1.dkr.ecr.eu-west-1.amazonaws.com/shop", "secrets.AWS_ACCESS_KEY_ID", "secrets.AWS_SECRET_ACCESS_KEY"),
        ("europe-west1-docker.pkg.dev/acme/images/shop", "_json_key_base64", "secrets.GOOGLE_JSON_KEY_BASE64"),
        ("quay.io/acme/shop", "vars.REGISTRY_USERNAME", "secrets.REGISTRY_PASSWORD"),
    ],
)
def test_login(images: str, username: str, password: str) -> None:
    for job in ("build-amd64", "build-arm64", "merge", "release"):
        (given,) = logins(images, job=job)
        assert given.pop("registry", "docker.io") == domain_of(images)
        assert {name: text.strip("${} '") for name, text in given.items()} == {
            "username": username,
            "password": password,
        }


def test_what_is_copied_logs_in_to_every_registry_once() -> None:
    mirrors = ("acme/shop", "eu.gcr.io/acme/shop", "ghcr.io/other/shop")
    for job in ("merge", "release"):
        given = logins("ghcr.io/acme/shop", *mirrors, job=job)
        assert [each.get("registry") for each in given] == ["ghcr.io", None, "eu.gcr.io"]
    (build,) = logins("ghcr.io/acme/shop", *mirrors, job="build-amd64")
    assert build["registry"] == "ghcr.io"
