"""What a bake file means: its targets and groups, read with python-hcl2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import hcl2

from bakegen.errors import UserError

LITERAL = re.compile(r'"[^"$%]*"')


@dataclass(frozen=True, kw_only=True, slots=True)
class BakeFile:
    """The names of the targets, and each group's members, those of groups in it too; None where only bake can tell."""

    targets: frozenset[str]
    groups: Mapping[str, frozenset[str] | None]


def read(text: bytes, name: str = "docker-bake.hcl") -> BakeFile:
    """Read a bake file. Of several groups of one name the last counts, as in buildx.

    Raises UserError if python-hcl2 cannot read it.
    """
    try:
        body = hcl2.loads(text.decode("utf-8-sig"))
        lists = {label: _members(block.get("targets")) for label, block in _blocks(body, "group")}
        targets = frozenset(label for label, _ in _blocks(body, "target"))
    except Exception as error:  # noqa: BLE001  (python-hcl2 raises lark's, RuntimeError and others)
        line = getattr(error, "line", 0)
        where = f"{name}:{line}" if isinstance(line, int) and line > 0 else name
        raise UserError(
            "not a bake file that can be read", where=where, hint="see: docker buildx bake --print"
        ) from None
    return BakeFile(targets=targets, groups={group: reached(group, lists) for group in lists})


def _blocks(body: Mapping[str, Any], kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(label.strip('"'), block) for entry in body.get(kind, []) for label, block in entry.items()]


def _members(targets: object) -> frozenset[str] | None:
    if targets is None:
        return frozenset()
    if isinstance(targets, list) and all(isinstance(item, str) and LITERAL.fullmatch(item) for item in targets):
        return frozenset(item.strip('"') for item in targets)
    return None


def reached(group: str, lists: Mapping[str, frozenset[str] | None]) -> frozenset[str] | None:
    """The members of a group and of the groups in it; None where only bake can tell."""
    found: set[str] = set()
    waiting = {group}
    while waiting:
        members = lists.get(waiting.pop(), frozenset())
        if members is None:
            return None
        waiting |= (members - found) & lists.keys()
        found |= members
    return frozenset(found)
