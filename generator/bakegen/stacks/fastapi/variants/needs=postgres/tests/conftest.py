import os
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import StaticPool
from sqlmodel import create_engine

os.environ["DATABASE_URL"] = "sqlite://"  # what app.main reads when it is imported

from app.main import create_app
from app.settings import Settings


@pytest.fixture
def client() -> Iterator[TestClient]:
    settings = Settings(
        database_url="sqlite://",
        version="v1.2.3",
        revision="abc123",
    )
    # A database in memory: the tests need no server. All threads share its connection.
    engine = create_engine(
        settings.database_url,
        connect_args={"check_same_thread": False},
        poolclass=StaticPool,
    )
    with TestClient(create_app(settings, engine)) as client:
        yield client
