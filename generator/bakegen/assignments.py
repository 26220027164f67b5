"""`key=value` of a command line -> keys of `[services.NAME]`, with the errors that a person can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from bakegen import keys
from bakegen.errors import UserError

ELSEWHERE = {
    "path": "move it with: bakegen rename-service NAME NAME --path FOLDER",
    "stack": "a service keeps its stack: remove it and add another",
    "env": "set variables with: bakegen add-env NAME KEY=VALUE",
    "name": "rename it with: bakegen rename-service OLD NEW",
}
SETTABLE = tuple(key for key in keys.SERVICE if key not in ELSEWHERE)


def read(given: Iterable[str]) -> dict[str, int | str | list[str] | None]:
    """The keys and their values, None where a key is to be taken out. UserError for what no service has."""
    found: dict[str, int | str | list[str] | None] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if key in ELSEWHERE:
            raise UserError(f"{key} is not set here", hint=ELSEWHERE[key])
        if key not in SETTABLE:
            close = difflib.get_close_matches(key, SETTABLE, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known keys: {', '.join(SETTABLE)}"
            raise UserError(f"unknown key: {key}", hint=hint)
        if not equals:
            raise UserError(f"{key} has no value", hint=f"write it as {key}=VALUE, or {key}= to take it out")
        found[key] = _value(key, value.strip())
    return found


def _value(key: str, value: str) -> int | str | list[str] | None:
    if not value:
        return None
    kind = keys.SERVICE[key].kind
    if kind is int:
        if not (value.isascii() and value.isdigit() and len(value) < 10):  # noqa: PLR2004  (longer is no port)
            raise UserError(f"{key} must be a number: {value}", hint=f"for example: {key}={keys.SERVICE[key].example}")
        return int(value)
    if kind is list:
        return sorted({part.strip() for part in value.split(",") if part.strip()})
    return value
