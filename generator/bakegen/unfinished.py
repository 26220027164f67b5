"""An unfinished merge of git's, resolved as far as bakegen's own files go. Pure: bytes of the stages in, bytes out.

The project file comes first, for it says which files bakegen renders; then the lock; then everything rendered. A file
that somebody has begun to resolve is never touched, nor one that a side deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import PurePosixPath

from bakegen import lock, project_document
from bakegen.edited import Conflict
from bakegen.lock import digest
from bakegen.merge.file import merge, merge_lines
from bakegen.merge.outcome import Conflicted, Markers, Merged, Outcome
from bakegen.merge.region import regions, replace
from bakegen.plan import Change, Plan

BEGUN = "take it back with `git checkout -m -- {0}` and run the command again; if it is resolved: `git add {0}`"
RESOLVE = "resolve it by hand, then `git add {0}` and run the command again"
NOTHING: lock.Hashes = {}
DELETED = "keep it with `git add {0}`, or let it go with `git rm {0}`; then run the command again"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stages:
    """What git's index has of a path in conflict: None where a side does not have the file.

    `regular` is false if a stage is no ordinary file (a symbolic link, a submodule).
    """

    base: bytes | None
    ours: bytes | None
    theirs: bytes | None
    regular: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfinished:
    """The paths in conflict, the files in the tree (None: no file), and which of them are as git left them."""

    stages: Mapping[PurePosixPath, Stages]
    working: Mapping[PurePosixPath, bytes | None]
    untouched: Collection[PurePosixPath]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """The resolved files, what could not be resolved, and sentences about what was decided on the way."""

    texts: Mapping[PurePosixPath, bytes]
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]

    def complete(self, plan: Plan, working: Mapping[PurePosixPath, bytes | None]) -> Plan:
        """The plan that was made on top of the resolved files, as it is to be written on what is in the tree.

        With conflicts nothing is written, so there is nothing to change.
        """
        conflicts = (*self.conflicts, *plan.conflicts)
        notes = (*self.notes, *plan.notes)
        written = () if self.conflicts else self._over(plan.changes, working)
        marked = self._over(plan.marked, working) if plan.marked else ()
        return changed(plan, changes=written, conflicts=conflicts, marked=marked, notes=notes)

    def _over(self, changes: tuple[Change, ...], working: Mapping[PurePosixPath, bytes | None]) -> tuple[Change, ...]:
        planned = {change.path: change for change in changes}
        for path, text in self.texts.items():
            after = planned[path].after if path in planned else text
            planned[path] = Change(path=path, before=working[path], after=after)
        return tuple(change for _, change in sorted(planned.items()) if change.before != change.after)


def resolve(merging: Unfinished, rendered: Callable[[bytes], Collection[PurePosixPath]]) -> Resolution:
    """Merge each path in conflict that bakegen renders. Others are the user's, and left out.

    `rendered` gives the paths that bakegen merges for a project file of these bytes. Without a project file nobody can say
    which they are, so a conflict in it is the only one that is told.
    """
    draft = _Draft(merging=merging, texts={}, conflicts=[], notes=[], hashes={})
    draft.take(project_document.FILE)
    if not draft.conflicts:
        text = draft.texts.get(project_document.FILE, merging.working.get(project_document.FILE))
        draft.take(lock.FILE)
        draft.hashes.update(lock.load(draft.texts.get(lock.FILE, merging.working.get(lock.FILE))).hashes)
        mine = {project_document.FILE, lock.FILE}
        for path in sorted(merging.stages.keys() & set(rendered(text or b"")) - mine):
            draft.take(path)
    return Resolution(texts=draft.texts, conflicts=tuple(draft.conflicts), notes=tuple(draft.notes))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    merging: Unfinished
    texts: dict[PurePosixPath, bytes]
    conflicts: list[Conflict]
    notes: list[str]
    hashes: dict[str, frozenset[str]]

    def take(self, path: PurePosixPath) -> None:
        """Resolve one path, if it is in conflict."""
        stages = self.merging.stages.get(path)
        working = self.merging.working.get(path)
        if stages is None:
            return
        if stages.ours is None or stages.theirs is None or not stages.regular or working is None:
            self._report(path, _missing(stages), DELETED.format(path))
            return
        if path not in self.merging.untouched:
            self._report(path, "somebody has begun to resolve git's merge of it", BEGUN.format(path))
            return
        match merge_stages(path, stages.base, stages.ours, stages.theirs, hashes=self.hashes):
            case Merged(text=text, notes=notes):
                uniform = working.count(b"\r\n") == working.count(b"\n") != text.count(b"\r\n")
                self.texts[path] = text.replace(b"\n", b"\r\n") if uniform and b"\r" not in text else text
                self.notes.extend(f"{path}: {note}" for note in notes)
            case Conflicted(conflicts=conflicts):
                for each in conflicts:
                    message = f"{each.key}: {each.message}, each branch in its own way"
                    self._report(path, message, RESOLVE.format(path), line=each.line, sides=(each.ours, each.theirs))
            case refused:
                hint = f"{refused.hint}; or {RESOLVE.format(path)}"
                self._report(path, refused.message, hint, line=refused.line)

    def _report(
        self,
        path: PurePosixPath,
        message: str,
        hint: str,
        *,
        line: int = 1,
        sides: tuple[bytes | None, bytes | None] = (None, None),
    ) -> None:
        stages = self.merging.stages[path]
        shown = (_first_line(sides[0]), _first_line(sides[1]))
        self.conflicts.append(
            Conflict(
                path=path,
                line=line,
                message=message,
                ours=stages.ours,
                theirs=stages.theirs,
                sides=shown,
                hint=hint,
                refused=sides == (None, None),
            )
        )


def merge_stages(
    path: PurePosixPath,
    base: bytes | None,
    ours: bytes,
    theirs: bytes,
    *,
    markers: Markers | None = None,
    hashes: lock.Hashes = NOTHING,
) -> Outcome:
    """Merge three versions that git has of a file: `merge`, but the lock is a set of facts and a region a list of lines.

    `hashes` are those of the merged lock, where the project is rendered after this: a region in which both sides changed
    the same line is no conflict if neither was edited by hand. That of ours stands in, and the next rendering replaces it;
    so does a whole file that neither side edited.
    """
    unedited = {digest(ours), digest(theirs)} <= hashes.get(str(path), frozenset())
    if path == lock.FILE or unedited:
        return Merged(text=ours if unedited else lock.union(base or b"", ours, theirs))
    if path.suffix != ".md" or not regions(ours).keys() & regions(theirs).keys():
        return merge(path, base, ours, theirs, markers=markers)
    contents = {}
    for name in regions(ours).keys() & regions(theirs).keys():
        sides = [regions(side).get(name, b"") for side in (base or b"", ours, theirs)]
        region = merge_lines(*sides)
        if isinstance(region, Merged):
            contents[name] = region.text
        elif {digest(side) for side in sides[1:]} <= hashes.get(f"{path}#{name}", frozenset()):
            contents[name] = sides[1]
        else:
            return merge(path, base, ours, theirs, markers=markers)
    empty = dict.fromkeys(contents, b"")
    match merge(path, *(replace(side, empty) for side in (base or b"", ours, theirs)), markers=markers):
        case Merged(text=text, notes=notes):
            return Merged(text=replace(text, contents), notes=notes)
        case Conflicted(conflicts=conflicts, marked=marked):
            return Conflicted(conflicts=conflicts, marked=replace(marked, contents))
        case refused:
            return refused


def _missing(stages: Stages) -> str:
    if not stages.regular:
        return "on one branch it is no ordinary file"
    if stages.ours is not None and stages.theirs is not None:
        return "git's merge of it is unfinished, and it is gone from the folder"
    return "one branch changed it, the other deleted it"


def _first_line(text: bytes | None) -> str:
    lines = (text or b"").decode("utf-8", "replace").splitlines()
    return lines[0] if lines else "(nothing)"
