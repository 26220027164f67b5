import logging

import pytest
from pydantic import ValidationError

from app.main import configure_logging
from app.settings import Settings


def test_defaults_hold_for_variables_that_are_missing_or_empty() -> None:
    environment = {"LOG_LEVEL": "", "ALLOWED_HOSTS": ""}
    assert Settings.from_environment(environment) == Settings()


def test_values_come_from_the_environment() -> None:
    settings = Settings.from_environment(
        {
            "LOG_LEVEL": "WARNING",
            "REVISION": "abc123",
            "ALLOWED_HOSTS": "mcp.example.com, mcp.example.org,",
            "UNRELATED": "x",
        }
    )
    assert settings == Settings(
        log_level="warning",
        revision="abc123",
        allowed_hosts=("mcp.example.com", "mcp.example.org"),
    )


def test_a_wrong_log_level_is_an_error() -> None:
    with pytest.raises(ValidationError, match="log_level"):
        Settings.from_environment({"LOG_LEVEL": "loud"})


def test_uvicorn_obeys_the_log_level() -> None:
    configure_logging("error")
    assert not logging.getLogger("uvicorn.access").isEnabledFor(logging.WARNING)
    configure_logging("info")
    assert logging.getLogger("uvicorn.access").isEnabledFor(logging.INFO)
