"""A release in two places of a registry."""

from dataclasses import replace

import pytest

from . import act
from .gate import FOR_EVER, Fault, Gate
from .shop import SERVICES, Shop

pytestmark = pytest.mark.engine


def mirrored(shop: Shop) -> Shop:
    """Configure a mirror; gives the shop as it is there."""
    mirror = replace(shop, prefix=f"{shop.prefix}-mirror")
    shop.configure(mirrors=f'["{shop.address}/{mirror.prefix}/shop"]')
    return mirror


def test_mirror_has_the_same_tags_and_digests(gated: Shop, opened: Gate) -> None:
    mirror = mirrored(gated)
    opened.faults = [Fault(request=f"PUT .*{mirror.prefix}/.*/manifests/", times=5)]
    first = act.run(gated, act.push())
    assert first.ok, first.log
    before = gated.content()
    assert set(before) == set(SERVICES)
    assert all(set(tags) == {"edge", "latest", gated.sha_tag()} for tags in before.values())
    assert mirror.content() == before
    second = act.run(gated, act.push("refs/tags/v1.0.0"))
    assert second.ok, second.log
    assert mirror.content() == gated.content()
    assert set(mirror.tags("api")) == {"1.0", "edge", "latest", gated.sha_tag(), "v1.0.0"}


def test_mirror_that_fails_moves_no_tag_anywhere(gated: Shop, opened: Gate) -> None:
    mirror = mirrored(gated)
    opened.faults = [Fault(request=f"PUT .*{mirror.prefix}/shop-web/manifests/sha-", times=FOR_EVER)]
    outcome = act.run(gated, act.push())
    assert outcome.jobs["merge"] == outcome.jobs["images"] == "failure"
    assert "release" not in outcome.jobs
    for service in SERVICES:
        assert set(gated.tags(service)) == {gated.sha_tag()}
    assert mirror.tags("api") == gated.tags("api")
    assert mirror.tags("web") == {}


def test_nothing_is_published_without_the_secrets_of_every_registry(shop: Shop) -> None:
    shop.configure(mirrors='["docker.io/acme/shop"]')
    outcome = act.run(shop, act.push())
    assert outcome.ok, outcome.log
    names = ("DOCKERHUB_TOKEN", "DOCKERHUB_USERNAME", "REGISTRY_PASSWORD", "REGISTRY_USERNAME")
    (warning,) = [line for line in outcome.log.splitlines() if "Nothing is published. " in line and "echo" not in line]
    assert all(name in warning for name in names)
    assert outcome.jobs == dict.fromkeys(act.JOBS - {"merge", "release"}, "success")
    assert shop.content() == {}
