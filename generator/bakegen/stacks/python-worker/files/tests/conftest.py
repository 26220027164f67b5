import pytest
from fakeredis import FakeRedis


@pytest.fixture
def redis() -> FakeRedis:
    """A Redis in memory: the tests need no server."""
    return FakeRedis()
