"""What is in the layers that an image has above its base image, read from the registry: no shell is needed in it."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.request import urlopen

from tests.engine.services import SERVICES
from tests.engine.shop import Shop


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A path in a layer, without a leading slash, and all that a layer records of it."""

    path: str
    kind: bytes
    mode: int
    owner: tuple[int, int]
    mtime: float
    link: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """The image of one platform in the registry, compared with its base image."""

    shop: Shop
    service: str
    tag: str = "latest"

    @cached_property
    def digest(self) -> str:
        """The digest of the image's manifest: of an index, that of the one entry which is no attestation."""
        index = json.loads(self.shop.raw(self.shop.image(self.service, self.tag)))
        (digest,) = [entry["digest"] for entry in index["manifests"] if entry["platform"]["os"] != "unknown"]
        return str(digest)

    @cached_property
    def manifest(self) -> Any:
        """The manifest behind the digest."""
        return json.loads(self.shop.raw(f"{self.shop.images}-{self.service}@{self.digest}"))

    @cached_property
    def config(self) -> Any:
        """The image's configuration and history."""
        return json.loads(self._blob(self.manifest["config"]["digest"]))

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """What the layers above the base image hold, by path; the upper layer counts."""
        below = self._base_layers()
        above = [layer["digest"] for layer in self.manifest["layers"] if layer["digest"] not in below]
        return {entry.path: entry for digest in above for entry in _entries(self._blob(digest))}

    def _base_layers(self) -> set[str]:
        reference = f"{self.shop.engine.registry}/{SERVICES[self.service].base_image}"
        digests = [entry["digest"] for entry in json.loads(self.shop.raw(reference))["manifests"]]
        manifests = [json.loads(self.shop.raw(f"{reference.rpartition(':')[0]}@{digest}")) for digest in digests]
        return {layer["digest"] for manifest in manifests for layer in manifest["layers"]}

    def _blob(self, digest: str) -> bytes:
        repository = f"{self.shop.images}-{self.service}".removeprefix(f"{self.shop.engine.registry}/")
        with urlopen(f"http://{self.shop.engine.registry}/v2/{repository}/blobs/{digest}") as answer:
            blob: bytes = answer.read()
        return blob


def differences(one: Pushed, other: Pushed) -> list[str]:
    """What is not the same in two builds of an image: paths with what differs, and keys of the configuration."""
    found = []
    for path in sorted(one.entries.keys() | other.entries.keys()):
        left, right = one.entries.get(path), other.entries.get(path)
        if left is None or right is None:
            found.append(f"{path}: only in {'the second' if left is None else 'the first'}")
        elif left != right:
            fields = [name for name in Entry.__slots__ if getattr(left, name) != getattr(right, name)]
            found.append(f"{path}: {', '.join(fields)}")
    keys = sorted((one.config.keys() | other.config.keys()) - {"rootfs"})
    return found + [f"configuration: {key}" for key in keys if one.config.get(key) != other.config.get(key)]


def _entries(blob: bytes) -> Iterator[Entry]:
    with tarfile.open(fileobj=io.BytesIO(blob)) as layer:
        for member in layer:
            file = layer.extractfile(member) if member.isfile() else None
            yield Entry(
                path=member.name.strip("/"),
                kind=member.type,
                mode=member.mode,
                owner=(member.uid, member.gid),
                mtime=member.mtime,
                link=member.linkname,
                sha256=hashlib.sha256(file.read() if file else b"").hexdigest(),
            )
