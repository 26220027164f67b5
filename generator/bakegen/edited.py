"""What becomes of one file that somebody edited: the merge of it, as a verdict that a plan can hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as changed
from itertools import zip_longest
from pathlib import PurePosixPath

from bakegen.merge import Conflict as MergeConflict
from bakegen.merge import Favor, Merged, Outcome, Refused, merge
from bakegen.merge.file import merge_lines
from bakegen.merge.region import regions, replace
from bakegen.merge.splice import line_of

MARKERS = (rb"^<{7,}(?: |\r?$)", rb"^={7,}\r?$", rb"^>{7,}(?: |\r?$)")
MARKED = "there are conflict markers in it"
RESOLVE = "resolve them, then run the command again"
DISCARD = "discard all edits of the file: --discard-edits"
CHOOSE = "edit the file so that both fit, or choose a side: --keep-edits or --discard-edits"


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A place that bakegen must change and somebody edited, or (`refused`) a shape that it does not edit.

    `line` is where, from 1; `sides` shows yours and bakegen's; `ours` and `theirs` are the whole files.
    """

    path: PurePosixPath
    line: int
    message: str
    ours: bytes | None
    theirs: bytes | None
    sides: tuple[str, str]
    hint: str
    refused: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The merged text (None: leave the file as it is), or the conflicts, and then the text with markers."""

    text: bytes | None = None
    conflicts: tuple[Conflict, ...] = ()
    marked: bytes | None = None
    notes: tuple[str, ...] = ()


def merged(
    path: PurePosixPath, base: bytes, ours: bytes, theirs: bytes, *, known: bool = True, favor: Favor | None = None
) -> Verdict:
    """The merge of a whole file; `known` is false where base is a guess."""
    return _verdict(path, merge(path, base, ours, theirs, known=known, favor=favor), ours, theirs)


def merged_regions(
    path: PurePosixPath,
    bases: Mapping[str, bytes | None],
    ours: bytes,
    contents: Mapping[str, bytes],
    *,
    favor: Favor | None = None,
) -> Verdict:
    """The merge of the named regions that ours still has; a base of None is not known."""
    present = regions(ours)
    fresh: dict[str, bytes] = {}
    conflicts: list[Conflict] = []
    for name, theirs in contents.items():
        if name not in present:
            continue
        base = bases.get(name)
        if base is None and favor is not None:
            fresh[name] = theirs if favor == "theirs" else present[name]
            continue
        done = None if base is None else merge_lines(base, present[name], theirs, favor=favor)
        if isinstance(done, Merged):
            fresh[name] = done.text
            continue
        above = line_of(ours, ours.index(f"<!-- bakegen:{name} -->".encode()))
        message = f"you edited the part between the bakegen:{name} marks, and it must change"
        hint = "move your text out of the marks, or delete the two marks to keep the part for yourself"
        conflicts.append(_conflict(path, present[name], theirs, message, hint=hint, first=above + 1))
    return Verdict(text=replace(ours, fresh), conflicts=tuple(conflicts))


def without_base(
    path: PurePosixPath, ours: bytes | None, theirs: bytes, message: str, favor: Favor | None, *, generated: bool = True
) -> Verdict:
    """The verdict on a file that cannot be merged because nobody knows what was rendered last, or it is not there.

    `generated` says whether bakegen generated the path before: only then it can be taken over.
    """
    if favor is not None:
        return Verdict(text=theirs if favor == "theirs" else None)
    way = f"; or make it yours: bakegen unmanage {path}" if generated else ""
    hint = f"choose a side: --keep-edits or --discard-edits{way}"
    return Verdict(conflicts=(_conflict(path, ours, theirs, message, hint=hint),))


def has_markers(text: bytes) -> bool:
    """Whether a merge was left half done in the text: git's conflict markers, each at the start of a line."""
    return b"<<<<<<<" in text and all(re.search(mark, text, re.MULTILINE) for mark in MARKERS)


def line_of_markers(text: bytes) -> int:
    """The line of the first conflict marker in a text that has them."""
    return line_of(text, re.search(MARKERS[0], text, re.MULTILINE).start())  # type: ignore[union-attr]  # it has one


