"""deploy.yml of a project on Fly.io, run by act as it is: it installs flyctl, and deploys the images of a tag with it."""

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bakegen import catalog
from tests.engine.machine import REGISTRY
from tests.pipeline import act
from tests.pipeline.shop import Shop, with_services

from . import images as tiny
from .containers import Containers
from .fly import TOKEN, App, Course, Fly
from .fly_scene import PROGRAMS
from .github import TOKEN as GITHUB_TOKEN
from .github import GitHub
from .rollout import Rollout, revision
from .script import NEW, OLD

FORMER, LATEST = "v1.0.0", "v1.1.0"
SERVICE, APP = "api", "shop-of-the-test"
FLYCTL = catalog.load().pins.tools["flyctl"]


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A project with two releases of `api` in the registry, an app without machines, and GitHub."""

    shop: Shop
    app: App
    fly: Fly
    github: GitHub
    variables: Mapping[str, str]

    def deploy(self, tag: str) -> act.Outcome:
        assert self.app.rollout
        inputs = {"environment": "staging", "tag": tag, "service": SERVICE}
        outcome = act.run(
            self.shop.with_variables(**self.variables),
            act.Event(name="workflow_dispatch", payload={"inputs": inputs}),
            workflow="deploy.yml",
            secrets=act.SECRETS | {"FLY_API_TOKEN": TOKEN, "GITHUB_TOKEN": GITHUB_TOKEN},
            variables={"FLY_APPS": f"{SERVICE}={APP}", "HEALTH_URLS": f"{SERVICE}={self.app.rollout.url}"},
        )
        assert self.fly.wrong == self.github.wrong == []
        assert TOKEN not in outcome.log
        return outcome


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Shop:
    shop = with_services(tmp_path_factory.mktemp("fly"), environment)
    shop.configure(hosts='["fly"]')
    shop.bakegen("set", SERVICE, "port=8080", "health=/health", "pre_deploy=true")
    shop.commit({})
    for tag, commit in ((FORMER, OLD), (LATEST, NEW)):
        health = {"status": "ok", "revision": commit}
        image = tiny.push(environment, shop.image(SERVICE), health, platforms=("linux/amd64", "linux/arm64"))
        annotation = f"--annotation=index:org.opencontainers.image.revision={commit}"
        tagged = f"--tag={shop.image(SERVICE)}:{tag}"
        shop.command("docker", "buildx", "imagetools", "create", tagged, annotation, image)
    return shop


@pytest.fixture
def world(released: Shop, containers: Containers) -> Iterator[World]:
    with ExitStack() as stack:
        app = App(name=APP, rollout=stack.enter_context(Rollout(containers)))
        fly = stack.enter_context(Fly(released.environment, [app]))
        github = stack.enter_context(GitHub())
        variables = {
            "FLYCTL": str(PROGRAMS / "flyctl"),
            "FLYCTL_ANSWERS": fly.url,
            "FLY_REGISTRY": f"{REGISTRY}/fly/{uuid.uuid4().hex[:12]}",
            "GITHUB_API_URL": github.url,
            "HEALTH_ANSWERS": "2",
            "POLL_INTERVAL": "0.2",
        }
        yield World(shop=released, app=app, fly=fly, github=github, variables=variables)


@pytest.mark.engine
def test_a_tag_is_deployed_and_one_that_fails_leaves_the_former(world: World) -> None:
    assert world.app.rollout
    first = world.deploy(FORMER)
    assert first.ok, first.log
    assert f"would install flyctl {FLYCTL}\n" in first.log
    assert revision(world.app.rollout.url) == OLD
    world.app.courses = [Course(release_fails=True)]
    failed = world.deploy(LATEST)
    assert not failed.ok
    assert revision(world.app.rollout.url) == OLD
    assert [status[:3] for status in world.github.statuses] == [
        (OLD, "deploy/staging", "pending"),
        (OLD, "deploy/staging", "success"),
        (NEW, "deploy/staging", "pending"),
        (NEW, "deploy/staging", "failure"),
    ]


@pytest.fixture(scope="module")
def job(flying: Path) -> Mapping[str, Any]:
    """The job of deploy.yml."""
    found: Mapping[str, Any] = yaml.safe_load((flying / ".github/workflows/deploy.yml").read_text())["jobs"]["deploy"]
    return found


def test_the_token_reaches_only_the_step_that_deploys(job: Mapping[str, Any]) -> None:
    secrets = {step.get("name"): re.findall(r"secrets\.(\w+)", str(step)) for step in job["steps"]}
    assert {name: found for name, found in secrets.items() if found} == {"Deploy to Fly.io": ["FLY_API_TOKEN"]}


def test_flyctl_is_of_the_pinned_version(job: Mapping[str, Any]) -> None:
    (step,) = [step for step in job["steps"] if "setup-flyctl" in step.get("uses", "")]
    assert step["with"] == {"version": FLYCTL}
    assert job["steps"].index(step) < [each.get("name") for each in job["steps"]].index("Deploy to Fly.io")
