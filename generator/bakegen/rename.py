"""A renamed service in files that somebody edited: its old name becomes the new one where it means the service.

What bakegen rendered is rendered anew; this is for what a person wrote around it, and for the edits inside. A word
that merely looks like the name (a label, a comment, an argument of one's own) stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from bakegen.adopt import files
from bakegen.lock import moved
from bakegen.merge.file import format_of
from bakegen.merge.splice import Splice, splice
from bakegen.merge.tree import Node, NotUnderstood
from bakegen.model import Project, Service

Edits = Callable[[bytes, Service, Service], Iterator[Splice]]
# The pnpm workspace's own files name a service by its path alone.
WORKSPACE = frozenset({"pnpm-lock.yaml", "pnpm-workspace.yaml", "tsconfig.json", "workspace.Dockerfile.dockerignore"})
IMAGES = {"cache-from", "cache-to", "image", "output", "tags"}  # a path has nothing to do there

# Around a name: the rest of its word; behind one that is a whole word, what tells a key from a value.
LEFT, RIGHT, AFTER = re.compile(rb"[\w.-]*\Z"), re.compile(rb"[\w.-]*"), re.compile(rb"[\"']?:?")
ADDRESS = (b"//",)


def project(before: Project, renames: Iterable[tuple[Service, Service]]) -> Project:
    """A project with the new names and paths of services, in what they need too, and nothing else changed."""
    names, folders = {}, {}
    for old, new in renames:
        names[old.name], folders[old.path] = new.name, new.path
    services = [
        replace(
            service,
            name=names.get(service.name, service.name),
            path=moved(service.path, folders),
            needs=tuple(sorted(names.get(need, need) for need in service.needs)),
            build=replace(
                service.build,
                context=service.build.context and str(moved(PurePosixPath(service.build.context), folders)),
                dockerfile=service.build.dockerfile and moved(service.build.dockerfile, folders),
            ),
        )
        for service in before.services
    ]
    return replace(before, services=tuple(sorted(services, key=lambda service: service.name)))


def renamed(
    path: PurePosixPath, text: bytes, old: Service, new: Service, *, base: bytes = b"", theirs: bytes = b""
) -> bytes:
    """The text of a generated file, or of what bakegen rendered for it, with the service's new name.

    `base` and `theirs` are what bakegen rendered with the old name and with the new. A file that no scanner understands
    is given back as it is: merging it will say so.
    """
    text, base = (_structure(path, each, old, new) for each in (text, base))
    return splice(text, _words(text, old, new, base, theirs))


def _structure(path: PurePosixPath, text: bytes, old: Service, new: Service) -> bytes:
    """The text with what is known of its format renamed, and the paths of the service's own files."""
    edits = _edits_of(path)
    if edits is not None:
        try:
            return splice(text, edits(text, old, new))
        except NotUnderstood:
            return text
    if _is_workspace(path) or path.is_relative_to(new.path) or path.is_relative_to(old.path):
        return _paths(text, old, new)
    return text


def _edits_of(path: PurePosixPath) -> Edits | None:
    if path.name.endswith(".hcl"):
        return _bake
    if path in files.BAKE:
        return _bake_json
    if path.name == "kustomization.yaml":
        return _kustomization
    return _compose if files.is_compose(path) else None


def _is_workspace(path: PurePosixPath) -> bool:
    return path.name in WORKSPACE and len(path.parts) == 1


def _bake(text: bytes, old: Service, new: Service) -> Iterator[Splice]:
    """Labels, members of groups, `inherits`, `target:` contexts, and what the service's own targets say of it."""
    names = _targets(old, new)
    for block in _children(_scan(PurePosixPath("docker-bake.hcl"), text)):
        mine = block.key.encode() in {b'target "%s"' % name for name in names}
        if mine and block.body is not None:
            label = re.compile(rb'(?<=[\s"])(%s)(?=[\s"{])' % _any(names))
            header = label.sub(lambda match: names[match[1]], text[block.head : block.body.open], count=1)
            yield Splice(block.head, block.body.open, header)
        yield from _target(text, block, old, new, mine=mine)


def _bake_json(text: bytes, old: Service, new: Service) -> Iterator[Splice]:
    """The same where blocks are entries of objects."""
    names = _targets(old, new)
    for kind in _children(_scan(PurePosixPath("docker-bake.json"), text)):
        for block in _children(kind) if kind.key in {"group", "target"} else ():
            mine = kind.key == "target" and block.key.encode() in names
            if mine:
                header = b'"%s"' % names[block.key.encode()]
                yield Splice(block.head, block.head + len(block.key) + 2, header)
            yield from _target(text, block, old, new, mine=mine)


def _target(text: bytes, block: Node, old: Service, new: Service, *, mine: bool) -> Iterator[Splice]:
    """What the attributes of a target or group say of the service."""
    names = _targets(old, new)
    quoted = re.compile(rb'"(target:)?(%s)"' % _any(names))
    argument = re.compile(rb"(?<=\()" + quoted.pattern)
    for entry in _children(block):
        references = entry.key in {"targets", "inherits", "contexts"}
        if not mine and not references:
            continue
        before = text[entry.value : entry.tail]
        pattern = quoted if references else argument
        after = pattern.sub(lambda match: b'"%s%s"' % (match[1] or b"", names[match[2]]), before)
        if mine:
            after = _image(after, old, new) if entry.key in IMAGES else _paths(after, old, new)
        if after != before:
            yield Splice(entry.value, entry.tail, after)