def unresolved(path: PurePosixPath, ours: bytes, theirs: bytes, favor: Favor | None) -> Verdict:
    """The verdict on a file with conflict markers in it."""
    if favor == "theirs":
        return Verdict(text=theirs)
    line = line_of_markers(ours)
    conflict = Conflict(
        path=path,
        line=line,
        message=MARKED,
        ours=ours,
        theirs=theirs,
        sides=(_line(ours, line), ""),
        hint=RESOLVE,
        refused=True,
    )
    return Verdict(conflicts=(conflict,))


def or_whole(verdict: Verdict, theirs: bytes, favor: Favor | None) -> Verdict:
    """The verdict on a file that bakegen generates: where its shape is refused, its edits may be discarded as a whole."""
    if not any(conflict.refused for conflict in verdict.conflicts):
        return verdict
    if favor == "theirs":
        return Verdict(text=theirs)
    hints = (changed(each, hint=f"{each.hint}; or {DISCARD}") for each in verdict.conflicts)
    return changed(verdict, conflicts=tuple(hints))


def renamed_by_hand(path: PurePosixPath, old: str, new: str, ours: bytes, theirs: bytes) -> Conflict:
    """A renamed service whose name in a file that was there before bakegen is made in a way that is not edited."""
    found = re.search(rb"(?<![\w-])%s(?![\w-])" % re.escape(old.encode()), ours)
    line = line_of(ours, found.start()) if found else 1
    return Conflict(
        path=path,
        line=line,
        message=f"the name {old} is made here in a way that bakegen does not edit",
        ours=ours,
        theirs=theirs,
        sides=(_line(ours, line), ""),
        hint=f"write {new} here by hand, then run the command again",
        refused=True,
    )


def _verdict(path: PurePosixPath, done: Outcome, ours: bytes, theirs: bytes) -> Verdict:
    if isinstance(done, Merged):
        return Verdict(text=done.text, notes=tuple(f"{path}: {note}" for note in done.notes))
    if isinstance(done, Refused):
        refusal = Conflict(
            path=path,
            line=done.line,
            message=done.message,
            ours=ours,
            theirs=theirs,
            sides=(_line(ours, done.line), ""),
            hint=done.hint,
            refused=True,
        )
        return Verdict(conflicts=(refusal,))
    conflicts = tuple(_placed(path, each, ours, theirs) for each in done.conflicts)
    return Verdict(conflicts=conflicts, marked=done.marked)


def _placed(path: PurePosixPath, each: MergeConflict, ours: bytes, theirs: bytes) -> Conflict:
    """The conflict at the line that shows it best: where the sides differ, or the edit in what is to be removed."""
    other = each.theirs if each.theirs is not None else each.base
    offset, (mine, new) = _sides(each.ours, other)
    return Conflict(
        path=path,
        line=each.line + (offset if each.ours is not None else 0),
        message=f"{each.key}: {each.message}",
        ours=ours,
        theirs=theirs,
        sides=(mine, new if each.theirs is not None else "(nothing)"),
        hint=CHOOSE,
    )


def _conflict(
    path: PurePosixPath, ours: bytes | None, theirs: bytes, message: str, *, hint: str, first: int = 1
) -> Conflict:
    """A conflict over a whole text, at the first line that differs; `first` is the line that `ours` begins with."""
    offset, sides = _sides(ours, theirs)
    return Conflict(path=path, line=first + offset, message=message, ours=ours, theirs=theirs, sides=sides, hint=hint)


def _sides(ours: bytes | None, theirs: bytes | None) -> tuple[int, tuple[str, str]]:
    """How many lines are equal before the first that differs, and the two sides of that."""
    lines, others = ((text or b"").decode("utf-8", "replace").splitlines() for text in (ours, theirs))
    pairs = enumerate(zip_longest(lines, others))
    offset, sides = next(((offset, pair) for offset, pair in pairs if pair[0] != pair[1]), (0, (None, None)))
    shown = tuple("(nothing)" if side is None else side for side in sides)
    return min(offset, max(len(lines) - 1, 0)), (shown[0], shown[1])


def _line(text: bytes, number: int) -> str:
    lines = text.decode("utf-8", "replace").splitlines()
    return lines[number - 1] if number <= len(lines) else ""
