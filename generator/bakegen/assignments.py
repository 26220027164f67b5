"""`key=value` of a command line -> keys of `[services.NAME]`, with the errors that a person can act on."""

from __future__ import annotations

from collections.abc import Container, Iterable

from bakegen import keys
from bakegen.errors import UserError, meant
from bakegen.keys import Key
from bakegen.rules import NAME, VARIABLE
from bakegen.stack import Stack

ELSEWHERE = {
    "path": "move it with: bakegen rename-service NAME NAME --path FOLDER",
    "stack": "a service keeps its stack: remove it and add another",
    "env": "set variables with: bakegen add-env NAME KEY=VALUE",
    "build_args": "write it into bakegen.toml, in the table [services.NAME.build_args], then run: bakegen sync",
    "name": "rename it with: bakegen rename-service OLD NEW",
    "processes": "set each by its name: processes.NAME=COMMAND",
}
PROCESS = "processes."

Value = bool | int | str | list[str] | None


def read(given: Iterable[str], stack: Stack) -> dict[str, Value]:
    """The keys and their values, None where a key is to be taken out. UserError for what no such service has.

    The key of a process is `processes.NAME`.
    """
    known = {name: key for name, key in (keys.SERVICE | keys.options(stack)).items() if name not in ELSEWHERE}
    found: dict[str, Value] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if key in ELSEWHERE:
            raise UserError(f"{key} is not set here", hint=ELSEWHERE[key])
        if key.startswith(PROCESS):
            _check_process(key.removeprefix(PROCESS))
        elif key not in known:
            names = [*known, f"{PROCESS}NAME"]
            hint = meant(key, names, f"known keys: {', '.join(names)}")
            raise UserError(f"unknown key: {key}", hint=hint)
        if not equals:
            raise UserError(f"{key} has no value", hint=f"write it as {key}=VALUE, or {key}= to take it out")
        _once(key, found)
        found[key] = _value(key, known.get(key, keys.PROCESS), value.strip())
    return found


def _check_process(name: str) -> None:
    if not NAME.fullmatch(name):
        raise UserError(f"{name!r} is not the name of a process", hint=keys.HINTS[NAME])


def options(given: Iterable[str], stack: Stack) -> dict[str, str | bool]:
    """`OPTION=VALUE` as the options of a stack. UserError for what this stack does not have."""
    known = keys.options(stack)
    found: dict[str, str | bool] = {}
    for text in given:
        name, _, value = text.partition("=")
        if name not in known:
            hint = f"its options: {', '.join(known)}" if known else "it has none"
            raise UserError(f"{stack.id} has no option {name}", hint=hint)
        read = _value(name, known[name], value)
        if not isinstance(read, str | bool) or keys.problem(known[name], read):
            hint = f"one of: {', '.join(str(choice).lower() for choice in stack.options[name].choices)}"
            raise UserError(f"{name} = {value!r} is not possible", hint=hint)
        _once(name, found)
        found[name] = read
    return found


def build_args(given: Iterable[str]) -> dict[str, str]:
    """`KEY=VALUE` as build arguments. UserError for what cannot be one, or is given twice."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not VARIABLE.fullmatch(name):
            raise UserError(f"{name!r} is not the name of a build argument", hint=keys.HINTS[VARIABLE])
        if not equals:
            raise UserError(f"{name} has no value", hint=f"write it as --build-arg {name}=VALUE")
        _once(name, found)
        found[name] = value
    return found


def _once(name: str, found: Container[str]) -> None:
    if name in found:
        raise UserError(f"{name} is given more than once", hint="say it once")


def _value(name: str, key: Key, value: str) -> Value:
    if not value:
        return None
    if key.kind is bool:
        if value not in {"true", "false"}:
            raise UserError(f"{name} must be true or false: {value}", hint=f"for example: {name}=false")
        return value == "true"
    if key.kind is int:
        if not (value.isascii() and value.isdigit() and len(value) < 10):  # noqa: PLR2004  (longer is no port)
            raise UserError(f"{name} must be a number: {value}", hint=f"for example: {name}={key.example}")
        return int(value)
    if key.kind is list:
        return sorted({part.strip() for part in value.split(",") if part.strip()})
    return value