def _targets(old: Service, new: Service) -> dict[bytes, bytes]:
    return {old.name.encode(): new.name.encode(), f"{old.name}-test".encode(): f"{new.name}-test".encode()}


def _compose(text: bytes, old: Service, new: Service) -> Iterator[Splice]:
    """The key of the service, what else names services by their keys, its host name in addresses, and its image and
    paths where something of it runs. What bakegen itself wrote of its processes, volumes and ports are words like others.
    """
    word = re.compile(rb"(?<![\w.:-])%s(?![\w.-])" % _bytes(old.name))
    shared = re.compile(rb"(?<=\bservice:)%s(?![\w.-])" % _bytes(old.name))
    host = re.compile(rb"(?:(?<=//)|(?<=@))%s(?=[:/\"'\s]|$)" % _bytes(old.name))
    url = re.compile(rb"\b%s(?=_URL\b)" % _bytes(old.variable))
    mine = {f"{old.name}{end}" for end in _ends(old, "_pre_deploy", "_replicas")}
    top = {node.key: node for node in _children(_scan(PurePosixPath("compose.yaml"), text))}
    for service in _children(top.get("services")):
        if service.key == old.name:
            yield Splice(service.head, service.head + len(service.key), new.name.encode())
        for entry in _children(service):
            before = after = text[entry.value : entry.tail]
            if entry.key in {"depends_on", "links", "volumes_from"} or (
                entry.key == "extends" and b"file" not in before
            ):
                after = word.sub(new.name.encode(), after)
            elif entry.key in {"ipc", "network_mode", "pid"}:
                after = shared.sub(new.name.encode(), after)
            elif entry.key == "environment":
                after = url.sub(new.variable.encode(), host.sub(new.name.encode(), after))
            elif service.key in mine:
                after = _image(after, old, new) if entry.key in IMAGES else _paths(after, old, new)
            if after != before:
                yield Splice(entry.value, entry.tail, after)


def _kustomization(text: bytes, old: Service, new: Service) -> Iterator[Splice]:
    """What `patches` and `replicas` are for: a patch of a name that is not there does nothing, and nobody says so."""
    ends = _any(end.encode() for end in _ends(old, "-pre-deploy"))
    name = re.compile(rb"(\bname: *[\"']?(?:to-)?)%s(?=(?:%s)[\"']?(?:[\s,}]|$))" % (_bytes(old.name), ends))
    for entry in _children(_scan(PurePosixPath("kustomization.yaml"), text)):
        if entry.key in {"patches", "replicas"}:
            before = text[entry.value : entry.tail]
            after = name.sub(lambda match: match[1] + new.name.encode(), before)
            if after != before:
                yield Splice(entry.value, entry.tail, after)


def _words(text: bytes, old: Service, new: Service, base: bytes, theirs: bytes) -> Iterator[Splice]:
    """The name in words and lines in which `theirs` has the new one where `base` has the old."""
    if old.name == new.name:
        return
    names = {old.name.encode(): new.name.encode(), old.variable.encode(): new.variable.encode()}
    known = {place for _, place in _places(base, names)} & {
        place for _, place in _places(theirs, {name: name for name in names.values()})
    }
    for match, place in _places(text, names):
        if place in known:
            yield Splice(*match.span(), names[match[0]])


def _places(text: bytes, names: Mapping[bytes, bytes]) -> Iterator[tuple[re.Match[bytes], Sequence[bytes]]]:
    """Each of the names in a text, and what is around it: the rest of its word, or if it is a whole word, of its line."""
    pattern = re.compile(rb"(?<![A-Za-z0-9])(?:%s)(?![A-Za-z0-9])" % _any(names))
    for match in pattern.finditer(text):
        line = text[text.rfind(b"\n", 0, match.start()) + 1 : match.start()].lstrip()
        left, right = LEFT.search(line)[0], RIGHT.match(text, match.end())[0]  # type: ignore[index]
        kind = names[match[0]]
        if left or right:
            yield match, (kind, left, right)
        elif line.endswith(b"//"):
            yield match, ADDRESS
        else:
            before = pattern.sub(lambda found: names[found[0]], line)
            yield match, (kind, before, AFTER.match(text, match.end())[0])  # type: ignore[index]  # it may be empty


def _ends(service: Service, *more: str) -> list[str]:
    """What follows the name of a service in the names of all that runs for it, as on every host, and some more."""
    return ["", *more, *(f"-{process}" for process in service.run.processes)]


def _scan(path: PurePosixPath, text: bytes) -> Node:
    """The tree of a file; its scanner is loaded only for a service that was renamed."""
    return format_of(path).scan(text)  # type: ignore[union-attr]  # it is of a known format


def _children(node: Node | None) -> list[Node]:
    body = None if node is None else node.body
    return [] if body is None else [child for child in body.children if not child.comment]


def _image(text: bytes, old: Service, new: Service) -> bytes:
    """An image's name that ends with the service's."""
    return re.sub(rb"(?<=-)%s(?=:)" % _bytes(old.name), new.name.encode(), text)


def _paths(text: bytes, old: Service, new: Service) -> bytes:
    if old.path == new.path:
        return text
    # One folder's name may be anything behind a slash: the end of an address, a folder in the container.
    behind = rb"" if len(old.path.parts) > 1 else rb"(?<!\w/)"
    return re.sub(rb"(?<![\w.-])%s%s(?![\w-])" % (behind, _bytes(str(old.path))), str(new.path).encode(), text)


def _any(names: Iterable[bytes]) -> bytes:
    return b"|".join(re.escape(name) for name in names)


def _bytes(text: str) -> bytes:
    return re.escape(text.encode())
