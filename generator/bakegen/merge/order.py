"""Whether two texts say the same in another order: what git makes of two branches that each added something."""

from __future__ import annotations

from pathlib import PurePosixPath

from bakegen.merge.file import format_of
from bakegen.merge.tree import Node, NotUnderstood

Said = tuple[bytes, str, bytes, bytes, list["Said"]]


def reordered(path: PurePosixPath, one: bytes, other: bytes) -> bool:
    """Whether the files differ in nothing but the order of siblings, blanks and separators.

    A file that no scanner understands, or that is merged by lines, is only equal to itself.
    """
    form = format_of(path)
    if form is None:
        return one == other
    try:
        return _said(one, form.scan(one)) == _said(other, form.scan(other))
    except NotUnderstood:
        return one == other


def _said(text: bytes, node: Node) -> Said:
    """A node with its comments; its children sorted."""
    above = b"\n".join(line.strip() for line in text[node.start : node.head].splitlines())
    note = text[slice(*node.note)]
    if node.body is None:
        own = text[node.head : node.tail] if node.canon is None else node.canon + b"\0" + node.inner
        return above, node.key, own, note, []
    children = sorted(_said(text, child) for child in node.body.children)
    return above, node.key, text[node.head : node.body.open].strip(), note, children
