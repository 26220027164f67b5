"""python:3.13-slim: Debian's Python 3.13, looking like the official image's /usr/local.

Unlike the official image it keeps packages in `dist-packages`: images that carry a virtual
environment do not notice.
"""

from pathlib import Path

from tests.engine.machine import debian, pins
from tests.engine.machine.base_images.recipe import SMALL_DEBIAN, TRUST, Recipe, from_root, install, link, unpack_wheel

PACKAGES = (*SMALL_DEBIAN, "ca-certificates", "gzip", "python3.13", "python3.13-venv", "tar")
CONFIG = f'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8\n{TRUST}CMD ["python3"]\n'

# What every Python in the image runs first. Poetry asks PyPI for JSON, which an index in its place need not have, and
# trusts no certificates but those it brings: here it asks the index that pip asks, and trusts what the image trusts.
SITE = """\
import os
import sys

if any(word.endswith("/poetry") for word in sys.orig_argv[:2]):
    packages = "/usr/local/lib/python3.13/dist-packages"
    sys.path += ["/usr/local/lib/poetry-plugins", packages]
    from pip._internal.models.index import PyPI

    sys.path.remove(packages)
    os.environ.setdefault("POETRY_PYPI_MIRROR_URL", os.environ.get("PIP_INDEX_URL", PyPI.simple_url))
    os.environ.setdefault("REQUESTS_CA_BUNDLE", os.environ["SSL_CERT_FILE"])
"""


def recipes() -> tuple[Recipe, ...]:
    """The one Python that Debian has for this suite."""
    return (
        Recipe(
            name="library/python",
            tag="3.13-slim",
            dockerfile=from_root(CONFIG),
            fill=_fill,
            source=__file__,
            made_of=(pins.read()["wheels"]["pip"], pins.read()["wheels"]["poetry-plugin"]),
        ),
    )


def _fill(root: Path, arch: str) -> None:
    debian.unpack(root, arch, PACKAGES)
    debian.add_certificates(root)
    for name in ("python", "python3", "python3.13"):
        link(root, f"usr/local/bin/{name}", "/usr/bin/python3.13")
    (root / "usr/lib/python3.13/EXTERNALLY-MANAGED").unlink()
    packages = root / "usr/local/lib/python3.13/dist-packages"
    packages.mkdir(parents=True, exist_ok=True)
    unpack_wheel(packages, pins.read()["wheels"]["pip"])
    install(root, "pip", "usr/local/bin/pip")
    link(root, "usr/local/bin/pip3", "pip")
    plugins = root / "usr/local/lib/poetry-plugins"
    plugins.mkdir(parents=True)
    unpack_wheel(plugins, pins.read()["wheels"]["poetry-plugin"])
    (root / "etc/python3.13/sitecustomize.py").write_text(SITE, encoding="utf-8")
