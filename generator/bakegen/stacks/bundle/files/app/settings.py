"""Settings come from the environment; a wrong value stops the process at its start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(BaseModel):
    """Each field is the environment variable of the same name in upper case."""

    model_config = ConfigDict(frozen=True)

    log_level: Annotated[LogLevel, BeforeValidator(str.lower)] = "info"
    version: str = "unreleased"
    revision: str = "unknown"
    # What `npm run build` makes; the image has it elsewhere.
    static_dir: Path = Path("frontend/dist")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is set but empty counts as not set."""
        values = {name.lower(): value for name, value in environment.items() if value}
        return cls.model_validate(values)
