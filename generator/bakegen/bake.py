"""What a bake file means to the contract: its targets and groups.

Read with the scanner, which takes a tenth of the time of python-hcl2; that judges edits, and this only names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bakegen.errors import UserError
from bakegen.merge.splice import line_of
from bakegen.merge.tree import Node, NotUnderstood

LITERAL = re.compile(rb'"([^"$%]*)"')
CALL = re.compile(rb"(?<![\w-])([A-Za-z_][\w-]*)\(")


@dataclass(frozen=True, kw_only=True, slots=True)
class BakeFile:
    """The names of the targets, and each group's members, those of groups in it too; None where only bake can tell.

    `inherits` and `calls` are the targets and functions that a target uses by name, `functions` those defined here.
    With `matrices` some targets have names that only bake can tell.
    """

    targets: frozenset[str]
    groups: Mapping[str, frozenset[str] | None]
    inherits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    calls: Mapping[str, frozenset[str]] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    matrices: bool = False


def read(text: bytes, name: str = "docker-bake.hcl") -> BakeFile:
    """Read a bake file. Of several groups of one name the last counts, as in buildx.

    Raises UserError with the line if it is no HCL.
    """
    from bakegen.merge.hcl import scan

    try:
        root = scan(text)
    except NotUnderstood as error:
        where = f"{name}:{line_of(text, error.offset)}"
        raise UserError(f"not a bake file that can be read: {error.message}", where=where, hint=error.hint) from None
    lists = {label: _members(block, "targets") for label, block in _blocks(root, "group")}
    targets = _blocks(root, "target")
    calls = {label: CALL.findall(text[block.head : block.tail]) for label, block in targets}
    return BakeFile(
        targets=frozenset(label for label, _ in targets),
        groups={group: reached(group, lists) for group in lists},
        inherits={label: _members(block, "inherits") or frozenset() for label, block in targets},
        calls={label: frozenset(name.decode("utf-8", "replace") for name in names) for label, names in calls.items()},
        functions=frozenset(label for label, _ in _blocks(root, "function")),
        matrices=any(entry.key == "matrix" for _, block in targets for entry in _children(block)),
    )


def _blocks(root: Node, kind: str) -> list[tuple[str, Node]]:
    """The blocks of a kind by their label; a group that a later one replaces has a number behind its key."""
    found = (re.fullmatch(rf'{kind} "([^"]*)"', node.key) for node in _children(root))
    return [(match[1], node) for match, node in zip(found, _children(root), strict=True) if match is not None]


def _children(node: Node) -> list[Node]:
    return [] if node.body is None else [child for child in node.body.children if not child.comment]


def _members(block: Node, key: str) -> frozenset[str] | None:
    targets = next((entry for entry in reversed(_children(block)) if entry.key == key), None)
    if targets is None:
        return frozenset()
    if targets.body is None or targets.body.kind != "list":
        return None
    names = [LITERAL.fullmatch(item.canon or b"") for item in _children(targets)]
    if not all(names):
        return None
    return frozenset(match[1].decode("utf-8", "replace") for match in names if match is not None)


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
