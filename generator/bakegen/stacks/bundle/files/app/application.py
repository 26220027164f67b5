"""The application: an API under /api, and the frontend that is built into the image."""

import logging
from typing import Literal

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from pydantic import BaseModel

from app import frontend, notes
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
    """Build an application with a store of its own, so that tests share nothing."""
    app = FastAPI(
        title="<< service.package >>",
        version=settings.version,
        docs_url="/api/docs",
        openapi_url="/api/openapi.json",
        redoc_url=None,
    )
    app.add_middleware(GZipMiddleware, compresslevel=6)
    app.state.notes = notes.Notes()
    app.include_router(notes.router, prefix="/api")
    frontend.serve(app, settings.static_dir)

    @app.get(<< (service.health or "/api/health") | json >>)
    async def health() -> Health:
        return Health(version=settings.version, revision=settings.revision)

    return app
