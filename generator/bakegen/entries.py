"""What must be in the edited files of hosts: each process's entry and its variables, wherever bakegen's own text has them.

It compares names, and knows no host: changed values, more entries, comments and another order are hand edits, and so is
whatever else was taken out. The item of a list may have a name of one's own where it runs the service's image, and
variables may come from elsewhere. A service's port is that of the project file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from bakegen.contract import Finding, way_back
from bakegen.merge.file import format_of
from bakegen.merge.tree import Node, NotUnderstood
from bakegen.model import Project
from bakegen.tree import HOSTS, Source

Place = tuple[str, ...]
# What brings variables from elsewhere where somebody adds it: an anchor, a file, another object, a group of them.
ELSEWHERE = frozenset({"<<", "env_file", "envFrom", "envs", "fromGroup", "..."})
# A port by itself: `internal_port = 8000`, `"port": 8000`, `containerPort: 8000`.
NUMBER = re.compile(rb"[\"']?\w*[pP]ort[\"']?\s*[:=]\s*([0-9]+)")


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

    A file that our scanners do not take is not judged.
    """
    found: list[Finding] = []
    for path, text in texts.items():
        command = way_back(project, path)
        if text is None:
            hint = f"get it back: {command}; or do without it: bakegen unmanage {path}"
            found.append(Finding(where=str(path), message="the file is gone", hint=hint))
            continue
        hint = f"put it back, or let bakegen do it: {command}"
        found += [
            Finding(where=str(path), message=message, hint=hint)
            for message in _messages(project, path, rendered[path], text)
        ]
    return tuple(found)


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
    added = {place: entry for place, entry in there.items() if place not in wanted}
    settled: list[Place] = []
    for place, image in _named(project, wanted):
        if place in there or any(place[: len(each)] == each for each in settled):
            continue
        if image is None:
            if not any(_brings(each, place) for each in added):
                yield place
            continue
        settled.append(place)
        items = (entry for each, entry in added.items() if each[:-1] == place[:-1] and not _is_keyed(each, entry))
        if not any(image.search(entry) for entry in items):
            yield place


def _other_ports(
    project: Project, wanted: Mapping[Place, bytes], there: Mapping[Place, bytes]
) -> Iterator[tuple[Place, str]]:
    """Where another number stands in the place of a service's port, as after a change of that without this file."""
    ports = {str(service.port) for service in project.services if service.port is not None}
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


def _named(project: Project, places: Iterable[Place]) -> Iterator[tuple[Place, re.Pattern[bytes] | None]]:
    """Those that are a process's entry, with its image: the first of each collection that has its name; and variables."""
    variables = {each.name for service in project.services for each in project.environment(service)}
    images = {
        each.name: re.compile(rf"{re.escape(project.images)}}}?-{re.escape(each.service.name)}(?![\w-])".encode())
        for each in sorted(project.processes, key=lambda process: -len(process.name))
    }
    owners = {place: _owner(place[-1], images) for place in places}
    depth: dict[str, int] = {}
    for place, name in owners.items():
        depth[name] = min(len(place), depth.get(name, len(place)))
    seen: set[tuple[str, Place]] = set()
    for place, name in owners.items():
        if name and len(place) == depth[name] and (name, place[:-1]) not in seen:
            seen.add((name, place[:-1]))
            yield place, images[name]
        if place[-1] in variables:
            yield place, None


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
            yield (*above, child.key), text[child.head : child.tail]
            yield from _places(child, text, (*above, child.key))


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
