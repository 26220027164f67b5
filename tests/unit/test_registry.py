"""From the start of image names, the registry and what a workflow logs in to it with."""

import pytest

from bakegen.registry import Registry, host_of, registry_of

HUB = ("DOCKERHUB_USERNAME", "DOCKERHUB_TOKEN")
AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
OTHER = ("REGISTRY_USERNAME", "REGISTRY_PASSWORD")


@pytest.mark.parametrize(
    ("images", "host"),
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
def test_the_host_is_what_docker_takes_for_one(images: str, host: str) -> None:
    assert host_of(images) == host


@pytest.mark.parametrize(
    ("host", "secrets"),
    [
        ("docker.io", HUB),
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com", AWS),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", AWS),
        ("acme.azurecr.io", OTHER),
        ("registry.gitlab.com", OTHER),
        ("quay.io", OTHER),
        ("ecr.amazonaws.com.example.com", OTHER),
    ],
)
def test_a_name_and_a_password_are_secrets(host: str, secrets: tuple[str, str]) -> None:
    username, password = (f"secrets.{name}" for name in secrets)
    expected = Registry(host=host, username=username, password=password, secrets=secrets)
    assert registry_of(f"{host}/acme/shop") == expected


def test_github_needs_no_secrets() -> None:
    registry = registry_of("ghcr.io/acme/shop")
    assert (registry.username, registry.password, registry.secrets) == ("github.actor", "github.token", ())


@pytest.mark.parametrize("host", ["europe-west1-docker.pkg.dev", "gcr.io", "eu.gcr.io"])
def test_google_takes_the_key_of_a_service_account(host: str) -> None:
    registry = registry_of(f"{host}/acme/shop/images")
    assert registry.host == host
    assert (registry.username, registry.password) == ("'_json_key'", "secrets.GOOGLE_JSON_KEY")
    assert registry.secrets == ("GOOGLE_JSON_KEY",)
