import pytest
from flask.testing import FlaskClient

from app import create_app
from app.settings import Settings


@pytest.fixture
def client() -> FlaskClient:
    app = create_app(Settings(version="v1.2.3", revision="abc123"))
    app.testing = True
    return app.test_client()
