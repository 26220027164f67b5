"""What rendering gives and planning takes: every generated path with its text and its owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from bakegen.model import Service

Ownership = Literal["managed", "seeded"]


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A rendered file: managed on every sync or seeded once, and the service that brings it (None: the project)."""

    text: bytes
    ownership: Ownership
    service: Service | None = None


Tree = Mapping[PurePosixPath, File]
