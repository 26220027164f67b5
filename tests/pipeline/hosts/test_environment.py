"""What a run may do, as its job `prepare` says, run by act: publish, log in, write the cache, deploy and where to."""

import re
from collections.abc import Mapping

import pytest

from tests.pipeline import act
from tests.pipeline.shop import REPOSITORY, Shop, with_services

pytestmark = pytest.mark.engine

OUTPUTS = ("publish", "cache-write", "login", "environment")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Shop:
    """A project that is deployed to Dokploy."""
    shop = with_services(tmp_path_factory.mktemp("environment"), environment)
    shop.configure(hosts='["dokploy"]', cache='"gha"')
    return shop


def decided(shop: Shop, event: act.Event, secrets: Mapping[str, str]) -> tuple[str, ...]:
    """The values of OUTPUTS."""
    outcome = act.run(shop, event, secrets=secrets, job="prepare")
    assert outcome.jobs == {"prepare": "success"}, outcome.log
    found = dict(re.findall(r"^prepare: ([a-z-]+)=(.*)$", outcome.log, re.MULTILINE))
    return tuple(found[name] for name in OUTPUTS)


@pytest.mark.parametrize(
    ("event", "secrets", "expected"),
    [
        pytest.param(act.push(), act.SECRETS, ("true", "true", "true", "staging"), id="default branch"),
        pytest.param(act.push("refs/tags/v1.2.3"), act.SECRETS, ("true", "false", "true", "production"), id="version"),
        pytest.param(act.push("refs/tags/v1.2.3-rc.1"), act.SECRETS, ("true", "false", "true", ""), id="pre-release"),
        pytest.param(act.push("refs/heads/topic"), act.SECRETS, ("false", "false", "true", ""), id="branch"),
        pytest.param(
            act.pull_request("stranger/shop"), {}, ("false", "false", "false", ""), id="pull request of a fork"
        ),
        pytest.param(act.push(), {}, ("false", "false", "false", ""), id="default branch without secrets"),
        pytest.param(act.push(fork=True), act.SECRETS, ("false", "false", "true", ""), id="default branch of a fork"),
    ],
)
def test_what_a_run_may_do(
    deployed: Shop, event: act.Event, secrets: Mapping[str, str], expected: tuple[str, ...]
) -> None:
    assert decided(deployed, event, secrets) == expected


def test_pull_request_that_is_published_is_not_deployed(shop: Shop) -> None:
    shop.configure(hosts='["dokploy"]', pipeline="pr_tags = true\n")
    assert decided(shop, act.pull_request(REPOSITORY), act.SECRETS) == ("true", "false", "true", "")
