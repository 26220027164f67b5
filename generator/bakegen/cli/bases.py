"""Where the text that bakegen rendered last is found again, so that an edited file can be merged.

In this order, each verified by the hash in the lock: rendered again from what the lock says, the copy that a run left
in `.bakegen/base/`, git's history. Else what this version renders from the lock is the best guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bakegen import git, lock
from bakegen.lock import digest, moved
from bakegen.merge.region import regions
from bakegen.plan import COPIES, Base

if TYPE_CHECKING:
    from bakegen.cli.session import Session

LOCKS = 8  # how many locks are rendered again in search of a base


class Bases:
    """Looks for bases only when a file turns out to be edited, and renders at most once.

    `origins` are the old paths of folders that the plan at hand moves.
    """

    def __init__(self, session: Session, origins: Mapping[PurePosixPath, PurePosixPath]) -> None:
        self.session = session
        self.origins = origins

    @cached_property
    def rendered(self) -> Mapping[PurePosixPath, bytes]:
        """What this version renders from what the lock says."""
        before = self.session.before
        return {} if before is None else {path: file.text for path, file in self.session.render(before).items()}

    def find(self, key: str, hashes: frozenset[str]) -> tuple[Base, ...]:
        """What was rendered last at a key of the lock, a path or `path#region`; several after branches were merged."""
        path, _, region = key.partition("#")
        place = moved(PurePosixPath(path), self.origins)
        again = self.rendered.get(place)
        if again is not None and region:
            again = regions(again).get(region)
        texts = [self._one(place, region, again, wanted) for wanted in sorted(hashes)]
        found = tuple(Base(text) for text in texts if text is not None)
        before = self.session.before
        if found:
            return found
        if before is not None and place in before.adopted:
            return (Base(b""),)
        return () if again is None or not hashes else (Base(again, known=False),)

    def _one(self, place: PurePosixPath, region: str, again: bytes | None, wanted: str) -> bytes | None:
        """The text with one hash."""
        if again is not None and digest(again) == wanted:
            return again
        copy = self.session.workspace.read(COPIES / wanted)
        if copy is not None and digest(copy) == wanted:
            return copy
        return self._in_history(place, region, frozenset({wanted}))

    def _in_history(self, place: PurePosixPath, region: str, hashes: frozenset[str]) -> bytes | None:
        """An earlier version of the file, or what an earlier lock renders: an edit may have been in its first commit."""
        found = None if region else git.find_blob(self.session.workspace.root, place, hashes)
        if found is not None:
            return found
        for tree in self.earlier:
            text = tree.get(place)
            text = regions(text).get(region) if text is not None and region else text
            if text is not None and digest(text) in hashes:
                return text
        return None

    @cached_property
    def earlier(self) -> list[Mapping[PurePosixPath, bytes]]:
        """What this version renders from the newest locks in history that it wrote."""
        found: list[Mapping[PurePosixPath, bytes]] = []
        for data in islice(git.versions(self.session.workspace.root, lock.FILE), LOCKS):
            stated = lock.load(data)
            project = self.session.described(stated) if stated.version == self.session.catalog.version else None
            if project is not None:
                found.append({path: file.text for path, file in self.session.render(project).items()})
        return found
