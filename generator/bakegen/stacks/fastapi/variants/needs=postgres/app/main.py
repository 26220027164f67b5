"""The application that uvicorn serves: `uvicorn app.main:app`."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import Engine

from app import database, notes
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


def create_app(settings: Settings, engine: Engine) -> FastAPI:
    """Build an application on a database of the caller's, so that tests bring one."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        database.create_tables(engine)
        yield
        engine.dispose()

    app = FastAPI(
        title="<< service.package >>",
        version=settings.version,
        lifespan=lifespan,
    )
    app.state.engine = engine
    app.include_router(notes.router)

    @app.get(<< (service.health or "/health") | json >>)
    async def health() -> Health:
        return Health(version=settings.version, revision=settings.revision)

    return app


settings = Settings.from_environment(os.environ)
configure_logging(settings.log_level)
app = create_app(settings, database.connect(settings.database_url))
