"""What a user can cause, as exceptions that carry their exit code.

Anything that is not a `UserError` is a bug and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class UserError(Exception):
    """Bad input: prints as `error: message`, `where: ...`, `hint: ...`; exit code 2, nothing is written."""

    code: ClassVar[int] = 2

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The error as it is printed, without colour."""
        text = [f"error: {self.message}"]
        if self.where:
            text.append(f"where: {self.where}")
        if self.hint:
            text.append(f"hint: {self.hint}")
        return text


class RefusalError(UserError):
    """An edit that cannot be made without risk to somebody's bytes; exit code 3, nothing is written."""

    code: ClassVar[int] = 3


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """The hint for a name that is not among the known ones: that which may have been meant, or `otherwise`."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else otherwise
