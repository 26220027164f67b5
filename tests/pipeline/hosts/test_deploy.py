"""deploy.yml, run by act as it is: it finds the images of a tag, deploys them to Dokploy, and marks their commit.

What act cannot show, environments and who approves, is in test_deploy_workflow.py.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.pipeline import act
from tests.pipeline.shop import SERVICES, Shop, with_services

from . import images as tiny
from .containers import Containers
from .dokploy import KEY, Application, Course, Dokploy
from .github import TOKEN, GitHub
from .rollout import Rollout, revision
from .script import NEW, OLD

pytestmark = pytest.mark.engine

URL = "https://shop.example.com"
FORMER, LATEST = "sha-aaaaaaa", "sha-bbbbbbb"


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A project with two releases in the registry, the former deployed, and who its workflow talks to."""

    shop: Shop
    dokploy: Dokploy
    github: GitHub

    @property
    def running(self) -> dict[str, str | None]:
        """The commit that each service names."""
        return {name: revision(each.rollout.url) for name, each in self.dokploy.applications.items()}

    def run(self, event: act.Event, workflow: str = "deploy.yml", **variables: str) -> act.Outcome:
        rollouts = {name: each.rollout for name, each in self.dokploy.applications.items()}
        outcome = act.run(
            self.shop.with_variables(GITHUB_API_URL=self.github.url, HEALTH_ANSWERS="2", POLL_INTERVAL="0.2"),
            event,
            workflow=workflow,
            secrets=act.SECRETS | {"DOKPLOY_API_KEY": KEY, "DOKPLOY_URL": self.dokploy.url, "GITHUB_TOKEN": TOKEN},
            variables={
                "DOKPLOY_APPLICATIONS": " ".join(f"{name}={name}" for name in rollouts),
                "HEALTH_URLS": " ".join(f"{name}={rollout.url}" for name, rollout in rollouts.items()),
                "URL": URL,
                "HEALTH_TIMEOUT": "10",
            }
            | variables,
        )
        assert self.dokploy.wrong == self.github.wrong == []
        assert KEY not in outcome.log
        return outcome


def dispatch(tag: str, service: str = "", environment: str = "staging") -> act.Event:
    inputs = {"environment": environment, "tag": tag, "service": service}
    return act.Event(name="workflow_dispatch", payload={"inputs": inputs})


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Shop:
    """A project with the indexes of two commits, as images.yml makes them."""
    shop = with_host(with_services(tmp_path_factory.mktemp("deploy"), environment))
    for name in SERVICES:
        for tag, commit in ((FORMER, OLD), (LATEST, NEW)):
            publish(shop, name, tag, commit)
    return shop


def with_host(shop: Shop) -> Shop:
    """The project, deployed to Dokploy."""
    shop.configure(hosts='["dokploy"]')
    return shop


def publish(shop: Shop, name: str, tag: str, commit: str) -> None:
    image = tiny.push(shop.environment, shop.image(name), {"status": "ok", "revision": commit})
    annotation = f"--annotation=index:org.opencontainers.image.revision={commit}"
    shop.command("docker", "buildx", "imagetools", "create", f"--tag={shop.image(name)}:{tag}", annotation, image)


@pytest.fixture
def world(released: Shop, containers: Containers) -> Iterator[World]:
    with ExitStack() as stack:
        applications = []
        for name in SERVICES:
            rollout = stack.enter_context(Rollout(containers))
            image = f"{released.image(name)}@{released.tags(name)[FORMER]}"
            rollout.to(image)
            applications.append(Application(id=name, image=image, rollout=rollout))
        dokploy = stack.enter_context(Dokploy(applications))
        yield World(shop=released, dokploy=dokploy, github=stack.enter_context(GitHub()))


