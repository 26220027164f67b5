"""A plan while it is being made: what is decided so far of each path."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bakegen import rename
from bakegen.edited import Conflict, Verdict, merged
from bakegen.lock import Lock
from bakegen.merge.splice import newline_of
from bakegen.model import Project, Service
from bakegen.plan import Ours, Sides, Wish


@dataclass(kw_only=True)
class Draft:
    """The plan so far, and what it is made from. `renamed` are services by their old and new names or folders,
    `stay` the files of hosts that are generated no more, and edited, `still` the edited ones that a removed service
    stays in because the edits were to be kept.
    """

    project: Project
    lock: Lock
    sides: Sides
    wish: Wish
    renamed: tuple[tuple[Service, Service], ...]
    left_out: bool = False
    hashes: dict[str, frozenset[str]] = field(default_factory=dict)
    changes: dict[PurePosixPath, bytes | None] = field(default_factory=dict)
    marked: dict[PurePosixPath, bytes] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    kept: list[PurePosixPath] = field(default_factory=list)
    stay: list[PurePosixPath] = field(default_factory=list)
    still: list[PurePosixPath] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ours(self) -> Ours:
        """The bytes in the tree."""
        return self.sides.ours

    @property
    def removed(self) -> tuple[str, ...]:
        """The services that the lock knows and the project has no more, by any name."""
        before = self.sides.before.services if self.sides.before is not None else ()
        there = {service.name for service in (*self.project.services, *(old for old, _ in self.renamed))}
        return tuple(service.name for service in before if service.name not in there)

    def chosen(self, service: Service | None) -> str:
        """The options of a service that are not what the lock says, as a person would write them; "" if none is.

        After a merge of branches it may say two things of the service: then those that one of the two does not say.
        """
        old = {new.name: old.name for old, new in self.renamed}
        past = self.sides.before.services if self.sides.before is not None else ()
        before = next((each for each in past if service and each.name == old.get(service.name, service.name)), None)
        if service is None or before is None or before.stack.id != service.stack.id:
            return ""
        others = (replace(before, chosen=answers).options for answers in self.lock.others.get(service.name, ()))
        stated = (before.options, *others)
        changed = {key: value for key, value in service.options.items() if any(one[key] != value for one in stated)}
        return ", ".join(f"{key}={str(value).lower()}" for key, value in changed.items())

    def read(self, path: PurePosixPath, text: bytes, *, base: bytes = b"", theirs: bytes = b"") -> bytes:
        """An edited file or its base, as it reads with the new names of renamed services."""
        for old, new in self.renamed:
            text = rename.renamed(path, text, old, new, base=base, theirs=theirs)
        return text

    def merge(self, path: PurePosixPath, base: bytes, ours: bytes, theirs: bytes, *, known: bool = True) -> Verdict:
        """The merge of a file as the plan is wished for."""
        verdict = merged(path, base, ours, theirs, known=known, favor=self.wish.favor)
        if self.wish.favor == "ours" and self.removed and path not in self.still:
            self.still += [path] if merged(path, base, ours, theirs, known=known).conflicts else []
        return verdict

    def take(self, path: PurePosixPath, verdict: Verdict) -> None:
        """Note what became of an edited file."""
        self.conflicts += verdict.conflicts
        self.notes += verdict.notes
        if verdict.marked is not None:
            self.marked[path] = verdict.marked
        if verdict.text is not None and verdict.text != self.ours[path]:
            self.changes[path] = verdict.text
        elif not verdict.conflicts and self.ours[path] is not None:
            self.kept.append(path)


def with_newlines_of(ours: bytes, theirs: bytes) -> bytes:
    """The new rendering, with the newlines of the file that it replaces."""
    return theirs if newline_of(ours) == b"\n" else theirs.replace(b"\n", b"\r\n")
