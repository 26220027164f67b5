"""Where images go: the registry in an image's name, and how a workflow on GitHub logs in to it.

The user names and passwords are those that docker/login-action takes: https://github.com/docker/login-action#usage
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GITHUB = "ghcr.io"
DOCKER = "docker.io"
ECR = re.compile(r"[0-9]+\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
GOOGLE = re.compile(r"([a-z0-9-]+-docker\.pkg\.dev|([a-z]+\.)?gcr\.io)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """A registry. `username` and `password` are as a workflow gives them, with the `variables` and `secrets` in them.

    A user name is no secret: it is often in the names of images, and GitHub empties every output of a job that has a
    secret in it. `account`: the same settings are good for all registries of the vendor.
    """

    domain: str
    username: str
    password: str
    variables: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    account: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What is to be set on GitHub."""
        return (*self.variables, *self.secrets)

    @property
    def settings(self) -> tuple[str, ...]:
        """The same as a workflow's expressions."""
        return (*(f"vars.{name}" for name in self.variables), *(f"secrets.{name}" for name in self.secrets))


def domain_of(images: str) -> str:
    """The domain at the start of image names, as `docker login` wants it (https://github.com/distribution/reference)."""
    domain, slash, _ = images.partition("/")
    return domain if slash and ("." in domain or ":" in domain or domain == "localhost") else DOCKER


def registry_of(images: str) -> Registry:
    """The registry that images of such names are in."""
    domain = domain_of(images)
    if domain == GITHUB:
        username, password = "${{ github.actor }}", "${{ github.token }}"  # expressions
        return Registry(domain=domain, username=username, password=password)
    if domain == DOCKER:
        return _by_name(domain, "DOCKERHUB_USERNAME", "DOCKERHUB_TOKEN")
    if ECR.fullmatch(domain):
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        return Registry(domain=domain, username=_secret(keys[0]), password=_secret(keys[1]), secrets=keys, account=True)
    if GOOGLE.fullmatch(domain):
        key = "GOOGLE_JSON_KEY_BASE64"  # on one line: GitHub masks each line of a secret, a brace among them
        return Registry(domain=domain, username="_json_key_base64", password=_secret(key), secrets=(key,), account=True)
    return _by_name(domain, "REGISTRY_USERNAME", "REGISTRY_PASSWORD")


def _by_name(domain: str, username: str, password: str) -> Registry:
    given = f"${{{{ vars.{username} }}}}"
    return Registry(
        domain=domain, username=given, password=_secret(password), variables=(username,), secrets=(password,)
    )


def _secret(name: str) -> str:
    return f"${{{{ secrets.{name} }}}}"
