"""What must be in the edited files of hosts: each process's entry and its variables, wherever bakegen's own text has them.

It compares names, and knows no host: changed values, more entries, comments and another order are hand edits, and so is
whatever else was taken out. Each document of a manifest is an entry, whatever it makes. An item or document may have a
name of one's own where it runs the image of the one that is missing, and variables may come from elsewhere. A service's
port is that of the project file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from bakegen.adopt import files
from bakegen.errors import UserError
from bakegen.finding import Finding, way_back
from bakegen.merge.file import format_of
from bakegen.merge.tree import Node, NotUnderstood
from bakegen.model import Project
from bakegen.tree import HOSTS, Source

Place = tuple[str, ...]
# What brings variables from elsewhere where somebody adds it: an anchor, a file, another object, a group of them.
ELSEWHERE = frozenset({"<<", "env_file", "envFrom", "envs", "fromGroup", "..."})
# A port by itself: `internal_port = 8000`, `"port": 8000`, `containerPort: 8000`.
NUMBER = re.compile(rb"[\"']?\w*[pP]ort[\"']?\s*[:=]\s*([0-9]+)")
# A document by what it makes, in a namespace or in that which the overlay says: `Deployment/api`.
DOCUMENT = re.compile(r"([A-Z]\w*/)(?:[^/]+/)?([^/]+)")


def judged(project: Project, sources: Mapping[PurePosixPath, Source]) -> frozenset[PurePosixPath]:
    """The files of hosts that are judged: what hosts bring, but for what was there before."""
    return frozenset(
        path for path, source in sources.items() if source.folder.startswith(HOSTS) and path not in project.adopted
    )


def check(
    project: Project,
    texts: Mapping[PurePosixPath, bytes | None],
    rendered: Mapping[PurePosixPath, bytes],
) -> tuple[Finding, ...]:
    """A finding for each file that is gone (None), and each entry or variable that `rendered` has and the text has not.

    And for each that is no file of its format, and where two containers of a Compose file want one port. What our scanners
    do not take is not judged further.
    """
    found: list[Finding] = []
    for path, text in texts.items():
        command = way_back(project, path)
        if text is None:
            hint = f"get it back: {command}; or do without it: bakegen unmanage {path}"
            found.append(Finding(where=str(path), message="the file is gone", hint=hint))
            continue
        if where := _fault(path, text):
            message = f"not {path.suffix[1:].upper()} that can be read"
            found.append(Finding(where=where, message=message, hint=f"mend it, or: {command}"))
            continue
        hint = f"put it back, or let bakegen do it: {command}"
        found += [
            Finding(where=str(path), message=message, hint=hint)
            for message in _messages(project, path, rendered[path], text)
        ]
        found += _rivals(path, text) if files.is_compose(path) else []
    return tuple(found)


def _fault(path: PurePosixPath, text: bytes) -> str | None:
    """Where a file is not of its format, by the line if that is known; None for one that can be read."""
    form = format_of(path)
    if form is None:
        return None
    try:
        form.read(text)
    except ValueError:
        try:
            form.scan(text)
        except NotUnderstood as error:
            line = text.count(b"\n", 0, error.offset) + 1
            return f"{path}:{line}"
        return str(path)
    return None


def _rivals(path: PurePosixPath, text: bytes) -> list[Finding]:
    """A finding for each two containers of a Compose file that want one port of the machine."""
    from bakegen import compose

    hint = "publish another port, or none"
    try:
        rivals = compose.rivals(text, str(path))
    except UserError:
        return []
    messages = (
        f"services.{one} publishes {port}, and has replicas"
        if one == other
        else f"services.{one} and services.{other} both publish {port}"
        for one, other, port in rivals
    )
    return [Finding(where=str(path), message=message, hint=hint) for message in messages]


def _messages(project: Project, path: PurePosixPath, rendered: bytes, text: bytes) -> Iterator[str]:
    form = format_of(path)
    try:
        wanted, there = (
            dict(_lines(each, project) if form is None else _places(form.scan(each), each, ()))
            for each in (rendered, text)
        )
    except NotUnderstood:
        return
    for place in _missing(project, wanted, there):
        yield f"{' > '.join(place)} is missing"
    for place, port in _other_ports(project, wanted, there):
        yield f"{' > '.join(place)} is not its port, {port}"


def _missing(project: Project, wanted: Mapping[Place, bytes], there: Mapping[Place, bytes]) -> Iterator[Place]:
    variables = {each.name for service in project.services for each in project.environment(service)}
    entries = _entries(project, wanted)
    added = {place: entry for place, entry in there.items() if place not in wanted}
    settled: list[Place] = []
    for place, entry in wanted.items():
        if place in there or any(place[: len(each)] == each for each in settled):
            continue
        if place in entries:
            settled.append(place)
            if not _has_another_name(project, place, entry, added):
                yield place
        elif place[-1] in variables and not any(_brings(each, place) for each in added):
            yield place


def _has_another_name(project: Project, place: Place, entry: bytes, added: Mapping[Place, bytes]) -> bool:
    """Whether an item or document that somebody added beside an entry runs the image that the entry runs."""
    names = "|".join(re.escape(service.name) for service in project.services)
    image = re.compile(rf"{re.escape(project.images)}}}?-({names})(?![\w-])".encode())
    items = (text for each, text in added.items() if each[:-1] == place[:-1] and not _is_keyed(each, text))
    runs = {match[1] for match in image.finditer(entry)}
    return any(match[1] in runs for text in items for match in image.finditer(text))


def _other_ports(
    project: Project, wanted: Mapping[Place, bytes], there: Mapping[Place, bytes]
) -> Iterator[tuple[Place, str]]:
    """Where another number stands in the place of a service's port, as after a change of that without this file."""
    ports = {str(service.port) for service in project.services}
    for place, entry in wanted.items():
        number = NUMBER.fullmatch(entry)
        if number and number[1].decode() in ports:
            other = NUMBER.fullmatch(there.get(place, b""))
            if other and other[1] != number[1]:
                yield place, number[1].decode()
        elif place[-1] in ports and place not in there:  # Compose: a port is known by that of the container
            yield from (
                (each, place[-1])
                for each in there
                if each[:-1] == place[:-1] and each not in wanted and each[-1].isdecimal()
            )


