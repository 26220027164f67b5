import pytest

from app.settings import Settings

URL = "redis://redis:6379/0"


def test_defaults_hold_for_variables_that_are_missing_or_empty() -> None:
    settings = Settings.from_environment({"REDIS_URL": URL, "LOG_LEVEL": ""})
    assert settings == Settings(redis_url=URL, log_level="INFO")


def test_values_come_from_the_environment() -> None:
    settings = Settings.from_environment({"REDIS_URL": URL, "LOG_LEVEL": "debug"})
    assert settings == Settings(redis_url=URL, log_level="DEBUG")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "REDIS_URL is not set"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set"),
        ({"REDIS_URL": URL, "LOG_LEVEL": "loud"}, "LOG_LEVEL is LOUD"),
    ],
)
def test_a_wrong_value_is_an_error(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings.from_environment(environment)
