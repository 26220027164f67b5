import logging

import pytest
from pydantic import ValidationError

from app.main import configure_logging
from app.settings import Settings

URL = "postgresql://app:secret@db:5432/app"


def test_defaults_hold_for_variables_that_are_missing_or_empty() -> None:
    settings = Settings.from_environment({"DATABASE_URL": URL, "LOG_LEVEL": ""})
    assert settings == Settings(database_url=URL)


def test_values_come_from_the_environment() -> None:
    settings = Settings.from_environment(
        {"DATABASE_URL": URL, "LOG_LEVEL": "WARNING", "REVISION": "abc123"}
    )
    assert settings == Settings(
        database_url=URL, log_level="warning", revision="abc123"
    )


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SECRET": "x"}, "database_url"),
        ({"DATABASE_URL": URL, "LOG_LEVEL": "loud"}, "log_level"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_no_values(
    environment: dict[str, str], message: str
) -> None:
    with pytest.raises(ValidationError, match=message) as error:
        Settings.from_environment(environment)
    assert "input_value" not in str(error.value)


def test_uvicorn_obeys_the_log_level() -> None:
    configure_logging("error")
    assert not logging.getLogger("uvicorn.access").isEnabledFor(logging.WARNING)
    configure_logging("info")
    assert logging.getLogger("uvicorn.access").isEnabledFor(logging.INFO)
