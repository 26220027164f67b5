"""Environment variables as they stand on a command line."""

from __future__ import annotations

from collections.abc import Iterable

from bakegen.errors import UserError
from bakegen.keys import HINTS
from bakegen.rules import VARIABLE
from bakegen.stack import Variable


def variables(env: Iterable[str], secrets: Iterable[str], description: str = "") -> tuple[Variable, ...]:
    """`KEY=VALUE` and names of secrets as variables; UserError for what cannot be one.

    That is what is no variable, is given twice, or is a secret with a value.
    """
    found = [_variable(text, description) for text in env]
    found += [_variable(text, description, secret=True) for text in secrets]
    names = [variable.name for variable in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"{twice} is given more than once", hint="say it once")
    return tuple(found)


def _variable(text: str, description: str, *, secret: bool = False) -> Variable:
    name, _, value = text.partition("=")
    if not VARIABLE.fullmatch(name):
        raise UserError(f"{name!r} is not a variable name", hint=HINTS[VARIABLE])
    if secret and value:
        hint = f"say --secret {name}, and put the value into .env"
        raise UserError(f"a secret's value never goes into a file: {name}", hint=hint)
    return Variable(name=name, value=value, secret=secret, description=description)
