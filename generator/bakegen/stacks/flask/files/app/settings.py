"""Settings come from the environment; a wrong value stops the process at its start."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Each field is the environment variable of the same name in upper case."""

    log_level: str = "INFO"
    version: str = "unreleased"
    revision: str = "unknown"

    def __post_init__(self) -> None:
        if self.log_level.upper() not in LOG_LEVELS:
            raise ValueError(f"LOG_LEVEL is {self.log_level}, not one of {LOG_LEVELS}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is set but empty counts as not set."""
        variables = {field.name: field.name.upper() for field in fields(cls)}
        return cls(
            **{
                name: environment[variable]
                for name, variable in variables.items()
                if environment.get(variable)
            }
        )