def test_a_tag_is_deployed_by_digest_and_an_older_one_rolls_back(world: World) -> None:
    there = world.run(dispatch(LATEST))
    assert there.ok, there.log
    assert world.running == dict.fromkeys(SERVICES, NEW)
    for name in SERVICES:
        digest = world.shop.tags(name)[LATEST]
        assert world.dokploy.applications[name].image == f"{world.shop.image(name)}@{digest}"
    back = world.run(dispatch(FORMER))
    assert back.ok, back.log
    assert world.running == dict.fromkeys(SERVICES, OLD)
    assert world.github.statuses == [
        (NEW, "deploy/staging", "pending", URL),
        (NEW, "deploy/staging", "success", URL),
        (OLD, "deploy/staging", "pending", URL),
        (OLD, "deploy/staging", "success", URL),
    ]


def test_a_service_that_was_not_there_yet_stays_as_it_is(world: World) -> None:
    publish(world.shop, "api", "v0.9.0", NEW)
    outcome = world.run(dispatch("v0.9.0"))
    assert outcome.ok, outcome.log
    assert world.running == {"api": NEW, "web": OLD}
    assert f"::There is no {world.shop.image('web')}:v0.9.0: web stays as it is" in outcome.log


def test_one_service_is_deployed(world: World) -> None:
    outcome = world.run(dispatch(LATEST, service="web", environment="production"))
    assert outcome.ok, outcome.log
    assert world.running == {"api": OLD, "web": NEW}
    assert [status[1:3] for status in world.github.statuses] == [
        ("deploy/production", "pending"),
        ("deploy/production", "success"),
    ]
    assert world.github.requests[0].values["description"] == f"web of {LATEST}"


def test_a_deployment_that_fails_is_rolled_back_and_marked(world: World) -> None:
    web = world.dokploy.applications["web"]
    web.courses = [Course(status="error")]
    before = web.image
    outcome = world.run(dispatch(LATEST))
    assert not outcome.ok
    assert outcome.jobs == {"deploy": "failure"}
    assert world.running == dict.fromkeys(SERVICES, OLD)
    assert f"web: rolled back, runs {before} again" in outcome.log
    assert [status[2] for status in world.github.statuses] == ["pending", "failure"]


def test_without_an_address_the_status_leads_to_the_run(world: World) -> None:
    outcome = world.run(dispatch(FORMER), URL="")
    assert outcome.ok, outcome.log
    for status in world.github.statuses:
        assert status[3].startswith("https://github.com/acme/shop/actions/runs/")


def test_a_status_that_cannot_be_set_does_not_stop_a_deployment(world: World) -> None:
    world.github.fail(f"/repos/acme/shop/statuses/{NEW}", 403, times=9)
    outcome = world.run(dispatch(LATEST))
    assert outcome.ok, outcome.log
    assert "The commit could not be marked as pending." in outcome.log
    assert world.running == dict.fromkeys(SERVICES, NEW)


@pytest.mark.parametrize(
    ("tag", "service", "said"),
    [
        ("v9.9.9", "", "There is no service at all with the tag v9.9.9"),
        (LATEST, "nothing", "There is no service nothing with the tag"),
        ("mixed", "", "deploy one service"),
        ("foreign", "api", "is of the commit none"),
    ],
)
def test_what_cannot_be_deployed_is_named_and_nothing_is_changed(
    world: World, tag: str, service: str, said: str
) -> None:
    shop = world.shop
    publish(shop, "api", "mixed", OLD)
    publish(shop, "web", "mixed", NEW)
    image = f"{shop.image('api')}@{shop.tags('api')[LATEST]}"
    shop.command("crane", "copy", "--insecure", "--platform=linux/amd64", image, f"{shop.image('api')}:foreign")
    outcome = world.run(dispatch(tag, service=service))
    assert not outcome.ok
    assert said in outcome.log
    assert world.github.statuses == []
    assert [request for request in world.dokploy.requests if request.method == "POST"] == []


