"""Who may call /mcp. A status of 400 is the protocol's: such a request came through."""

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings

PAGE = "https://chat.example.com"


def status(settings: Settings, **headers: str) -> int:
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        return client.post("/mcp", json={}, headers=headers).status_code


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1:8000",
        "[::1]:8000",
        "<< service.name >>",
        "<< service.name >>:8000",
    ],
)
def test_services_beside_it_reach_the_server(host: str) -> None:
    assert status(Settings(), Host=host) == 400


def test_other_names_must_be_allowed() -> None:
    allowed = Settings(allowed_hosts=("mcp.example.com",))
    assert status(Settings(), Host="mcp.example.com") == 421
    assert status(allowed, Host="mcp.example.com") == 400
    assert status(allowed, Host="mcp.example.com:8443") == 400
    assert status(allowed, Host="mcp.example.com.attacker.example") == 421


def test_web_pages_must_be_allowed() -> None:
    assert status(Settings(), Origin=PAGE) == 403
    assert status(Settings(allowed_origins=(PAGE,)), Origin=PAGE) == 400


def test_the_checks_can_be_left_to_a_proxy() -> None:
    settings = Settings(allowed_hosts=("*",))
    assert status(settings, Host="anything.example", Origin=PAGE) == 400


def test_a_browser_is_told_that_an_allowed_page_may_call() -> None:
    preflight = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    app = create_app(Settings(allowed_origins=(PAGE,)))
    with TestClient(app, base_url="http://localhost") as client:
        response = client.options("/mcp", headers=preflight)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == PAGE
