"""The literal part of HCL's expressions, as python-hcl2 and JSON hand them over.

Literals, templates, and references to variables that have a literal default are worked out; a call, an operator or a
`for` is left to bake and raises `Unclear`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
REFERENCE = re.compile(rf"{NAME}(\.({NAME}|[0-9]+)|\[(\"[^\"\\$%]*\"|[0-9]+)\])*")
STEP = re.compile(rf"\.({NAME}|[0-9]+)|\[\"?([^\]\"]*)\"?\]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
DIGITS = {"u": 4, "U": 8}
WORDS = {"true": True, "false": False, "null": None}
DIGITS_OF_A_NUMBER = 100
NESTED = 20  # templates in templates; nobody writes more than two

Lookup = Callable[[str], Any]


class Unclear(Exception):  # noqa: N818  (a fact about a text, not an error of the program)
    """Only bake can tell the value."""


class Scope:
    """Names and the raw values they stand for (as python-hcl2 gives them). `quoted` is false for texts of JSON."""

    def __init__(self, raw: Mapping[str, Any], *, quoted: bool = True, values: Mapping[str, Any] | None = None) -> None:
        self.raw = raw
        self.quoted = quoted
        self.values: dict[str, Any] = dict(values or {})
        self.open: set[str] = set()

    def with_values(self, values: Mapping[str, Any]) -> Scope:
        """The scope inside one combination of a matrix."""
        return Scope(self.raw, quoted=self.quoted, values=values)

    def lookup(self, name: str) -> Any:
        """The value of a name; Unclear if it has none, or one that leads back to itself."""
        if name not in self.values:
            if name not in self.raw or name in self.open:
                raise Unclear
            self.open.add(name)
            try:
                self.values[name] = _raw(self.raw[name], self.lookup, quoted=True)
            finally:
                self.open.discard(name)
        return self.values[name]

    def value(self, raw: Any) -> Any:
        """What a value of python-hcl2 (or of JSON) comes to."""
        return _raw(raw, self.lookup, quoted=self.quoted)

    def literal(self, raw: Any) -> Any:
        """The value, or None where it is unclear."""
        try:
            return self.value(raw)
        except Unclear:
            return None


def _raw(raw: Any, lookup: Lookup, *, quoted: bool) -> Any:
    if isinstance(raw, list):
        return [_raw(item, lookup, quoted=quoted) for item in raw]
    if isinstance(raw, dict):
        pairs = ((_key(key, lookup, quoted=quoted), item) for key, item in raw.items() if key != "__is_block__")
        return {key: _raw(item, lookup, quoted=quoted) for key, item in pairs}
    if not isinstance(raw, str):
        return raw
    if not quoted:
        return _template(raw, lookup, escapes=False)
    return _expression(raw[2:-1] if raw.startswith("${") and raw.endswith("}") else raw, lookup)


def _key(key: str, lookup: Lookup, *, quoted: bool) -> str:
    """A key of an object: bare, quoted, or a template."""
    return key if quoted and not key.startswith(('"', "${")) else _text(_raw(key, lookup, quoted=quoted))


def _expression(text: str, lookup: Lookup, depth: int = 0) -> Any:
    text = text.strip()
    if depth > NESTED:
        raise Unclear
    if text in WORDS:
        return WORDS[text]
    if len(text) < DIGITS_OF_A_NUMBER and NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if text.startswith('"') and _closing(text, 1, quote=True) == len(text) - 1:
        return _template(text[1:-1], lookup, escapes=True, depth=depth)
    if not REFERENCE.fullmatch(text):
        raise Unclear
    name = re.match(NAME, text)
    assert name is not None  # noqa: S101  (REFERENCE begins with NAME)
    value = lookup(name.group())
    for step in STEP.finditer(text, name.end()):
        value = _member(value, step.group(1) or step.group(2))
    return value


def _member(value: Any, key: str) -> Any:
    if isinstance(value, dict) and key in value:
        return value[key]
    if isinstance(value, list) and key.isdecimal() and len(key) < NESTED and int(key) < len(value):
        return value[int(key)]
    raise Unclear


def _template(text: str, lookup: Lookup, *, escapes: bool, depth: int = 0) -> Any:
    if text.startswith("${") and _closing(text, 2) == len(text) - 1:  # alone it keeps its type
        return _expression(text[2:-1], lookup, depth + 1)
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text.startswith(("$${", "%%{"), at):
            parts.append(text[at + 1 : at + 3])
            at += 3
        elif text.startswith("${", at):
            end = _closing(text, at + 2)
            parts.append(_text(_expression(text[at + 2 : end].strip("~"), lookup, depth + 1)))
            at = end + 1
        elif text.startswith("%{", at):
            raise Unclear
        elif escapes and text[at] == "\\":
            part, at = _escape(text, at + 1)
            parts.append(part)
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts)


def _escape(text: str, at: int) -> tuple[str, int]:
    kind = text[at : at + 1]
    if kind in ESCAPES:
        return ESCAPES[kind], at + 1
    end = at + 1 + DIGITS.get(kind, 0)
    try:
        return chr(int(text[at + 1 : end], 16)), end
    except (ValueError, OverflowError):
        raise Unclear from None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Unclear


def _closing(text: str, at: int, *, quote: bool = False) -> int:
    """Where the string (`quote`) or interpolation that is open at `at` ends; the stack holds what is open inside."""
    stack = ['"' if quote else "{"]
    while at < len(text):
        char = text[at]
        if stack[-1] == '"':
            if char == "\\":
                at += 1
            elif char == '"':
                stack.pop()
            elif text.startswith(("${", "%{"), at) and text[at - 1] != char:
                stack.append("{")
                at += 1
        elif char == '"':
            stack.append('"')
        elif char == "{":
            stack.append("{")
        elif char == "}":
            stack.pop()
        if not stack:
            return at
        at += 1
    raise Unclear
