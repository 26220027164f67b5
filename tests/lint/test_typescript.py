"""Seeded TypeScript passes the linter and the compiler that its own package.json asks for."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lint.conftest import npm_ci


@pytest.fixture(scope="session")
def web(generated: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Next.js service of the project with every default, with its packages installed."""
    folder = tmp_path_factory.mktemp("typescript") / "web"
    shutil.copytree(generated[0] / "services" / "web", folder)
    # A copy, not a link to the cache: Next's type generator follows links out of the folder.
    shutil.copytree(npm_ci(folder) / "node_modules", folder / "node_modules", symlinks=True)
    return folder


@pytest.mark.parametrize("script", ["lint", "typecheck"])
def test_script_finds_nothing(web: Path, script: str) -> None:
    environment = os.environ | {"NEXT_TELEMETRY_DISABLED": "1"}
    command = ["npm", "run", "--silent", script]
    done = subprocess.run(command, cwd=web, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_lint_would_find_something(web: Path) -> None:
    (web / "app" / "unused.ts").write_text("const unused: any = 1;\n")
    try:
        done = subprocess.run(["npm", "run", "--silent", "lint"], cwd=web, capture_output=True, check=False)
    finally:
        (web / "app" / "unused.ts").unlink()
    assert done.returncode != 0
