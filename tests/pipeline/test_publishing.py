"""What a run publishes, and what it must not: the registry is asked after each."""

import json
from itertools import product

import pytest

from . import act
from .shop import REPOSITORY, SERVICES, Shop

pytestmark = pytest.mark.engine

ALL_JOBS = {"prepare", "lint", "test", "build-amd64", "build-arm64", "merge", "release", "images"}
BOTH_PLATFORMS = ["linux/amd64", "linux/arm64", "unknown/unknown", "unknown/unknown"]  # and their attestations


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


def test_version_tag_names_the_images_that_the_branch_published(published: Shop) -> None:
    outcome = act.run(published, act.push("refs/tags/v1.2.3"))
    assert outcome.ok, outcome.log
    for service in SERVICES:
        tags = published.tags(service)
        assert set(tags) == {"1.2", "edge", "latest", published.sha_tag(), "v1.2.3"}
        assert len(set(tags.values())) == 1
        assert f"| {service} | `{published.image(service)}@{tags['v1.2.3']}` |" in outcome.log


def test_prerelease_moves_no_other_version_and_runner_labels_are_variables(shop: Shop) -> None:
    variables = {"RUNNER_ARM64": "our-own-arm"}
    outcome = act.run(shop, act.push("refs/tags/v2.0.0-rc.1"), variables=variables)
    assert outcome.ok, outcome.log
    assert outcome.jobs == dict.fromkeys(ALL_JOBS, "success")
    for service in SERVICES:
        assert set(shop.tags(service)) == {shop.sha_tag(), "v2.0.0-rc.1"}
        assert shop.platforms(service, "v2.0.0-rc.1") == BOTH_PLATFORMS


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
    assert outcome.jobs == dict.fromkeys(ALL_JOBS - {"merge", "release"}, "success")
    assert outcome.log.count("healthy") >= len(SERVICES)
    assert shop.repositories() == set()


def test_pull_request_of_a_branch_that_was_pushed_is_not_run_twice(shop: Shop) -> None:
    outcome = act.run(shop, act.pull_request(REPOSITORY))
    assert outcome.ok, outcome.log
    assert outcome.jobs == {"images": "success"}


def test_registry_cache_is_written_only_by_what_publishes(shop: Shop) -> None:
    settings = (shop.folder / "bakegen.toml").read_text(encoding="utf-8")
    shop.commit({"bakegen.toml": settings.replace('cache = "gha"', 'cache = "registry"')})
    shop.bakegen("sync")
    shop.commit({})
    assert act.run(shop, act.push("refs/heads/topic")).ok
    assert shop.repositories() == set()
    outcome = act.run(shop, act.push())
    assert outcome.ok, outcome.log
    assert set(shop.tags("buildcache")) == {"api-amd64", "api-arm64", "web-amd64", "web-arm64"}


def test_project_without_services_has_a_green_run(empty_shop: Shop) -> None:
    outcome = act.run(empty_shop, act.push())
    assert outcome.ok, outcome.log
    assert outcome.jobs == {"prepare": "success", "lint": "success", "test": "success", "images": "success"}
