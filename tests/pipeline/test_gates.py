"""What stands between the immutable tags and the release: scan, attest, sign. Stand-ins say what they would do."""

import pytest

from . import act, release
from .shop import SERVICES, Shop

pytestmark = pytest.mark.engine

SCANS = {f"scan ({service}, linux/{arch})" for service in SERVICES for arch in ("amd64", "arm64")}
ATTESTS = {f"attest ({service})" for service in SERVICES}


def test_vulnerable_image_is_not_released(shop: Shop) -> None:
    shop.configure(pipeline='scan = "high"\n')
    outcome = act.run(shop.with_variables(VULNERABLE="shop-web@"), act.push())
    assert not outcome.ok
    failed = {job for job, result in outcome.jobs.items() if result == "failure"}
    assert failed == {"scan (web, linux/amd64)", "scan (web, linux/arm64)", "images"}
    assert set(outcome.jobs) == act.JOBS - {"release"} | SCANS
    for service in SERVICES:
        assert set(shop.tags(service)) == {shop.sha_tag()}
        for platform in release.expected(shop, [])["services"][service]["platforms"].values():
            assert f"would scan {shop.image(service)}@{platform['digest']}\n" in outcome.log


def test_report_of_vulnerabilities_stops_nothing_and_indexes_are_attested_and_signed(shop: Shop) -> None:
    shop.configure(pipeline='attest = true\nscan = "report"\nsign = true\n')
    outcome = act.run(shop.with_variables(VULNERABLE="shop-web@"), act.push())
    assert outcome.ok, outcome.log
    assert outcome.jobs == dict.fromkeys(act.JOBS | SCANS | ATTESTS, "success")
    release.check(shop, outcome, ["edge", "latest"])
    for service in SERVICES:
        tags = shop.tags(service)
        assert set(tags) == {"edge", "latest", shop.sha_tag()}
        index = f"{shop.image(service)}@{tags['edge']}"
        assert f"would attest {index}\n" in outcome.log
        assert f"would run: cosign sign --yes {index}\n" in outcome.log
        assert f"--certificate-identity https://github.com/ {index}\n" in outcome.summary
