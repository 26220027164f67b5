"""The application that uvicorn serves: `uvicorn app.main:app`."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel

from app import server
from app.settings import LogLevel, Settings


class Health(BaseModel):
    """What the health endpoint answers: which build is running here."""

    status: Literal["ok"] = "ok"
    version: str
    revision: str


def configure_logging(level: LogLevel) -> None:
    """Let the application's loggers and uvicorn's obey one level."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    for name in (None, "uvicorn", "uvicorn.access"):
        logging.getLogger(name).setLevel(level.upper())


def create_app(settings: Settings) -> FastAPI:
    """Build an application with an MCP server of its own; it can be started once."""
    mcp = server.create_server(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with mcp.session_manager.run():
            yield

    app = FastAPI(
        title="<< service.package >>",
        version=settings.version,
        lifespan=lifespan,
    )
    # Its routes, and no mount: that would send clients from /mcp on to /mcp/.
    app.router.routes.extend(server.routes(mcp, settings))
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["POST"],
            allow_headers=["*"],
        )

    @app.get(<< (service.health or "/health") | json >>)
    async def health() -> Health:
        return Health(version=settings.version, revision=settings.revision)

    return app


settings = Settings.from_environment(os.environ)
configure_logging(settings.log_level)
app = create_app(settings)
