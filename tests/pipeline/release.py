"""What a release must say, put together from what the registry has."""

import json
from typing import Any

from . import act
from .shop import SERVICES, Shop


def expected(shop: Shop, tags: list[str], version: str = "") -> dict[str, Any]:
    """release.json of the commit that is checked out."""
    services = {}
    for service in SERVICES:
        digest = shop.tags(service)[shop.sha_tag()]
        children = json.loads(shop.crane("manifest", service, f"@{digest}"))["manifests"]
        platforms = {
            "linux/" + child["platform"]["architecture"]: {
                "digest": child["digest"],
                "size": size_of(shop, service, child["digest"]),
            }
            for child in children
            if child["platform"]["os"] != "unknown"
        }
        services[service] = {"image": f"{shop.image(service)}@{digest}", "platforms": platforms}
    commit = shop.command("git", "rev-parse", "HEAD").strip()
    return {"commit": commit, "version": version, "tag": shop.sha_tag(), "tags": tags, "services": services}


def size_of(shop: Shop, service: str, digest: str) -> int:
    """The bytes of an image's layers, compressed."""
    manifest = json.loads(shop.crane("manifest", service, f"@{digest}"))
    return sum(layer["size"] for layer in manifest["layers"])


def check(shop: Shop, outcome: act.Outcome, tags: list[str], version: str = "") -> None:
    """The artifact of the run is right, and that of the version is the same."""
    release = expected(shop, tags, version)
    assert json.loads(outcome.artifacts["release/release.json"]) == release
    images = [f"{service.upper()}_IMAGE={release['services'][service]['image']}\n" for service in SERVICES]
    assert outcome.artifacts["release/images.env"] == "".join(images)
    for name in ("release.json", "images.env"):
        assert outcome.releases.get(f"{version}/{name}") == (outcome.artifacts[f"release/{name}"] if version else None)
