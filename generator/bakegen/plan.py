"""base, ours, theirs -> Plan: what would be written, and what stands in the way. Pure, and all or nothing.

base is what the lock says was rendered last, ours the files in the tree, theirs the new rendering. An unedited file
becomes theirs; an edited one is kept as long as bakegen has nothing new for it, and is a conflict otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from pathlib import PurePosixPath

from bakegen import lock as lock_file
from bakegen import project_file, project_reader
from bakegen.catalog import Catalog
from bakegen.lock import Hashes, Lock, digest
from bakegen.merge.region import regions, replace
from bakegen.merge.splice import line_of, newline_of
from bakegen.model import Project, Service
from bakegen.tree import File, Tree

Ours = Mapping[PurePosixPath, bytes | None]
LEAVE = (
    "take your edit out (git stash), run the command again and put it back; "
    "or list the file under `unmanaged` in bakegen.toml and make the change by hand"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One file: None as `before` is a new file, None as `after` a removed one."""

    path: PurePosixPath
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A file that bakegen must change and somebody edited. `line` is the first that differs, from 1; `sides` shows it."""

    path: PurePosixPath
    line: int
    message: str
    ours: bytes | None
    theirs: bytes | None
    sides: tuple[str, str]
    hint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Changes sorted by path, conflicts, and the edited files that stay as they are. Write only without conflicts."""

    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...] = ()
    kept: tuple[PurePosixPath, ...] = ()


@dataclass(kw_only=True)
class _Draft:
    ours: Ours
    lock: Lock
    hashes: dict[str, frozenset[str]] = field(default_factory=dict)
    changes: dict[PurePosixPath, bytes | None] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    kept: list[PurePosixPath] = field(default_factory=list)


def paths(lock: Lock, theirs: Tree) -> set[PurePosixPath]:
    """The paths whose present bytes a plan depends on."""
    locked = {PurePosixPath(path.partition("#")[0]) for path in lock.hashes}
    return {lock_file.FILE, project_reader.FILE, *locked, *theirs}


def make(
    project: Project, catalog: Catalog, lock: Lock, theirs: Tree, ours: Ours, *, delete: frozenset[str] = frozenset()
) -> Plan:
    """The plan that brings the tree in step with the project.

    `ours` holds each path of `paths` (None: no such file); `delete` names services whose files go with them.
    The project file is part of theirs like any other file, but it is never a conflict: the caller edited it by spans.
    """
    draft = _Draft(ours=ours, lock=lock)
    for path, file in theirs.items():
        if path == project_reader.FILE:
            draft.changes[path] = file.text
        elif path in project.unmanaged:
            draft.kept += [path] if ours[path] is not None else []
        elif file.ownership == "managed":
            _managed(draft, path, file)
        else:
            _seeded(draft, path, file)
    for key in sorted(lock.hashes):
        path = PurePosixPath(key.partition("#")[0])
        if path not in theirs and path not in project.unmanaged:
            _gone(draft, path, delete)
    draft.changes[lock_file.FILE] = lock_file.dump(expected_lock(project, catalog, draft.hashes))
    changes = tuple(
        Change(path=path, before=ours[path], after=after)
        for path, after in sorted(draft.changes.items())
        if ours[path] != after
    )
    return Plan(changes=changes, conflicts=tuple(draft.conflicts), kept=tuple(draft.kept))


def expected_lock(project: Project, catalog: Catalog, hashes: Hashes) -> Lock:
    """The lock that says: this project was rendered by this version, with these hashes."""
    return Lock(
        version=catalog.version,
        pins=asdict(catalog.pins),
        project=project_file.project_answers(project),
        services={service.name: project_file.service_answers(service) for service in project.services},
        hashes=hashes,
    )


def _managed(draft: _Draft, path: PurePosixPath, file: File) -> None:
    ours, base = draft.ours[path], draft.lock.hashes.get(str(path), frozenset())
    theirs = digest(file.text)
    draft.hashes[str(path)] = frozenset({theirs})
    if ours is not None and digest(ours) == theirs:
        return
    if ours is None and not base:
        draft.changes[path] = file.text
    elif ours is not None and digest(ours) in base:
        draft.changes[path] = _with_newlines_of(ours, file.text)
    elif theirs in base:
        draft.kept += [] if ours is None else [path]
    else:
        message = "you deleted it, and it must change" if ours is None else _reason(draft.lock, base)
        draft.conflicts.append(_conflict(path, ours, file.text, message, LEAVE))


