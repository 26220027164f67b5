"""A repository, for tests that run programs in it and for those that call bakegen.git in this process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.git.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    made = Repository.new(tmp_path)
    kept, own = dict(os.environ), made.environment
    os.environ.clear()
    os.environ.update(own)
    yield made
    os.environ.clear()
    os.environ.update(kept)
