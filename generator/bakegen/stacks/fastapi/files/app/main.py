"""The application that uvicorn serves: `uvicorn app.main:app`."""

import logging
import os
from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel

from app import notes
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
    )
    app.state.notes = notes.Notes()
    app.include_router(notes.router)

    @app.get(<< (service.health or "/health") | json >>)
    async def health() -> Health:
        return Health(version=settings.version, revision=settings.revision)

    return app


settings = Settings.from_environment(os.environ)
configure_logging(settings.log_level)
app = create_app(settings)