def _reason(lock: Lock, base: frozenset[str]) -> str:
    if base:
        return "you edited it, and it must change"
    return (
        "it is in the way of a generated file"
        if lock.readable
        else "it differs, and bakegen.lock is not there to tell why"
    )


def _seeded(draft: _Draft, path: PurePosixPath, file: File) -> None:
    ours, known = draft.ours[path], draft.lock.hashes.get(str(path))
    contents = regions(file.text)
    as_seeded = replace(file.text, dict.fromkeys(contents, b""))
    draft.hashes[str(path)] = known or frozenset({digest(as_seeded)})
    for name, content in contents.items():
        draft.hashes[f"{path}#{name}"] = frozenset({digest(content)})
    if ours is None:
        if _is_new(draft, file.service):
            draft.changes[path] = file.text
    elif contents:
        _regions(draft, path, ours, contents)


def _is_new(draft: _Draft, owner: Service | None) -> bool:
    """Whether a seeded file's owner, a service or (None) the project, is new to the lock.

    Without a readable lock nobody can tell, so only an owner of which not one file is there counts as new.
    """
    if draft.lock.readable:
        return owner is not None and owner.name not in draft.lock.services
    if owner is None:
        return draft.ours[project_reader.FILE] is None
    return not any(text is not None and path.is_relative_to(owner.path) for path, text in draft.ours.items())


def _regions(draft: _Draft, path: PurePosixPath, ours: bytes, contents: Mapping[str, bytes]) -> None:
    present = regions(ours)
    fresh: dict[str, bytes] = {}
    for name, theirs in contents.items():
        key = f"{path}#{name}"
        base = draft.lock.hashes.get(key, frozenset())
        if name not in present or digest(present[name]) == digest(theirs):
            continue
        if digest(present[name]) in base:
            fresh[name] = _with_newlines_of(ours, theirs)
        elif digest(theirs) in base:
            draft.kept.append(path)
        else:
            first = line_of(ours, ours.index(f"<!-- bakegen:{name} -->".encode())) + 1
            message = f"you edited the part between the bakegen:{name} marks, and it must change"
            hint = "move your text out of the marks, or delete the two marks to keep the part for yourself"
            draft.conflicts.append(_conflict(path, present[name], theirs, message, hint, first=first))
    if fresh:
        draft.changes[path] = replace(ours, fresh)


def _gone(draft: _Draft, path: PurePosixPath, delete: frozenset[str]) -> None:
    """A path that was rendered and is no longer: unedited files of the project and of deleted services go.

    Without a readable lock nobody can tell whose file it is, so it stays.
    """
    ours = draft.ours[path]
    owner = next(
        (name for name, answers in draft.lock.services.items() if path.is_relative_to(str(answers.get("path", "\0")))),
        None,
    )
    if ours is None or (owner not in delete if owner is not None else not draft.lock.readable):
        return
    if digest(ours) in draft.lock.hashes.get(str(path), frozenset()):
        draft.changes[path] = None
    elif path not in draft.kept:
        draft.kept.append(path)


def _with_newlines_of(ours: bytes, theirs: bytes) -> bytes:
    return theirs if newline_of(ours) == b"\n" else theirs.replace(b"\n", b"\r\n")


def _conflict(
    path: PurePosixPath, ours: bytes | None, theirs: bytes, message: str, hint: str, *, first: int = 1
) -> Conflict:
    """The conflict, at the first line that differs; `first` is the number of the line that `ours` begins with."""
    lines, others = ((text or b"").decode("utf-8", "replace").splitlines() for text in (ours, theirs))
    pairs = enumerate(zip_longest(lines, others))
    offset, sides = next(((offset, pair) for offset, pair in pairs if pair[0] != pair[1]), (0, (None, None)))
    shown = tuple("(nothing)" if side is None else side for side in sides)
    line = first + min(offset, max(len(lines) - 1, 0))
    return Conflict(
        path=path, line=line, message=message, ours=ours, theirs=theirs, sides=(shown[0], shown[1]), hint=hint
    )
