"""A renamed service in files that somebody edited: its old name becomes the new one where it means the service.

What bakegen rendered is rendered anew; this is for what a person wrote around it, and for the edits inside. A word
that merely looks like the name (a label, a comment, an argument of one's own) stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from bakegen.merge.file import format_of
from bakegen.merge.splice import Splice, splice
from bakegen.merge.tree import Node, NotUnderstood
from bakegen.model import Service

# The pnpm workspace's own files name a service by its path alone.
WORKSPACE = frozenset({"pnpm-lock.yaml", "pnpm-workspace.yaml", "tsconfig.json", "workspace.Dockerfile.dockerignore"})


def renamed(path: PurePosixPath, text: bytes, old: Service, new: Service) -> bytes:
    """The text of a generated file, or of what bakegen rendered for it, with the service's new name.

    A file that no scanner understands is given back as it is: merging it will say so.
    """
    name = path.name
    workspace = name in WORKSPACE and len(path.parts) == 1
    try:
        if name.endswith(".hcl"):
            return splice(text, _bake(text, old, new))
        if name.endswith((".yaml", ".yml")) and len(path.parts) == 1 and not workspace:
            return splice(text, _compose(text, old, new))
    except NotUnderstood:
        return text
    if name.startswith(".env"):
        text = re.sub(rb"(?m)^(# )%s(?=\r?$)" % _bytes(old.name), rb"\g<1>" + new.name.encode(), text)  # its heading
        return re.sub(rb"(?m)^((?:# )?)%s(?=_PORT=)" % _bytes(old.variable), rb"\g<1>" + new.variable.encode(), text)
    if workspace or path.is_relative_to(new.path) or path.is_relative_to(old.path):
        return _paths(text, old, new)
    return text


def _bake(text: bytes, old: Service, new: Service) -> Iterator[Splice]:
    """Labels, members of groups, `inherits`, `target:` contexts, and what the service's own targets say of it."""
    names = {old.name: new.name, f"{old.name}-test": f"{new.name}-test"}
    quoted = rb'"(target:)?(%s)"' % b"|".join(_bytes(name) for name in names)

    def literal(match: re.Match[bytes]) -> bytes:
        return b'"%s%s"' % (match[1] or b"", names[match[2].decode()].encode())

    for block in _children(_scan(PurePosixPath("docker-bake.hcl"), text)):
        mine = block.key in {f'target "{name}"' for name in names}
        if mine and block.body is not None:
            header = text[block.head : block.body.open]
            yield Splice(block.head, block.body.open, re.sub(quoted, literal, header))
        for entry in _children(block):
            references = entry.key in {"targets", "inherits", "contexts"}
            if not mine and not references:
                continue
            before = text[entry.value : entry.tail]
            after = re.sub(quoted if references else rb"(?<=\()" + quoted, literal, before)
            after = _paths(after, old, new) if mine else after
            if after != before:
                yield Splice(entry.value, entry.tail, after)


def _compose(text: bytes, old: Service, new: Service) -> Iterator[Splice]:
    """The service's key, `depends_on` and `links`, its host name in addresses, its volumes, port and paths."""
    top = {node.key: node for node in _children(_scan(PurePosixPath("compose.yaml"), text))}
    volumes = re.compile(rb"(?<![\w.-])%s_(?=\w)" % _bytes(old.name))
    host = re.compile(rb"(?<=[/@])%s(?=[:/\"']|$)" % _bytes(old.name))
    port = re.compile(rb"\b%s_(?=(?:PORT|URL)\b)" % _bytes(old.variable))
    word = re.compile(rb"(?<![\w.-])%s(?![\w.-])" % _bytes(old.name))
    for service in _children(top.get("services")):
        mine = service.key == old.name
        if mine:
            yield Splice(service.head, service.head + len(old.name), new.name.encode())
        for entry in _children(service):
            before = after = text[entry.value : entry.tail]
            if entry.key in {"depends_on", "links"}:
                after = word.sub(new.name.encode(), after)
            elif entry.key == "environment":
                after = port.sub(f"{new.variable}_".encode(), host.sub(new.name.encode(), after))
            elif mine:
                after = port.sub(f"{new.variable}_".encode(), volumes.sub(f"{new.name}_".encode(), after))
                after = re.sub(rb"(?<=-)%s(?=:)" % _bytes(old.name), new.name.encode(), _paths(after, old, new))
            if after != before:
                yield Splice(entry.value, entry.tail, after)
    for volume in _children(top.get("volumes")):
        if volumes.match(volume.key.encode()):
            yield Splice(volume.head, volume.head + len(old.name), new.name.encode())


def _scan(path: PurePosixPath, text: bytes) -> Node | None:
    """The tree of a file; its scanner is loaded only for a service that was renamed."""
    form = format_of(path)
    return None if form is None else form.scan(text)


def _children(node: Node | None) -> list[Node]:
    body = None if node is None else node.body
    return [] if body is None else [child for child in body.children if not child.comment]


def _paths(text: bytes, old: Service, new: Service) -> bytes:
    if old.path == new.path:
        return text
    return re.sub(rb"(?<![\w.-])%s(?![\w-])" % _bytes(str(old.path)), str(new.path).encode(), text)


def _bytes(text: str) -> bytes:
    return re.escape(text.encode())