def _entries(project: Project, places: Iterable[Place]) -> frozenset[Place]:
    """The documents of a manifest; in any other file what bears a process's name, nowhere deeper than at its first."""
    documents = frozenset(place for place in places if len(place) == 1 and DOCUMENT.fullmatch(place[0]))
    if documents:
        return documents
    processes = sorted((process.name for process in project.processes), key=len, reverse=True)
    owners = {place: owner for place in places if (owner := _owner(place[-1], processes))}
    depth = {name: min(len(place) for place, each in owners.items() if each == name) for name in set(owners.values())}
    return frozenset(place for place, name in owners.items() if len(place) == depth[name])


def _is_keyed(place: Place, entry: bytes) -> bool:
    """Whether an entry is that of a map, by whose key others find it, and no item of a list."""
    return entry.lstrip(b"\"'").startswith(place[-1].encode())


def _brings(added: Place, variable: Place) -> bool:
    """Whether what somebody added brings variables into that which the variable is in."""
    at = next((index for index, part in enumerate(added) if part in ELSEWHERE), 0)
    around = added[: at - added[at - 1].startswith("{")]  # without the item of a list that it is in
    return at > 0 and variable[: len(around)] == around


def _owner(key: str, processes: Iterable[str]) -> str:
    """The process whose name a key is, as `api`, `shop-api`, `Deployment/api`, `api.yaml`: the longest that fits."""
    ends = (name for name in processes if re.search(rf"(?:^|[-/]){re.escape(name)}(?:\.yaml)?$", key))
    return next(ends, "")


def _places(node: Node, text: bytes, above: Place) -> Iterator[tuple[Place, bytes]]:
    """The keys that lead to each node of a file, and the node's text."""
    for child in node.body.children if node.body is not None else ():
        if not child.comment:
            place = (*above, _key(child.key))
            yield place, text[child.head : child.tail]
            yield from _places(child, text, place)


def _key(key: str) -> str:
    """A key without what may be left out: the namespace of a document, `./` before a path."""
    document = DOCUMENT.fullmatch(key)
    return "".join(document.groups()) if document else key.removeprefix("./")


def _lines(text: bytes, project: Project) -> Iterator[tuple[Place, bytes]]:
    """The same of code: first arguments that are a process's name, below each what is assigned or spread at the start of
    a line.
    """
    processes = "|".join(re.escape(process.name) for process in project.processes)
    above: Place = ()
    for line in text.decode("utf-8", "replace").splitlines():
        if name := re.search(rf"(?:^\s*\w*|\w\()[\"']({processes})[\"'](?:,|\))", line):
            above = (name[1],)
            yield above, b""
        elif variable := re.match(r"\s*(?:[\"']?([A-Z]\w*)[\"']?:|(\.\.\.))", line):
            yield (*above, variable[1] or variable[2]), b""
