"""The commands that `bakegen new` prints: with compose.override.yaml, what a developer edits is what runs."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import Engine
from tests.engine.shop import get

PORTS = {"API_PORT": "22190", "WEB_PORT": "22191"}
PAGE = f"http://127.0.0.1:{PORTS['WEB_PORT']}/"
HEALTH = f"http://127.0.0.1:{PORTS['API_PORT']}/health"


@pytest.fixture(scope="module")
def project(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The preset api-web, started by the last of the printed commands."""
    folder = tmp_path_factory.mktemp("development") / "dev-shop"
    command = [sys.executable, "-m", "bakegen", "new", str(folder), "--preset=api-web", "--set=git_init=false"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    up = "docker compose up --build --wait"
    assert up in printed
    try:
        engine.run(*up.split(), "--wait-timeout", "240", cwd=folder, **PORTS)
        yield folder
    finally:
        engine.run("docker", "compose", "down", "--volumes", "--timeout", "5", "--rmi", "local", cwd=folder, **PORTS)


@pytest.mark.parametrize(
    ("file", "old", "new", "address"),
    [
        ("services/web/app/page.tsx", "The API is up.", "The API is up and edited.", PAGE),
        ("services/api/app/main.py", "Health(version=settings.version", 'Health(version="edited"', HEALTH),
    ],
)
def test_an_edit_is_served_without_a_build(project: Path, file: str, old: str, new: str, address: str) -> None:
    assert "edited" not in get(address)
    source = project / file
    text = source.read_text(encoding="utf-8")
    assert old in text
    source.write_text(text.replace(old, new), encoding="utf-8")
    deadline = time.monotonic() + 60
    while "edited" not in _answer(address):
        assert time.monotonic() < deadline, address
        time.sleep(0.5)


def _answer(address: str) -> str:
    """What is answered; nothing while a server starts again."""
    try:
        return get(address)
    except OSError:
        return ""
