"""Seeded files: written when their owner is new to the lock, and the user's from then on.

Two things of them are bakegen's for longer: named regions, and what nobody has edited when a service gets another
option. Its stack seeds other files then (a lock file of another package manager): those that are new are written, and
unedited ones become what they would be now. A file that somebody edited stays, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from bakegen import project_document
from bakegen.draft import Draft, with_newlines_of
from bakegen.edited import merged_regions
from bakegen.lock import digest
from bakegen.merge.region import regions, replace
from bakegen.tree import File


def seed(draft: Draft, path: PurePosixPath, file: File) -> None:
    """Decide what becomes of a seeded file."""
    ours, known = draft.ours[path], draft.lock.hashes.get(str(path))
    contents = regions(file.text)
    as_seeded = replace(file.text, dict.fromkeys(contents, b""))
    seeded = frozenset({digest(as_seeded)})
    draft.hashes[str(path)] = known or seeded
    for name, content in contents.items():
        draft.hashes[f"{path}#{name}"] = frozenset({digest(content)})
    chosen = draft.chosen(file.service)
    if (
        (path in draft.wish.anew and not contents)
        or (ours is None and (_is_new(draft, file) or (chosen and known is None)))
        or (ours is not None and chosen and known and digest(ours) in known)
    ):
        draft.changes[path] = file.text if ours is None else with_newlines_of(ours, file.text)
        draft.hashes[str(path)] = seeded
    elif contents and ours is not None:
        _regions(draft, path, ours, contents)
    elif ours is not None and chosen and known != seeded and digest(ours) not in seeded:
        way = f"bring it in line, or take bakegen's: bakegen sync --only {path} --discard-edits"
        draft.notes.append(f"{path} is yours, and stays as it was before {chosen}: {way}")


def _is_new(draft: Draft, file: File) -> bool:
    """Whether the owner of a seeded file, a service, a package or (None) the project, is new to the lock.

    Without a readable lock nobody can tell, so only an owner of which not one file is there counts as new.
    """
    folder = file.package if file.service is None else file.service.path
    if folder is None:
        return not draft.lock.readable and draft.ours[project_document.FILE] is None
    if not draft.lock.readable:
        return not any(text is not None and path.is_relative_to(folder) for path, text in draft.ours.items())
    if file.service is not None:
        return file.service.name not in draft.lock.services
    return not any(PurePosixPath(key).is_relative_to(folder) for key in draft.lock.hashes)


def _regions(draft: Draft, path: PurePosixPath, ours: bytes, contents: Mapping[str, bytes]) -> None:
    """The named regions of a file that is the user's: unedited ones become theirs, edited ones are merged."""
    present = regions(ours)
    bases: dict[str, bytes | None] = {}
    wanted: dict[str, bytes] = {}
    for name in contents.keys() & present.keys():
        hashes = draft.lock.hashes.get(f"{path}#{name}", frozenset())
        theirs = digest(contents[name])
        anew = path in draft.wish.anew
        if digest(present[name]) == theirs:
            continue
        if hashes == {theirs} and not anew:
            draft.kept.append(path)
            continue
        wanted[name] = with_newlines_of(ours, contents[name])
        if anew or digest(present[name]) in hashes:
            bases[name] = present[name]
        else:
            found = draft.sides.find_base(f"{path}#{name}", hashes)
            bases[name] = found[0].text if found and found[0].known else None
    if wanted:
        draft.take(path, merged_regions(path, bases, ours, wanted, favor=draft.wish.favor))