@pytest.mark.parametrize(
    ("target", "wanted", "deployed"),
    [("staging", "", True), ("production", "", True), ("staging", "production", False), ("", "", False)],
)
def test_a_release_is_deployed_to_its_environment(world: World, target: str, wanted: str, *, deployed: bool) -> None:
    """The jobs of images.yml that call deploy.yml, after jobs that give what theirs give."""
    text = (world.shop.folder / ".github/workflows/images.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    said = {"environment": target, "tag": LATEST}
    run = "; ".join(f"echo {name}={value} >>$GITHUB_OUTPUT" for name, value in said.items())
    prepare = {
        "runs-on": "ubuntu-24.04",
        "outputs": {name: f"${{{{ steps.say.outputs.{name} }}}}" for name in said},
        "steps": [{"id": "say", "run": run}],
    }
    release = {"needs": "prepare", "runs-on": "ubuntu-24.04", "steps": [{"run": "true"}]}
    caller = {"prepare": prepare, "release": release} | {
        name: job for name, job in jobs.items() if name.startswith("deploy-")
    }
    file = Path(world.shop.folder, ".github/workflows/caller.yml")
    file.write_text(yaml.safe_dump({"name": "caller", "on": "push", "jobs": caller}), encoding="utf-8")
    outcome = world.run(act.push(), workflow="caller.yml", DEPLOY=wanted)
    file.unlink()
    assert outcome.ok, outcome.log
    assert world.running == dict.fromkeys(SERVICES, NEW if deployed else OLD)
    wanted_statuses = [(NEW, f"deploy/{target}", state, URL) for state in ("pending", "success")]
    assert world.github.statuses == (wanted_statuses if deployed else [])


# Answers with the commit that it was built from. Heredocs need no command: emulated arm64 costs nothing.
DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM node:24-alpine AS system

FROM scratch
ARG REVISION
COPY --from=system /bin/busybox /bin/busybox
COPY --from=system /lib/ld-musl-* /lib/
COPY <<EOT /www/health
{"status": "ok", "revision": "${REVISION}"}
EOT
STOPSIGNAL SIGKILL
HEALTHCHECK --interval=1s --retries=1 CMD ["/bin/busybox", "test", "-s", "/www/health"]
CMD ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]
"""
OVERRIDE = """\
target "_common" {
  args = {
    REVISION = REVISION
  }
}
"""


def test_what_a_push_has_built_is_deployed_in_the_same_run(
    tmp_path: Path, environment: Mapping[str, str], containers: Containers
) -> None:
    shop = with_host(with_services(tmp_path, environment))
    files = dict.fromkeys((f"services/{name}/Dockerfile" for name in SERVICES), DOCKERFILE)
    shop.commit(files | {"docker-bake.override.hcl": OVERRIDE})
    commit = shop.command("git", "rev-parse", "HEAD").strip()
    with ExitStack() as stack:
        rollouts = {name: stack.enter_context(Rollout(containers)) for name in SERVICES}
        applications = [Application(id=name, image=None, rollout=rollout) for name, rollout in rollouts.items()]
        dokploy = stack.enter_context(Dokploy(applications))
        world = World(shop=shop, dokploy=dokploy, github=stack.enter_context(GitHub()))
        outcome = world.run(act.push(), workflow="images.yml")
        assert outcome.ok, outcome.log
        assert world.running == dict.fromkeys(SERVICES, commit)
        released = json.loads(outcome.artifacts["release/release.json"])["services"]
        assert {name: each.image for name, each in dokploy.applications.items()} == {
            name: each["image"] for name, each in released.items()
        }
        assert [status[:3] for status in world.github.statuses] == [
            (commit, "deploy/staging", "pending"),
            (commit, "deploy/staging", "success"),
        ]
        tagged = world.run(act.push("refs/tags/v1.2.3"), workflow="images.yml")
        assert tagged.ok, tagged.log
        assert [status[:3] for status in world.github.statuses[2:]] == [
            (commit, "deploy/production", "pending"),
            (commit, "deploy/production", "success"),
        ]
        assert "api: runs" in tagged.log  # already: the same images
    shop.command("docker", "image", "rm", "--force", *(f"{shop.image(name)}:candidate" for name in SERVICES))
