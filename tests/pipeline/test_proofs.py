"""What happens between the immutable tags and the others: images are scanned, attested and signed.

The programs that do it need the internet. Stand-ins say what they would do, and that to which image.
"""

import json

import pytest

from . import act
from .shop import SERVICES, Shop

pytestmark = pytest.mark.engine

PROOFS = 'attest = true\nsign = true\nscan = "{scan}"\n'


def digests(shop: Shop, service: str) -> dict[str, str]:
    """The index under the immutable tag, as "", and the image of each platform in it."""
    index = json.loads(shop.command("crane", "manifest", f"{shop.image(service)}:{shop.sha_tag()}"))
    images = {"{os}/{architecture}".format_map(each["platform"]): each["digest"] for each in index["manifests"]}
    return {"": shop.tags(service)[shop.sha_tag()]} | {name: images[name] for name in ("linux/amd64", "linux/arm64")}


def test_a_report_stops_nothing_and_every_index_is_attested_and_signed(shop: Shop) -> None:
    shop.configure(pipeline=PROOFS.format(scan="report"))
    outcome = act.run(shop.with_variables(VULNERABLE="shop-web"), act.push())
    assert outcome.ok, outcome.log
    for service in SERVICES:
        image = shop.image(service)
        found = digests(shop, service)
        assert set(shop.tags(service)) == {"edge", "latest", shop.sha_tag()}
        assert f"would attest {image}@{found['']}" in outcome.log
        assert f"would run: cosign sign --yes {image}@{found['']}" in outcome.log
        verify = [line for line in outcome.summary.splitlines() if line.endswith(f" {image}@{found['']}")]
        assert "  --certificate-identity https://github.com/" in verify[0], outcome.summary
        for platform in ("linux/amd64", "linux/arm64"):
            assert outcome.log.count(f"would scan {image}@{found[platform]}\n") == 1


def test_a_gate_holds_the_other_tags_back(shop: Shop) -> None:
    shop.configure(pipeline=PROOFS.format(scan="critical"))
    outcome = act.run(shop.with_variables(VULNERABLE="shop-web"), act.push())
    assert not outcome.ok
    assert outcome.jobs["merge"] == "success"
    assert outcome.jobs["images"] == "failure"
    assert "release" not in outcome.jobs
    assert {name: result for name, result in outcome.jobs.items() if name.startswith("scan")} == {
        f"scan (web, {platform})": "failure" for platform in ("linux/amd64", "linux/arm64")
    } | {f"scan (api, {platform})": "success" for platform in ("linux/amd64", "linux/arm64")}
    assert [set(shop.tags(service)) for service in SERVICES] == [{shop.sha_tag()}, {shop.sha_tag()}]
