"""Of a push and a pull request for one commit one is run, and the cache is written by what publishes the default branch."""

import pytest

from . import act
from .shop import REPOSITORY, SERVICES, Shop

pytestmark = pytest.mark.engine

PUBLISHES_NOTHING = act.JOBS - {"merge", "release"}


def test_pull_request_of_a_branch_that_was_pushed_is_not_run_twice(shop: Shop) -> None:
    outcome = act.run(shop, act.pull_request(REPOSITORY))
    assert outcome.ok, outcome.log
    assert outcome.jobs == {"images": "success"}
    assert shop.content() == {}


def test_pull_requests_can_be_published_and_write_no_cache(shop: Shop) -> None:
    shop.configure(pipeline="pr_tags = true\n", cache='"registry"')
    pushed = act.run(shop, act.push("refs/heads/topic"))
    assert pushed.ok, pushed.log
    assert pushed.jobs == {"images": "success"}
    foreign = act.run(shop, act.pull_request("stranger/shop"), secrets={})
    assert foreign.ok, foreign.log
    assert foreign.jobs == dict.fromkeys(PUBLISHES_NOTHING, "success")
    assert shop.content() == {}
    own = act.run(shop, act.pull_request(REPOSITORY))
    assert own.ok, own.log
    assert own.jobs == dict.fromkeys(act.JOBS, "success")
    content = shop.content()
    assert set(content) == set(SERVICES)
    for tags in content.values():
        assert set(tags) == {"pr-7", shop.sha_tag()}
        assert len(set(tags.values())) == 1


def test_registry_cache_is_written_only_by_what_publishes(shop: Shop) -> None:
    shop.configure(cache='"registry"')
    branch = act.run(shop, act.push("refs/heads/topic"))
    assert branch.ok, branch.log
    assert shop.content() == {}
    outcome = act.run(shop, act.push())
    assert outcome.ok, outcome.log
    assert set(shop.tags("buildcache")) == {"api-amd64", "api-arm64", "web-amd64", "web-arm64"}
