"""Images that are not built for every platform."""

import pytest

from . import act, release
from .shop import BOTH_PLATFORMS, OVERRIDE, SERVICES, Shop

pytestmark = pytest.mark.engine

WEB = 'target "web" {\n  platforms = ["linux/amd64"]\n}\n'
API = 'target "api" {\n  platforms = ["linux/amd64"]\n'


def test_image_without_arm64_has_one_platform_and_the_others_start_there(shop: Shop) -> None:
    shop.commit({"docker-bake.override.hcl": f"{OVERRIDE}\n{WEB}"})
    outcome = act.run(shop, act.push())
    assert outcome.ok, outcome.log
    assert outcome.jobs == dict.fromkeys(act.JOBS, "success")
    started = {name: outcome.outputs[name] for name in ("build-amd64.start", "build-arm64.start")}
    assert started == {"build-amd64.start": "api web", "build-arm64.start": "api"}
    assert set(shop.content()) == set(SERVICES)
    assert shop.platforms("api", "latest") == BOTH_PLATFORMS
    assert shop.platforms("web", "latest") == ["linux/amd64", "unknown/unknown"]
    release.check(shop, outcome, ["edge", "latest"])


def test_without_any_image_for_arm64_its_job_is_skipped(shop: Shop) -> None:
    """And without provenance, what is pushed is an image and no index; the tags are on indexes all the same."""
    shop.configure(pipeline="provenance = false\n")
    shop.commit({"docker-bake.override.hcl": OVERRIDE.replace('target "api" {\n', API) + WEB})
    outcome = act.run(shop, act.push())
    assert outcome.ok, outcome.log
    assert outcome.jobs == dict.fromkeys(act.JOBS - {"build-arm64"}, "success")
    for service in SERVICES:
        assert set(shop.tags(service)) == {"edge", "latest", shop.sha_tag()}
        assert shop.platforms(service, "edge") == ["linux/amd64"]
    release.check(shop, outcome, ["edge", "latest"])
