"""A registry that fails for a while, for good, or in the middle, and a run that is stopped."""

import pytest

from . import act, release
from .gate import FOR_EVER, Fault, Gate
from .shop import BOTH_PLATFORMS, SERVICES, Shop

pytestmark = pytest.mark.engine

TAGS = ["edge", "latest"]


def check_published(shop: Shop, outcome: act.Outcome) -> None:
    assert outcome.ok, outcome.log
    content = shop.content()
    assert set(content) == set(SERVICES)
    for service, tags in content.items():
        assert set(tags) == {*TAGS, shop.sha_tag()}
        assert len(set(tags.values())) == 1
        assert shop.platforms(service, "edge") == BOTH_PLATFORMS
    release.check(shop, outcome, TAGS)


def test_errors_that_pass_do_no_harm(gated: Shop, opened: Gate) -> None:
    uploads, *others = opened.faults = [
        Fault(request="(POST|PUT|PATCH) .*/blobs/uploads/", times=2),
        Fault(request="(GET|HEAD) .*/manifests/sha256:", times=2),
        Fault(request="(GET|HEAD) .*/manifests/sha-", times=5),
        Fault(request="PUT .*/manifests/sha-", times=5),
        Fault(request="PUT .*/manifests/(edge|latest)", times=5),
    ]
    outcome = act.run(gated, act.push())
    check_published(gated, outcome)
    assert [fault.answered for fault in (uploads, *others)] == [2, 2, 5, 5, 5]
    assert opened.refused > 0


def test_registry_that_refuses_an_index_gets_no_tag_and_the_next_attempt_is_right(gated: Shop, opened: Gate) -> None:
    opened.faults = [Fault(request="PUT .*/shop-web/manifests/sha-", times=FOR_EVER)]
    failed = act.run(gated, act.push())
    assert not failed.ok
    assert failed.jobs["merge"] == "failure"
    assert gated.tags("web") == {}
    assert set(gated.tags("api")) == {gated.sha_tag()}
    before = gated.tags("api")
    opened.faults = []
    check_published(gated, act.run(gated, act.push(), again=failed))
    assert gated.tags("api")[gated.sha_tag()] == before[gated.sha_tag()]


def test_tag_that_cannot_be_asked_for_is_not_taken_for_a_new_one(gated: Shop, opened: Gate) -> None:
    """Built again, the images are the same and their attestations are not: a new index would be another one."""
    first = act.run(gated, act.push())
    check_published(gated, first)
    before = gated.content()
    opened.faults = [Fault(request="(GET|HEAD) .*/manifests/sha-", times=FOR_EVER)]
    second = act.run(gated, act.push(), again=first)
    assert not second.ok
    assert second.jobs["merge"] == "failure"
    assert gated.content() == before


def test_run_that_is_stopped_before_merge_leaves_no_tag_and_the_next_attempt_is_right(shop: Shop) -> None:
    stopped = act.run(shop, act.push(), cancelled_at="merge")
    assert not stopped.ok
    assert stopped.jobs.get("merge") != "success"
    assert stopped.jobs["build-amd64"] == stopped.jobs["build-arm64"] == "success"
    assert shop.content() == {"api": {}, "web": {}}
    check_published(shop, act.run(shop, act.push(), again=stopped))


def test_release_that_fails_in_the_middle_is_completed_by_the_next_attempt(gated: Shop, opened: Gate) -> None:
    opened.faults = [Fault(request="PUT .*/shop-web/manifests/edge", times=FOR_EVER)]
    failed = act.run(gated, act.push())
    assert failed.jobs["release"] == failed.jobs["images"] == "failure"
    assert set(gated.tags("web")) == {gated.sha_tag()}
    opened.faults = []
    check_published(gated, act.run(gated, act.push(), again=failed))
