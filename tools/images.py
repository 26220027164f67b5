"""What a registry holds under a name: platforms, and how big each image is beside its base image.

The one reading of sizes that owes nothing to `bakegen.measure`, which reads what the builder exports: by the registry's
own manifests tests hold images to their goals, and `bakegen measure` to the truth.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bakegen import catalog

BASES = {language.id: f"library/{language.base.runtime}" for language in catalog.load().languages.values()}
"""The base images of our stacks by language, in the default versions."""

Raw = Callable[[str], str]
"""The manifest or index of a reference, as JSON text (`docker buildx imagetools inspect --raw`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """One platform of an index. Sizes are compressed bytes; `above` counts the layers that the base lacks."""

    platform: str
    total: int
    above: int


def images(reference: str, base: str, raw: Raw) -> list[Image]:
    """The images behind a tag, by platform, compared with the same platform of the base image."""
    base_layers = {platform: _layers(manifest) for platform, manifest in _manifests(base, raw).items()}
    return [
        Image(
            platform=platform,
            total=sum(_layers(manifest).values()),
            above=sum(size for layer, size in _layers(manifest).items() if layer not in base_layers[platform]),
        )
        for platform, manifest in sorted(_manifests(reference, raw).items())
    ]


def _manifests(reference: str, raw: Raw) -> dict[str, dict[str, Any]]:
    """Platform -> manifest. What is no image (an attestation's platform is unknown/unknown) is left out."""
    repository = reference.rpartition(":")[0]
    index = json.loads(raw(reference))
    platforms = {entry["digest"]: entry["platform"] for entry in index["manifests"]}
    return {
        f"{platform['os']}/{platform['architecture']}": json.loads(raw(f"{repository}@{digest}"))
        for digest, platform in platforms.items()
        if platform["os"] != "unknown"
    }


def _layers(manifest: dict[str, Any]) -> dict[str, int]:
    return {layer["digest"]: layer["size"] for layer in manifest["layers"]}
