"""deploy.yml of a project on Docker Compose, run by act as it is: over SSH, with what GitHub keeps for it."""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import pytest

from bakegen import catalog
from tests.pipeline import act
from tests.pipeline.shop import Shop, with_services

from . import images as tiny
from . import ssh
from .github import TOKEN, GitHub
from .ports import free_port
from .rollout import revision
from .script import NEW, OLD, SECRET

SERVICE, FORMER, LATEST = "api", "v1.0.0", "v1.1.0"
KNOWN_HOSTS = f"{ssh.HOST} ssh-ed25519 AAAA"


@pytest.fixture
def shop(tmp_path: Path, environment: Mapping[str, str]) -> Iterator[Shop]:
    """A project with two releases of `api` in the registry."""
    shop = with_services(tmp_path, environment)
    shop.configure(hosts='["compose"]')
    shop.bakegen("set", SERVICE, "port=8080", "pre_deploy=grep -v forbidden /www/health")
    shop.bakegen("add-env", SERVICE, "--secret", "API_TOKEN")
    shop.commit({})
    for tag, health in ((FORMER, {"revision": OLD}), (LATEST, {"revision": NEW, "status": "forbidden"})):
        image = tiny.push(environment, shop.image(SERVICE), health)
        annotation = f"--annotation=index:org.opencontainers.image.revision={health['revision']}"
        tagged = f"--tag={shop.image(SERVICE)}:{tag}"
        shop.command("docker", "buildx", "imagetools", "create", tagged, annotation, image)
    name = f"hosts-{uuid.uuid4().hex[:12]}"
    yield shop.with_variables(COMPOSE_PROJECT_NAME=name)
    shop.command("docker", "compose", "--project-name", name, "down", "--volumes", "--timeout=1", "--rmi=all")


@pytest.mark.engine
def test_a_tag_is_deployed_and_one_that_fails_leaves_the_former(shop: Shop, tmp_path: Path) -> None:
    log = ssh.install(tmp_path / "programs", shop.environment["DOCKER_HOST"])
    port = free_port()
    url = f"http://127.0.0.1:{port}/health"
    dotenv = f"API_PORT={port}\nAPI_TOKEN={SECRET}\nCOMPOSE_PROJECT_NAME={shop.environment['COMPOSE_PROJECT_NAME']}\n"
    with GitHub() as github:

        def deploy(tag: str) -> act.Outcome:
            inputs = {"environment": "production", "tag": tag, "service": SERVICE}
            outcome = act.run(
                shop.with_variables(
                    GITHUB_API_URL=github.url,
                    HEALTH_ANSWERS="2",
                    PATH=f"{log.parent}:{shop.environment['PATH']}",
                    POLL_INTERVAL="0.2",
                ),
                act.Event(name="workflow_dispatch", payload={"inputs": inputs}),
                workflow="deploy.yml",
                secrets=act.SECRETS
                | {"DOCKER_DOTENV": dotenv, "GITHUB_TOKEN": TOKEN, "DOCKER_SSH_PRIVATE_KEY": f"key {SECRET}"},
                variables={
                    "DOCKER_HOST": ssh.ADDRESS,
                    "HEALTH_URLS": f"{SERVICE}={url}",
                    "DOCKER_SSH_KNOWN_HOSTS": KNOWN_HOSTS,
                },
            )
            assert SECRET not in outcome.log
            return outcome

        first = deploy(FORMER)
        assert first.ok, first.log
        assert log.read_text(encoding="utf-8").splitlines() == ["600", f"key {SECRET}", KNOWN_HOSTS]
        assert revision(url) == OLD
        failed = deploy(LATEST)
        assert not failed.ok
        assert "api: rolled back" in failed.log
        assert revision(url) == OLD
        assert [status[:3] for status in github.statuses] == [
            (OLD, "deploy/production", "pending"),
            (OLD, "deploy/production", "success"),
            (NEW, "deploy/production", "pending"),
            (NEW, "deploy/production", "failure"),
        ]


def test_what_the_script_reads_is_explained_in_it() -> None:
    data = catalog.load()
    script = data.files["/hosts/compose"][PurePosixPath("deploy/compose.sh")].decode()
    host = data.hosts["compose"]
    assert all(f"#   {name} " in script for name in (*host.secrets, *host.variables))
