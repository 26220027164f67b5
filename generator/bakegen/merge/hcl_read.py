"""What python-hcl2 finds in an HCL file, with the keys that the scanner gives: the second opinion on every edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bakegen.merge.tree import Plain

LAST_WINS = ("group", "variable", "function")
BLOCK = "__is_block__"
META = frozenset({BLOCK, "__comments__", "__inline_comments__"})


def read(data: bytes) -> Plain:
    """The file's blocks and attributes as nested dictionaries. ValueError if python-hcl2 cannot read it."""
    import hcl2

    try:
        body = hcl2.loads(data.decode("utf-8-sig", "surrogateescape"))
    except Exception as error:
        raise ValueError("python-hcl2 cannot read it") from error
    return _body(body)


def _body(body: Mapping[str, Any]) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for name, value in body.items():
        if name in META:
            continue
        blocks = [block for entry in value for block in _blocks(name, entry)] if _holds_blocks(value) else None
        if blocks is None:
            found[name] = _value(value)
            continue
        keys = [key for key, _ in blocks]
        for index, (key, block) in enumerate(blocks):
            rest = keys[index + 1 :].count(key)
            if key.startswith(LAST_WINS) and rest:
                found[f"{key} #{keys[: index + 1].count(key)}"] = _body(block)
            elif key in found:
                found[f"{key}\0{keys[: index + 1].count(key)}"] = _body(block)
            else:
                found[key] = _body(block)
    return found


def _holds_blocks(value: object) -> bool:
    while isinstance(value, list) and value and isinstance(value[0], dict):
        entry: Any = value[0]
        while BLOCK not in entry:
            if len(entry) != 1:
                return False
            entry = next(iter(entry.values()))
            if not isinstance(entry, dict):
                return False
        return True
    return False


def _blocks(key: str, entry: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    if BLOCK in entry:
        return [(key, entry)]
    return [block for label, inner in entry.items() for block in _blocks(f'{key} "{label.strip(chr(34))}"', inner)]


def _value(value: Any) -> Plain:
    if isinstance(value, dict):
        return {_key(key): _value(each) for key, each in value.items() if key not in META}
    if isinstance(value, list):
        return [_value(each) for each in value]
    return value  # type: ignore[no-any-return]  # a string, number, bool or None


def _key(key: str) -> str:
    if key.startswith('"') and "${" not in key and "%{" not in key:
        return key[1:-1]
    if key.startswith("${") and key.endswith("}"):
        return key[2:-1]
    return key
