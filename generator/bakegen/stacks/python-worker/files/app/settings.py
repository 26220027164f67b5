"""Settings come from the environment; a wrong value stops the process at its start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    redis_url: str
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read REDIS_URL and LOG_LEVEL; set but empty counts as not set."""
        redis_url = environment.get("REDIS_URL")
        if not redis_url:
            raise ValueError("REDIS_URL is not set")
        log_level = (environment.get("LOG_LEVEL") or "info").upper()
        if log_level not in LOG_LEVELS:
            raise ValueError(f"LOG_LEVEL is {log_level}, not one of {LOG_LEVELS}")
        return cls(redis_url=redis_url, log_level=log_level)
