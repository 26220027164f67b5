"""What generated files name by version: actions, images and tools, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """A GitHub Action pinned by commit; printed as the value of `uses`, with its version as comment."""

    name: str
    version: str
    sha: str

    def __str__(self) -> str:
        return f"{self.name}@{self.sha} # {self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pins:
    """Versions, image tags and commits that generated files name, read from pins.toml."""

    actions: Mapping[str, Action]
    images: Mapping[str, str]
    tools: Mapping[str, str]
    minimum: Mapping[str, str]
