"""What python-hcl2 finds in an HCL file, with the keys that the scanner gives: the second opinion on every edit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from bakegen.merge.tree import NotUnderstood, Plain

LAST_WINS = ("group", "variable", "function")
BLOCK = "__is_block__"
META = frozenset({BLOCK, "__comments__", "__inline_comments__"})


def read(data: bytes) -> Plain:
    """The file's blocks and attributes as nested dictionaries. ValueError if python-hcl2 cannot read it.

    It reads one top-level definition after the other, each once however often it is asked: the three sides of a merge
    and its result have nearly all of them in common. Each must read as exactly the one that the scanner takes it for.
    """
    from bakegen.merge.hcl import scan

    try:
        root = scan(data)
    except NotUnderstood as error:
        raise ValueError(error.message) from error
    found: list[tuple[str, Plain]] = []
    for node in root.body.children if root.body is not None else ():
        if not node.comment:
            key, value = _definition(data[node.head : node.tail])
            if not node.key.startswith(key):
                raise ValueError(f"{node.key} reads as {key}")
            found.append((key, value))
    return _keyed(found)


@lru_cache(maxsize=8192)
def _definition(text: bytes) -> tuple[str, Plain]:
    import hcl2

    try:
        body = hcl2.loads(text.decode("utf-8", "surrogateescape"))
    except Exception as error:
        raise ValueError("python-hcl2 cannot read it") from error
    pairs = _pairs(body)
    if len(pairs) != 1:
        raise ValueError("python-hcl2 finds more than one definition where there is one")
    return pairs[0]


def _pairs(body: Mapping[str, Any]) -> list[tuple[str, Plain]]:
    """The attributes and blocks of a body, in python-hcl2's order: blocks of one type together."""
    found: list[tuple[str, Plain]] = []
    for name, value in body.items():
        if name in META:
            continue
        if _holds_blocks(value):
            found += [(key, _keyed(_pairs(block))) for entry in value for key, block in _blocks(name, entry)]
        else:
            found.append((name, _value(value)))
    return found


def _keyed(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
    """By unique keys, as the tree has them: of groups of one name the last keeps its own, others get a number."""
    last = {key: index for index, (key, _) in enumerate(pairs)}
    counts: dict[str, int] = {}
    found: dict[str, Plain] = {}
    for index, (key, value) in enumerate(pairs):
        number = counts[key] = counts.get(key, 0) + 1
        if key.startswith(LAST_WINS):
            found[key if last[key] == index else f"{key} #{number}"] = value
        else:
            found[key if number == 1 else f"{key}\0{number}"] = value
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
