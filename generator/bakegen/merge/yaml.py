"""Spans of a YAML file: its documents, mappings, lists and scalars, on bytes.

Our own scanner, for compose files, workflows, Kubernetes manifests and the like. What it does not take, such as keys
that are collections, it says; PyYAML reads every merged file again (`yaml_read`) and takes no part in finding spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bakegen.merge.tree import Body, Fixed, Format, Node, NotUnderstood
from bakegen.merge.yaml_block import ALIAS, Block
from bakegen.merge.yaml_parts import Found, Place, make_node
from bakegen.merge.yaml_read import read

__all__ = ["FORMAT", "read", "scan"]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MARKER = re.compile(rb"(?:^|(?<=\xef\xbb\xbf))(---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
# What readers of YAML refuse, or some of them take for a line break.
ODD = re.compile(
    rb"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|\xef\xbf[\xbe\xbf]"
)
ENDED = re.compile(rb"^\.\.\.(?=[ \t\r\n]|\Z)", re.MULTILINE)
SEVERAL = Fixed(
    message="its documents are not set apart by a line `---` alone",
    hint="begin each with such a line, or add and remove whole documents by hand",
)
Kind = Literal["map", "list"]
TOP = Place(-1, "", dash=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What stands between two markers: a document, if there is one, and comments that belong to nothing in it.

    `start` is where the line with its own marker begins, if it has one and nothing else stands on that line.
    """

    found: Found | None = None
    comments: tuple[Node, ...] = ()
    start: int | None = None


def scan(data: bytes) -> Node:
    """The tree of a file: of its one document, or of a list of documents. A manifest is such a list, be it of one.

    Raises NotUnderstood for anything that is not YAML, or not the YAML that we edit.
    """
    start = len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0
    _check(data, start)
    parts = list(_parts(data, start))
    documents = [part.found for part in parts if part.found is not None]
    if len(documents) > 1 or any(_is_manifest(found) for found in documents):
        nodes = [node for part in parts for node in (*_items(part, whole=True), *part.comments)]
        return _file(data, start, "list", nodes, None if _apart(data, parts) else SEVERAL)
    found = documents[0] if documents and not documents[0].absent else None
    if found is not None and found.body is not None and found.body.separator:
        return _in_brackets(data, start, found, found.body)
    nodes = [node for part in parts for node in (*_items(part, whole=False), *part.comments)]
    if found is None:
        return _file(data, start, "map", nodes, None)
    return _file(data, start, found.body.kind if found.body is not None else "list", nodes, found.fixed)


def _check(data: bytes, start: int) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise NotUnderstood(error.start, "not UTF-8", "save the file as UTF-8") from None
    odd = ODD.search(data, start)
    if odd is not None:
        raise NotUnderstood(odd.start(), "a control character", "delete it, or write it as an escape in double quotes")


def _apart(data: bytes, parts: list[Document]) -> bool:
    """Whether a document can be taken out, or put behind another: each but the first begins with a line `---`."""
    documents = [part for part in parts if part.found is not None]
    maps = all(part.found is not None and part.found.body is not None for part in documents)
    return maps and all(part.start is not None for part in documents[1:]) and not ENDED.search(data)


def _parts(data: bytes, start: int) -> Iterator[Document]:
    aliases = frozenset(ALIAS.findall(data))
    at, mark, line = start, b"", start
    for marker in MARKER.finditer(data, start):
        yield _part(Block(data, at, marker.start(), aliases), mark, marker[1], line)
        at, mark, line = marker.end(), marker[1], marker.start()
    yield _part(Block(data, at, len(data), aliases), mark, b"", line)


def _part(block: Block, mark: bytes, next_mark: bytes, line: int) -> Document:
    """What stands behind `mark` (none at the start of the file), which is at `line`, and before the next one."""
    found = None
    alone = mark == b"---" and block.data[block.next :].partition(b"\n")[0].strip() == b""
    if mark == b"---":
        found = block.value(TOP, compact=False)
    else:
        if mark:
            block.gap()
        else:
            block.lines()
        _directives(block, next_mark)
        if mark and block.next < block.stop:
            hint = "put it below a line with `---`"
            raise NotUnderstood(block.next, "text behind the end of a document", hint)
        if block.next < block.stop:
            found = block.content(block.next, TOP, block=True)
    if block.next < block.stop:
        hint = "indent it as the first line of the document"
        raise NotUnderstood(block.next, "indented less than the first line", hint)
    comments: list[Node] = []
    block.trailing(comments, 0)
    return Document(found=found, comments=tuple(comments), start=line if alone else None)


def _directives(block: Block, next_mark: bytes) -> None:
    """Over lines like `%YAML 1.2`, which stand before a `---`."""
    while block.next < block.stop and block.column == 0 and block.data[block.next] == ord("%"):
        if next_mark != b"---" or not block.data.startswith(b"%YAML", block.next):
            raise NotUnderstood(block.next, "a directive other than %YAML", "delete the line")
        newline = block.data.find(b"\n", block.next, block.stop)
        block.line_end = newline + 1 or block.stop
        block.lines()


def _items(part: Document, *, whole: bool) -> Iterable[Node]:
    """The document as a node, or if it is the file's only one, its items."""
    found = part.found
    if found is None or (found.absent and not whole):
        return ()
    if found.body is None:
        return (make_node(found.text.decode(), found.value, found.value, found, None),)
    children = found.body.children
    if not whole:
        return children
    start = found.value if found.body.separator else children[0].start
    found.value = start
    return (make_node(_key(found.body), start if part.start is None else part.start, found.value, found, None),)


def _key(body: Body) -> str:
    """What a document is called: a manifest by what it makes, any other by its first key."""
    return _made(body) or next((child.key for child in body.children if not child.comment), "")


def _made(body: Body) -> str:
    """What a manifest makes, by kind and name; empty for what is none. `yaml_read` asks the same."""
    metadata = [child.body for child in body.children if child.key == "metadata"]
    named = metadata[0] if len(metadata) == 1 and metadata[0] is not None and metadata[0].kind == "map" else None
    kind, name = _text(body, "kind"), _text(named, "name")
    return "/".join(part for part in (kind, _text(named, "namespace"), name) if part) if kind and name else ""


def _text(body: Body | None, key: str) -> str:
    """The one scalar at a key, if it is neither empty nor null."""
    found = [child.canon or b"" for child in body.children if child.key == key] if body is not None else []
    text = found[0] if len(found) == 1 else b""
    return text[2:].decode() if text.startswith((b"s:", b"p:")) and text != b"p:null" else ""


def _is_manifest(found: Found) -> bool:
    return found.body is not None and not found.body.separator and _made(found.body) != ""


def _file(data: bytes, start: int, kind: Kind, nodes: Iterable[Node], fixed: Fixed | None) -> Node:
    end = len(data)
    body = Body(kind=kind, open=start, close=end, separator=b"", children=tuple(nodes))
    return Node(
        key="", start=start, head=start, value=start, tail=end, end=end, note=(end, end), body=body, fixed=fixed
    )


def _in_brackets(data: bytes, start: int, found: Found, body: Body) -> Node:
    """The root of a file that is one collection in brackets: what is around them belongs to nobody."""
    return Node(
        key="",
        start=start,
        head=found.value,
        value=found.value,
        tail=found.tail,
        end=len(data),
        note=(found.tail, found.tail),
        body=body,
        fixed=found.fixed,
    )


FORMAT = Format(name="yaml", scan=scan, read=read, null="p:null")
