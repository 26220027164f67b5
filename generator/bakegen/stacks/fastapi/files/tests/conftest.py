from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings


@pytest.fixture
def client() -> Iterator[TestClient]:
    settings = Settings(version="v1.2.3", revision="abc123")
    with TestClient(create_app(settings)) as client:
        yield client
