import logging

import pytest

from app import configure_logging
from app.settings import Settings


def test_defaults_hold_for_variables_that_are_missing_or_empty() -> None:
    assert Settings.from_environment({"LOG_LEVEL": ""}) == Settings()


def test_values_come_from_the_environment() -> None:
    settings = Settings.from_environment(
        {"LOG_LEVEL": "warning", "REVISION": "abc123", "UNRELATED": "x"}
    )
    assert settings == Settings(log_level="warning", revision="abc123")


def test_a_wrong_log_level_is_an_error() -> None:
    with pytest.raises(ValueError, match="LOG_LEVEL is loud"):
        Settings.from_environment({"LOG_LEVEL": "loud"})


def test_the_server_obeys_the_log_level() -> None:
    server = logging.getLogger("<< "werkzeug" if service.options.server == "dev" else "gunicorn.access" >>")
    configure_logging("error")
    assert not server.isEnabledFor(logging.WARNING)
    configure_logging("info")
    assert server.isEnabledFor(logging.INFO)
