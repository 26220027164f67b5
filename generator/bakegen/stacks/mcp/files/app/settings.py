"""Settings come from the environment; a wrong value stops the process at its start."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

LogLevel = Literal["debug", "info", "warning", "error"]


def split(value: object) -> object:
    """Make a tuple of a list that is separated by commas."""
    if not isinstance(value, str):
        return value
    return tuple(item.strip() for item in value.split(",") if item.strip())


Names = Annotated[tuple[str, ...], BeforeValidator(split)]


class Settings(BaseModel):
    """Each field is the environment variable of the same name in upper case."""

    model_config = ConfigDict(frozen=True)

    log_level: Annotated[LogLevel, BeforeValidator(str.lower)] = "info"
    version: str = "unreleased"
    revision: str = "unknown"
    # The names that clients reach this server by; "*" leaves the check to a proxy.
    allowed_hosts: Names = ()
    # The web pages that may call it, such as https://chat.example.com.
    allowed_origins: Names = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is set but empty counts as not set."""
        values = {name.lower(): value for name, value in environment.items() if value}
        return cls.model_validate(values)
