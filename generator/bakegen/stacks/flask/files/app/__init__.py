<% if service.options.server == "dev" %>
"""The application: `flask --app app run` serves what `create_app` makes."""
<% else %>
"""The application: gunicorn and `flask --app app run` serve what `create_app` makes."""
<% endif %>

import logging
import os
<% if service.options.server == "dev" %>
import signal
<% endif %>

from flask import Flask
from werkzeug.exceptions import HTTPException

from app import notes
from app.settings import Settings
<% if service.options.server == "dev" %>

# As the first process of a container, the development server would ignore SIGTERM.
signal.signal(signal.SIGTERM, signal.default_int_handler)
<% endif %>


def configure_logging(level: str) -> None:
    """Let the application's loggers and the server's obey one level."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
<% if service.options.server == "dev" %>
    for name in (None, "werkzeug"):
<% else %>
    for name in (None, "gunicorn.access", "gunicorn.error", "werkzeug"):
<% endif %>
        logging.getLogger(name).setLevel(level.upper())


def create_app(settings: Settings | None = None) -> Flask:
    """Build an application with a store of its own, so that tests share nothing.

    Without settings, they are those of the environment.
    """
    settings = settings or Settings.from_environment(os.environ)
    configure_logging(settings.log_level)
    app = Flask(__name__)
    app.extensions["notes"] = notes.Notes()
    app.register_blueprint(notes.blueprint)
    app.register_error_handler(HTTPException, error_as_json)

    @app.get(<< (service.health or "/health") | json >>)
    def health() -> dict[str, str]:
        return {
            "status": "ok",
            "version": settings.version,
            "revision": settings.revision,
        }

    return app


def error_as_json(error: HTTPException) -> tuple[dict[str, str | None], int]:
    """Answer an error as JSON, as everything else is answered."""
    return {"detail": error.description}, error.code or 500
