"""Two answers that do not go together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Clash:
    """A key of bakegen.toml, from its table down, that does not go together with others: `("services", "api", "port")`."""

    key: tuple[str, ...]
    message: str
    hint: str
