"""fan_out = "service": a job for each image and platform, which hand their digests over as artifacts."""

import pytest

from . import act, release
from .shop import BOTH_PLATFORMS, DOCKERFILE, SERVICES, Shop

pytestmark = pytest.mark.engine

BUILDS = {f"build ({service}, {arch})" for service in SERVICES for arch in ("amd64", "arm64")}
JOBS = {"prepare", "lint", "test", *BUILDS, "merge", "release", "images"}
DIGESTS = {f"digest.{service}.{arch}/digest" for service in SERVICES for arch in ("amd64", "arm64")}


@pytest.fixture
def spread(shop: Shop) -> Shop:
    """`web` needs `api`, whose image its jobs build too."""
    shop.bakegen("set", "api", "port=8000")
    shop.bakegen("set", "web", "needs=api")
    shop.configure(pipeline='fan_out = "service"\n')
    return shop


def test_default_branch_and_running_again(spread: Shop) -> None:
    first = act.run(spread, act.push())
    assert first.ok, first.log
    assert first.jobs == dict.fromkeys(JOBS, "success")
    assert set(first.artifacts) == DIGESTS | {"release/release.json", "release/images.env"}
    for arch in ("amd64", "arm64"):
        assert first.outputs[f"build (web, {arch}).load"] == "api,web"
        assert first.outputs[f"build (web, {arch}).start"] == "web"
        assert first.outputs[f"build (api, {arch}).load"] == "api"
    content = spread.content()
    assert set(content) == set(SERVICES)
    for service, tags in content.items():
        assert set(tags) == {"edge", "latest", spread.sha_tag()}
        assert len(set(tags.values())) == 1
        assert spread.platforms(service, "edge") == BOTH_PLATFORMS
    release.check(spread, first, ["edge", "latest"])
    second = act.run(spread, act.push(), again=first)
    assert second.ok, second.log
    assert spread.content() == content
    assert second.artifacts["release/release.json"] == first.artifacts["release/release.json"]


def test_pull_request_of_a_fork_hands_nothing_over(spread: Shop) -> None:
    outcome = act.run(spread, act.pull_request("stranger/shop"), secrets={})
    assert outcome.ok, outcome.log
    assert outcome.jobs == dict.fromkeys(JOBS - {"merge", "release"}, "success")
    assert outcome.artifacts == {}
    assert spread.content() == {}


def test_one_failing_build_leaves_no_tag(spread: Shop) -> None:
    only_amd64 = DOCKERFILE.format(service="web") + "ARG TARGETARCH\nCOPY only-${TARGETARCH} /\n"
    spread.commit({"services/web/Dockerfile": only_amd64, "services/web/only-amd64": ""})
    outcome = act.run(spread, act.push())
    failed = {job for job, result in outcome.jobs.items() if result == "failure"}
    assert failed == {"build (web, arm64)", "images"}
    assert set(outcome.jobs) == JOBS - {"merge", "release"}
    assert spread.content() == {"api": {}, "web": {}}
