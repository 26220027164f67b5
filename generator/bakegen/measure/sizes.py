"""What an image weighs: its compressed layers, and which of them are not its base image's."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakegen.dockerfile import instructions

ATTESTATION = "unknown"  # the platform of what is no image, in an index


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A layer: compressed bytes, and the instruction that made it."""

    digest: str
    size: int
    made_by: str
    base: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An image of one platform. Sizes are compressed bytes; `above` is what its base image does not have."""

    platform: str
    layers: tuple[Layer, ...]

    @property
    def total(self) -> int:
        """All of it, as a registry stores it."""
        return sum(layer.size for layer in self.layers)

    @property
    def above(self) -> int:
        """The layers above the base image."""
        return sum(layer.size for layer in self.layers if not layer.base)


def images(archive: Path, base: Path | None) -> tuple[Image, ...]:
    """The images of an OCI archive by platform, beside the archive of their base image if they have one."""
    below = {image.platform: {layer.digest for layer in image.layers} for image in _read(base)} if base else {}
    return tuple(
        Image(
            platform=image.platform,
            layers=tuple(
                Layer(
                    digest=layer.digest,
                    size=layer.size,
                    made_by=layer.made_by,
                    base=layer.digest in below.get(image.platform, ()),
                )
                for layer in image.layers
            ),
        )
        for image in _read(archive)
    )


def base_image(dockerfile: bytes, target: str | None) -> str | None:
    """The image that a stage, or the last one, is built on; None for `scratch` and for what only a build knows."""
    arguments: dict[str, str] = {}
    sources: dict[str, str] = {}
    last = ""
    for keyword, rest in instructions(dockerfile):
        if keyword == "ARG" and not sources and "=" in rest:
            name, _, value = rest.partition("=")
            arguments[name.strip()] = value.strip().strip("\"'")
        elif keyword == "FROM":
            words = [word for word in rest.split() if not word.startswith("--")]
            last = words[2] if len(words) > 2 and words[1].lower() == "as" else str(len(sources))  # noqa: PLR2004
            sources[last.lower()] = _filled(words[0], arguments)
    image = sources.get((target or last).lower())
    while image is not None and image.lower() in sources:
        image = sources[image.lower()]
    return None if image is None or image == "scratch" or "$" in image else image


def _filled(text: str, arguments: Mapping[str, str]) -> str:
    for name, value in arguments.items():
        text = text.replace(f"${{{name}}}", value).replace(f"${name}", value)
    return text


def _read(archive: Path | None) -> tuple[Image, ...]:
    if archive is None:
        return ()
    with tarfile.open(archive) as tar:
        return tuple(_image(tar, manifest) for manifest in _manifests(tar, json.loads(_member(tar, "index.json"))))


def _manifests(tar: tarfile.TarFile, index: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The manifests of images below an index, which may have an index in it."""
    found: list[Mapping[str, Any]] = []
    for entry in index["manifests"]:
        if entry.get("platform", {}).get("os") == ATTESTATION:
            continue
        below = json.loads(_blob(tar, entry["digest"]))
        found += _manifests(tar, below) if "manifests" in below else [below]
    return found


def _image(tar: tarfile.TarFile, manifest: Mapping[str, Any]) -> Image:
    config = json.loads(_blob(tar, manifest["config"]["digest"]))
    made = [step.get("created_by", "") for step in config.get("history", ()) if not step.get("empty_layer")]
    made += [""] * (len(manifest["layers"]) - len(made))
    variant = f"/{config['variant']}" if config.get("variant") else ""
    layers = [
        Layer(digest=layer["digest"], size=layer["size"], made_by=text)
        for layer, text in zip(manifest["layers"], made, strict=False)
    ]
    return Image(platform=f"{config['os']}/{config['architecture']}{variant}", layers=tuple(layers))


def _blob(tar: tarfile.TarFile, digest: str) -> bytes:
    return _member(tar, f"blobs/{digest.replace(':', '/')}")


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None  # noqa: S101  (a file of the OCI image layout)
    return file.read()
