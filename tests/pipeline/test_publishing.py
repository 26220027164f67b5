"""What a run publishes, and what it must not: the registry is asked after each."""

import json
import re
from itertools import product

import pytest

from . import act
from .shop import BOTH_PLATFORMS, REPOSITORY, SERVICES, Shop

pytestmark = pytest.mark.engine


def test_default_branch_gets_indexes_under_three_tags(published: Shop) -> None:
    for service in SERVICES:
        tags = published.tags(service)
        assert set(tags) == {"edge", "latest", published.sha_tag()}
        assert len(set(tags.values())) == 1
        assert published.platforms(service, "latest") == BOTH_PLATFORMS


def test_target_that_is_only_built_upon_is_not_published(published: Shop) -> None:
    assert published.repositories() == set(SERVICES)


def test_images_say_what_they_were_built_from(published: Shop) -> None:
    for service, platform in product(SERVICES, ("linux/amd64", "linux/arm64")):
        config = published.command("crane", "config", f"--platform={platform}", f"{published.image(service)}:latest")
        assert json.loads(config)["config"]["Labels"] == {
            "org.opencontainers.image.revision": published.command("git", "rev-parse", "HEAD").strip(),
            "org.opencontainers.image.source": f"https://github.com/{REPOSITORY}",
            "org.opencontainers.image.version": published.sha_tag(),
        }


def test_running_again_changes_nothing(published: Shop) -> None:
    before = {service: published.tags(service) for service in SERVICES}
    outcome = act.run(published, act.push())
    assert outcome.ok, outcome.log
    assert {service: published.tags(service) for service in SERVICES} == before


@pytest.mark.parametrize(
    ("event", "secrets"),
    [
        pytest.param(act.push("refs/heads/topic"), act.SECRETS, id="branch"),
        pytest.param(act.pull_request("stranger/shop"), {}, id="pull request of a fork"),
        pytest.param(act.push(fork=True), act.SECRETS, id="default branch of a fork"),
        pytest.param(act.push(), {}, id="default branch without secrets"),
    ],
)
def test_images_are_built_tested_and_started_but_not_pushed(
    shop: Shop, event: act.Event, secrets: dict[str, str]
) -> None:
    outcome = act.run(shop, event, secrets=secrets)
    assert outcome.ok, outcome.log
    assert outcome.jobs == dict.fromkeys(act.JOBS - {"merge", "release"}, "success")
    healthy = re.findall(r"^build-(\w+): .* Container shop-\w+-(\w+)-1 .*Healthy", outcome.log, re.MULTILINE)
    assert set(healthy) == set(product(("amd64", "arm64"), SERVICES))
    assert shop.repositories() == set()


def test_project_without_services_has_a_green_run(empty_shop: Shop) -> None:
    outcome = act.run(empty_shop, act.push())
    assert outcome.ok, outcome.log
    assert outcome.jobs == {"prepare": "success", "lint": "success", "test": "success", "images": "success"}
