from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.application import create_app
from app.settings import Settings


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A folder as `vite build` leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-B3xQ9aPl.js").write_text("let a = 1;" * 1000)
    (tmp_path / "icon.svg").write_text("<svg />")
    (tmp_path / "index.html").write_text("<title>The page</title>")
    return tmp_path


@pytest.fixture
def client(static: Path) -> Iterator[TestClient]:
    settings = Settings(version="v1.2.3", revision="abc123", static_dir=static)
    with TestClient(create_app(settings)) as client:
        yield client
