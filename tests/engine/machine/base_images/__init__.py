"""Stand-ins for the official base images, where no public image registry can be reached.

One module makes one kind of image: it fills a folder per architecture and names what the image
runs. Nothing is emulated on the way. An image is pushed under its official name, and under a tag
that is the hash of all that makes it. Where both tags have the same digest, nothing is to be done.
"""

import hashlib
import shutil
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.engine.machine import client, daemons, debian
from tests.engine.machine.base_images import buildkit, dockerfile, haproxy, nginx, node, postgres, python, redis, uv
from tests.engine.machine.base_images.recipe import Recipe
from tests.engine.machine.process import run, say

HERE = Path(__file__).parent
INDEXES = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"


def recipes() -> tuple[Recipe, ...]:
    """All stand-ins."""
    modules = (dockerfile, uv, python, node, nginx, redis, postgres, haproxy, buildkit)
    return tuple(recipe for module in modules for recipe in module.recipes())


def ensure() -> None:
    """Build and push those that the registry does not have as they should be."""
    with ThreadPoolExecutor(max_workers=3) as pool:
        for _ in pool.map(_build, [r for r in recipes() if not _is_pushed(r)]):
            pass


def are_pushed() -> bool:
    """Whether the registry has all of them as they should be."""
    return all(_is_pushed(recipe) for recipe in recipes())


def key(recipe: Recipe) -> str:
    """A tag that says what the image is made of: code, versions, the machine's certificates.

    Debian's packages move with their suite and are not part of it: an image stays as it is until
    something here changes.
    """
    parts = [repr((recipe.name, recipe.tag, recipe.arches, recipe.made_of)).encode()]
    parts += [recipe.dockerfile.encode(), debian.suite().encode(), debian.certificates()]
    parts += [Path(file).read_bytes() for file in (recipe.source, debian.__file__)]
    parts += [file.read_bytes() for file in sorted((HERE / "files").iterdir())]
    return "made-of-" + hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _build(recipe: Recipe) -> None:
    say(f"making a stand-in for {recipe.name}:{recipe.tag}")
    with tempfile.TemporaryDirectory(prefix="bakegen-base-") as scratch:
        context = Path(scratch)
        for arch in recipe.arches:
            root = context / f"root-{arch}"
            root.mkdir()
            recipe.fill(root, arch)
            run(["tar", "--numeric-owner", "-C", root, "-cf", context / f"root-{arch}.tar", "."])
            shutil.rmtree(root)
        (context / "Dockerfile").write_text(recipe.dockerfile, encoding="utf-8")
        platforms = ",".join(f"linux/{arch}" for arch in recipe.arches)
        names = [f"{daemons.REGISTRY}/{recipe.name}:{tag}" for tag in (recipe.tag, key(recipe))]
        output = f'type=image,push=true,compression-level=1,"name={",".join(names)}"'
        options = ["--provenance=false", f"--platform={platforms}", "--output", output]
        run(["docker", "buildx", "build", *options, context], env=client.environment())


def _is_pushed(recipe: Recipe) -> bool:
    digest = _digest(recipe.name, recipe.tag)
    return digest is not None and digest == _digest(recipe.name, key(recipe))


def _digest(name: str, tag: str) -> str | None:
    url = f"http://{daemons.REGISTRY}/v2/{name}/manifests/{tag}"
    request = urllib.request.Request(url, method="HEAD", headers={"Accept": INDEXES})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: str | None = answer.headers["Docker-Content-Digest"]
            return found
    except OSError:
        return None
