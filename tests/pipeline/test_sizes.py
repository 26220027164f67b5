"""Sizes: said against the default branch's, and held to the budgets."""

import random

import pytest

from . import act, release
from .shop import DOCKERFILE, REPOSITORY, SERVICES, Shop

pytestmark = pytest.mark.engine


def test_branch_says_how_sizes_change(published: Shop) -> None:
    noise = random.Random(1).randbytes(3_000_000).hex()
    published.branch("topic")
    published.commit(
        {
            "services/web/Dockerfile": DOCKERFILE.format(service="web") + "COPY noise /\n",
            "services/web/noise": noise,
        }
    )
    before = published.content()
    outcome = act.run(published, act.push("refs/heads/topic"))
    assert outcome.ok, outcome.log
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in outcome.summary.splitlines()]
    found = {(row[0], row[1]): row[2:] for row in rows if row[0] in SERVICES}
    assert set(found) == {(service, f"linux/{arch}") for service in SERVICES for arch in ("amd64", "arm64")}
    for arch in ("amd64", "arm64"):
        _, change, budget = found["api", f"linux/{arch}"]
        assert (change, budget) == ("+0.0 MB", "")
        _, change, _ = found["web", f"linux/{arch}"]
        assert 2.9 < float(change.removesuffix(" MB")) < 4.5
    assert published.content() == before


def test_budget_stops_a_pull_request_before_anything_is_published(shop: Shop) -> None:
    shop.bakegen("set", "web", "budget=1kB")
    shop.configure(pipeline="pr_tags = true\n")
    foreign = act.run(shop, act.pull_request("stranger/shop"), secrets={})
    assert foreign.jobs["build-amd64"] == foreign.jobs["images"] == "failure"
    assert "web for linux/amd64 is" in foreign.log
    assert shop.content() == {}
    own = act.run(shop, act.pull_request(REPOSITORY))
    assert own.jobs["merge"] == own.jobs["images"] == "failure"
    assert shop.content() == {"api": {}, "web": {}}


def test_sizes_of_a_release_are_those_of_the_registry(published: Shop) -> None:
    published.command("git", "checkout", "--quiet", "main")
    outcome = act.run(published, act.push())
    assert outcome.ok, outcome.log
    for service in SERVICES:
        for name, platform in release.expected(published, [])["services"][service]["platforms"].items():
            assert f"| {service} | {name} | {platform['size'] / 1e6:.1f} MB | +0.0 MB |  |" in outcome.summary
