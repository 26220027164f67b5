from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from app.main import create_app
from app.settings import Settings

ADDRESS = "http://localhost"


@pytest.fixture
def settings() -> Settings:
    return Settings(version="v1.2.3", revision="abc123")


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Plain HTTP, without the protocol."""
    with TestClient(app, base_url=ADDRESS) as client:
        yield client


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["auto", "legacy"])
async def mcp(app: FastAPI, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """The SDK's own client, in the newest protocol and in that of older clients."""
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport) as http,
        Client(
            streamable_http_client(f"{ADDRESS}/mcp", http_client=http),
            mode=request.param,
        ) as client,
    ):
        yield client
