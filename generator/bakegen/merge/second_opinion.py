"""What an independent reader found in a container, item by item of the scanner's; and what it must find in the merge."""

from __future__ import annotations

from collections.abc import Sequence

from bakegen.merge.arrange import items_of
from bakegen.merge.tree import Body, Plain, ShapeError


class DisagreementError(Exception):
    """Scanner and independent reader do not see the same thing in a file."""


def values_of(body: Body, plain: Plain) -> dict[str, Plain]:
    """What the independent reader found for each item; DisagreementError if it found other items."""
    nodes = {key: node for key, node in items_of(body).items() if not node.comment}
    if isinstance(plain, dict) and body.kind == "map":
        if nodes.keys() == plain.keys():
            return {key: plain[key] for key in nodes}
    elif isinstance(plain, list) and body.kind == "list" and len(plain) == len(nodes):
        return dict(zip(nodes, plain, strict=True))
    for key, node in nodes.items():
        if body.kind == "map" and "\0" in key:
            raise ShapeError(node.head, f"{node.key} stands here more than once", "keep one of them")
    raise DisagreementError("two readers see different items")


def joined(body: Body, values: dict[str, Plain], order: Sequence[str]) -> Plain:
    """The container's value, with these items in this order."""
    found = {key: values[key] for key in order if key in values}
    if body.kind == "list":
        return list(found.values())
    counts: dict[str, int] = {}
    renumbered: dict[str, Plain] = {}
    for key, value in found.items():
        name = key.partition("\0")[0]
        counts[name] = counts.get(name, 0) + 1
        renumbered[name if counts[name] == 1 else f"{name}\0{counts[name]}"] = value
    return renumbered
