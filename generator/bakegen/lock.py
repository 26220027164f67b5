"""bakegen.lock: what bakegen rendered last, one self-contained JSON fact a line, sorted.

It never says what a file contains: after a hand edit the file has another hash, and that is how the edit is seen.
After git's union merge a path may have several hashes; a file is unedited if it has any of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

FILE = PurePosixPath("bakegen.lock")

Hashes = Mapping[str, frozenset[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """The facts. `hashes` maps a path, or `path#region`, to the hashes of what was rendered there.

    `others` holds what else is said of a service, where git merged two branches that both changed it.

    `readable` is false if the file was missing or any line of it was not understood: then nothing may be concluded
    from what it does not say.
    """

    version: str = ""
    pins: Mapping[str, Any] | None = None
    project: Mapping[str, Any] | None = None
    services: Mapping[str, Mapping[str, Any]]
    hashes: Hashes
    others: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    readable: bool = True


NO_LOCK = Lock(services={}, hashes={}, readable=False)


def digest(text: bytes) -> str:
    """The SHA-256 of text with uniform CRLF made LF, in hex."""
    crlf = text.count(b"\r\n")
    uniform = crlf and crlf == text.count(b"\n")
    return hashlib.sha256(text.replace(b"\r\n", b"\n") if uniform else text).hexdigest()


def load(data: bytes | None) -> Lock:
    """Read a lock. Never fails: what is damaged is left out and `readable` is false."""
    if data is None:
        return NO_LOCK
    facts: dict[str, Any] = {}
    services: dict[str, Mapping[str, Any]] = {}
    others: dict[str, tuple[Mapping[str, Any], ...]] = {}
    hashes: dict[str, frozenset[str]] = {}
    readable = True
    for line in data.splitlines():
        match _fact(line):
            case ["sha256", str(path), str(value)] if _possible(path):
                hashes[path] = hashes.get(path, frozenset()) | {value}
            case ["service", str(name), dict(answers)]:
                if services.get(name, answers) != answers:
                    others[name] = (*others.get(name, ()), services[name])
                services[name] = answers
            case ["bakegen" as key, str(value)] | ["pins" | "project" as key, dict(value)]:
                readable = readable and key not in facts
                facts[key] = value
            case _:
                readable = False
    if not {"bakegen", "pins", "project"} <= facts.keys():
        readable = False
    return Lock(
        version=str(facts.get("bakegen", "")),
        pins=facts.get("pins"),
        project=facts.get("project"),
        services=services,
        hashes=hashes,
        others=others,
        readable=readable,
    )


def dump(lock: Lock) -> bytes:
    """The lock as it is written: every line a JSON array, lines sorted."""
    facts: list[list[object]] = [["bakegen", lock.version], ["pins", lock.pins], ["project", lock.project]]
    facts += [["service", name, answers] for name, answers in lock.services.items()]
    facts += [["service", name, answers] for name, each in lock.others.items() for answers in each]
    facts += [["sha256", path, value] for path, values in lock.hashes.items() for value in values]
    return "".join(sorted(f"{_json(fact)}\n" for fact in facts)).encode()


def union(base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """The lock of two branches that were merged: what both say, what either added; what either took out is out.

    Lines are facts, so there is no conflict: a path that both rendered anew has two hashes, and both are right.
    """
    before, one, other = (set(data.splitlines()) for data in (base, ours, theirs))
    return b"".join(line + b"\n" for line in sorted((one & other) | ((one | other) - before)) if line)


def _json(fact: object) -> str:
    return json.dumps(fact, ensure_ascii=False, sort_keys=True, separators=(", ", ": "))


def _possible(path: str) -> bool:
    """Whether bakegen could have written this path: a damaged one must lead nowhere."""
    place = PurePosixPath(path)
    return path.isprintable() and place.parts != () and not place.is_absolute() and ".." not in place.parts


def _fact(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def completed(damaged: Lock, last: Lock) -> Lock:
    """What can still be read of a damaged lock, and for all else its last readable version."""
    keys = {*damaged.hashes, *last.hashes}
    hashes = {key: damaged.hashes.get(key, frozenset()) | last.hashes.get(key, frozenset()) for key in keys}
    return replace(last, services={**last.services, **damaged.services}, hashes=hashes)


def renamed(lock: Lock, names: Mapping[str, str], folders: Mapping[PurePosixPath, PurePosixPath]) -> Lock:
    """The lock as it would be if services and folders had had their new names all along."""
    services: dict[str, Mapping[str, Any]] = {}
    for name, answers in lock.services.items():
        path = moved(PurePosixPath(str(answers.get("path", ""))), folders)
        services[names.get(name, name)] = {**answers, "path": str(path)}
    others = {names.get(name, name): answers for name, answers in lock.others.items()}
    hashes: dict[str, frozenset[str]] = {}
    for key, values in lock.hashes.items():
        path_text, mark, region = key.partition("#")
        hashes[f"{moved(PurePosixPath(path_text), folders)}{mark}{region}"] = values
    return replace(lock, services=services, hashes=hashes, others=others)


def moved(path: PurePosixPath, folders: Mapping[PurePosixPath, PurePosixPath]) -> PurePosixPath:
    """Where a path is after its folder got another name."""
    for source, target in folders.items():
        if path.is_relative_to(source):
            return target / path.relative_to(source)
    return path
