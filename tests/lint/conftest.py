"""The projects and the tools are made once for all linters."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.engine import machine
from tests.lint import linters, projects

NODE = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Projects with all pairs of options; the first has every default."""
    return projects.make_all(tmp_path_factory.mktemp("generated"))


@pytest.fixture(scope="session")
def tools() -> dict[str, str]:
    """An environment with all linters on PATH."""
    return linters.environment(npm_ci(NODE) / "node_modules" / ".bin")


@pytest.fixture(scope="session")
def docker() -> dict[str, str]:
    """An environment in which `docker` means the engine; a missing one is a failure where CI=true."""
    if not machine.is_up():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("the engine is not up")
    return machine.environment()


def npm_ci(package: Path) -> Path:
    """A folder in the cache with what a package's lock says installed; the lock's hash is its key."""
    files = [package / "package.json", package / "package-lock.json"]
    key = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "bakegen", "npm")
    installed = caches / key
    if not installed.is_dir():
        caches.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=caches, prefix=".installing-"))
        for file in files:
            shutil.copy(file, scratch)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=scratch, check=True)
        scratch.rename(installed)
    return installed
