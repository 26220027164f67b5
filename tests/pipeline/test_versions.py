"""What version tags publish, and the release that they get on GitHub."""

import pytest

from . import act, release
from .shop import SERVICES, Shop

pytestmark = pytest.mark.engine


def test_version_has_a_release_with_its_files_and_running_it_again_changes_neither(published: Shop) -> None:
    first = act.run(published, act.push("refs/tags/v1.2.3"))
    assert first.ok, first.log
    release.check(published, first, ["v1.2.3", "1.2"], "v1.2.3")
    assert first.releases["v1.2.3/options"] == "release.json\nimages.env\n--verify-tag\n--generate-notes\n"
    before = published.content()
    for tags in before.values():
        assert set(tags) == {"1.2", "edge", "latest", published.sha_tag(), "v1.2.3"}
        assert len(set(tags.values())) == 1
    second = act.run(published, act.push("refs/tags/v1.2.3"), again=first)
    assert second.ok, second.log
    assert published.content() == before
    assert (second.artifacts, second.releases) == (first.artifacts, first.releases)
    for service, tags in before.items():
        assert f"| {service} | `{published.image(service)}@{tags['v1.2.3']}` |" in second.summary


def test_latest_can_move_with_versions_only(shop: Shop) -> None:
    shop.configure(pipeline='latest = "version"\n')
    first = act.run(shop, act.push())
    assert first.ok, first.log
    for service in SERVICES:
        assert set(shop.tags(service)) == {"edge", shop.sha_tag()}
    release.check(shop, first, ["edge"])
    second = act.run(shop, act.push("refs/tags/v0.1.0"))
    assert second.ok, second.log
    for service in SERVICES:
        tags = shop.tags(service)
        assert set(tags) == {"0.1", "edge", "latest", shop.sha_tag(), "v0.1.0"}
        assert len(set(tags.values())) == 1


def test_fix_of_an_older_version_moves_no_tag_that_is_ahead(shop: Shop) -> None:
    shop.configure(pipeline='latest = "version"\n')
    for ahead in ("v1.10.0", "v1.2.4", "v2.0.0-rc.1", "v9"):
        shop.command("git", "tag", ahead)
    for version, moving in {"v1.2.3": "v1.2.3", "v1.9.9": "v1.9.9 1.9", "v1.10.1": "v1.10.1 1.10 latest"}.items():
        outcome = act.run(shop, act.push(f"refs/tags/{version}"), job="prepare")
        assert outcome.ok, outcome.log
        assert outcome.outputs["prepare.moving-tags"] == moving


def test_prerelease_moves_no_other_tag_and_runner_labels_are_variables(shop: Shop) -> None:
    shop.configure(pipeline='latest = "version"\n')
    variables = {"RUNNER_ARM64": "our-own-arm"}
    outcome = act.run(shop, act.push("refs/tags/v2.0.0-rc.1"), variables=variables)
    assert outcome.ok, outcome.log
    assert outcome.jobs == dict.fromkeys(act.JOBS, "success")
    for service in SERVICES:
        assert set(shop.tags(service)) == {shop.sha_tag(), "v2.0.0-rc.1"}
    release.check(shop, outcome, ["v2.0.0-rc.1"], "v2.0.0-rc.1")
    assert "--prerelease" in outcome.releases["v2.0.0-rc.1/options"].splitlines()


def test_version_that_cannot_be_a_tag_is_refused(shop: Shop) -> None:
    outcome = act.run(shop, act.push("refs/tags/v1.0.0+build.5"))
    assert outcome.jobs == {"prepare": "failure", "images": "failure"}
    assert "v1.0.0+build.5 cannot be the tag of an image" in outcome.log
    assert shop.content() == {}
