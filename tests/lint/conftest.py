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
from tests.lint.verdicts import Verdicts

VERDICTS = pytest.StashKey[Verdicts]()
NODE = Path(__file__).parent / "node"


def pytest_configure(config: pytest.Config) -> None:
    """A place for what validators say."""
    config.stash[VERDICTS] = Verdicts()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Which host files of which preset were judged, by what, and the verdicts."""
    lines = [*config.stash[VERDICTS].lines()]
    if lines:
        terminalreporter.section("files of hosts")
    for line in lines:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def verdicts(pytestconfig: pytest.Config) -> Verdicts:
    """Where tests note what validators say."""
    return pytestconfig.stash[VERDICTS]


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory, verdicts: Verdicts) -> list[Path]:
    """Projects with all pairs of options; the first has every default."""
    made = projects.make_all(tmp_path_factory.mktemp("generated"))
    verdicts.presets.update(zip(made, (choice["preset"] for choice in projects.choices()), strict=False))
    return made


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
