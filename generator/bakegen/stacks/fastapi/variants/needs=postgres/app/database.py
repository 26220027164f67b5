"""The database: one engine for the process, and a session for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine, make_url, text
from sqlmodel import Session, SQLModel, create_engine


def connect(address: str) -> Engine:
    """Return an engine for an address as hosts give it, without a driver's name.

    It connects when it is first used, and again when a connection was lost.
    """
    url = make_url(address)
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, pool_pre_ping=True)


def create_tables(engine: Engine) -> None:
    """Create the tables that are missing; changes of a table are for migrations.

    Replicas that start together take turns.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        SQLModel.metadata.create_all(connection)


def session_of(request: Request) -> Iterator[Session]:
    """Open a session on the database of the application that serves this request."""
    with Session(request.app.state.engine) as session:
        yield session


DatabaseSession = Annotated[Session, Depends(session_of)]
