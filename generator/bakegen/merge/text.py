"""Three-way merge of text by lines (diff3), for files whose structure no scanner knows.

Lines are matched by those that are unique on both sides (patience diff), and between them by the longest common run of
lines, with a bound on the work: near linear for any input.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from bakegen.merge import pins
from bakegen.merge.outcome import Conflict, Conflicted, Favor, Markers, Merged
from bakegen.merge.splice import newline_of

SMALL = 256  # lines on a side up to which the slow, exact comparison is used
MARK = b"\xef\xbb\xbf"
Lines = Sequence[bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hunk:
    """A stretch of the three texts, as ranges of line numbers from 0; who changed it against base."""

    changed: Literal["nobody", "ours", "theirs", "both", "conflict"]
    base: range
    ours: range
    theirs: range


def merge_text(
    base: bytes,
    ours: bytes,
    theirs: bytes,
    *,
    known: bool = True,
    favor: Favor | None = None,
    markers: Markers | None = None,
) -> Merged | Conflicted:
    """The three-way merge by lines; a line of ours that nobody else changed keeps its bytes, its ending included."""
    if ours.startswith(MARK) and not base.startswith(MARK) and not theirs.startswith(MARK):
        done = merge_text(base, ours[len(MARK) :], theirs, known=known, favor=favor, markers=markers)
        if isinstance(done, Merged):
            return replace(done, text=MARK + done.text)
        return replace(done, marked=MARK + done.marked)
    sides = [data.splitlines(keepends=True) if b"\r" not in data else _lines(data) for data in (base, ours, theirs)]
    newline = newline_of(ours)
    before, new = ([_ended(line, newline) for line in side] for side in (sides[0], sides[2]))
    mine = sides[1]
    parts: list[bytes] = []
    marked: list[bytes] = []
    conflicts: list[Conflict] = []
    notes: list[str] = []
    for hunk in merge3(before, mine, new):
        old, here, there = (
            side[part.start : part.stop] for side, part in ((before, hunk.base), (mine, hunk.ours), (new, hunk.theirs))
        )
        changed = hunk.changed if known or hunk.changed != "ours" or not old else "conflict"
        chosen = there if changed == "theirs" else here
        if changed == "conflict":
            decided = _decided(old, here, there, favor, notes)
            if decided is None:
                conflicts.append(_conflict(hunk, old, here, there))
                marked.append(_marked(old, here, there, markers or Markers(), newline))
                continue
            chosen = list(decided)
        parts += chosen
        marked += chosen
    if conflicts:
        return Conflicted(conflicts=tuple(conflicts), marked=b"".join(marked))
    return Merged(text=b"".join(parts), notes=tuple(notes))


def merge3(base: Lines, ours: Lines, theirs: Lines) -> Iterator[Hunk]:
    """The hunks of a three-way merge, in order; together they cover all three texts."""
    mine, new = dict(_slid(_matches(base, ours), base, ours)), dict(_slid(_matches(base, theirs), base, theirs))
    at = [0, 0, 0]
    for line in [*range(len(base)), len(base)]:
        if line < len(base) and not (line in mine and line in new):
            continue
        ends = [line, mine.get(line, len(ours)), new.get(line, len(theirs))]
        if at != ends:
            yield from _between(base, ours, theirs, at, ends)
        if line < len(base):
            ranges = [range(end, end + 1) for end in ends]
            yield Hunk(changed="nobody", base=ranges[0], ours=ranges[1], theirs=ranges[2])
        at = [end + 1 for end in ends]


def _between(base: Lines, ours: Lines, theirs: Lines, at: list[int], ends: list[int]) -> Iterator[Hunk]:
    before, mine, new = (list(side[start:end]) for side, start, end in zip((base, ours, theirs), at, ends, strict=True))
    changed: Literal["ours", "theirs", "both", "conflict"]
    if mine == new:
        changed = "both"
    elif before == mine:
        changed = "theirs"
    elif before == new:
        changed = "ours"
    else:
        changed = "conflict"
    ranges = [range(start, end) for start, end in zip(at, ends, strict=True)]
    yield Hunk(changed=changed, base=ranges[0], ours=ranges[1], theirs=ranges[2])


def _matches(one: Lines, other: Lines) -> Iterator[tuple[int, int]]:
    """Pairs of equal lines, ascending on both sides."""
    waiting = [(0, len(one), 0, len(other))]
    while waiting:
        start, end, first, last = waiting.pop()
        while start < end and first < last and one[start] == other[first]:
            yield start, first
            start, first = start + 1, first + 1
        while start < end and first < last and one[end - 1] == other[last - 1]:
            end, last = end - 1, last - 1
            yield end, last
        if start == end or first == last:
            continue
        anchors = _anchors(one[start:end], other[first:last])
        if not anchors:
            if end - start <= SMALL and last - first <= SMALL:
                matcher = SequenceMatcher(None, one[start:end], other[first:last], autojunk=False)
                for block in matcher.get_matching_blocks():
                    for offset in range(block.size):
                        yield start + block.a + offset, first + block.b + offset
            continue
        here, there = start, first
        for one_more, other_more in [*((start + a, first + b) for a, b in anchors), (end, last)]:
            waiting.append((here, one_more, there, other_more))
            here, there = one_more, other_more


def _slid(pairs: Iterable[tuple[int, int]], one: Lines, other: Lines) -> list[tuple[int, int]]:
    """The same pairs, each run of lines that only one side has moved down as far as it goes.

    Two that added the same line to its like have then added it in one place, as git sees it.
    """
    slid = [(-1, -1)]
    for here, there in sorted(pairs):
        first, second = slid[-1][0] + 1, slid[-1][1] + 1
        if here == first and there > second and other[second] == other[there]:
            slid.append((here, second))
        elif there == second and here > first and one[first] == one[here]:
            slid.append((first, there))
        else:
            slid.append((here, there))
    return slid[1:]


def _anchors(one: Lines, other: Lines) -> list[tuple[int, int]]:
    """Lines that are unique on both sides, the longest run of them that ascends on both."""
    counts, others = Counter(one), Counter(other)
    places = {line: index for index, line in enumerate(other) if others[line] == 1}
    pairs = [(index, places[line]) for index, line in enumerate(one) if counts[line] == 1 and line in places]
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, there) in enumerate(pairs):
        at = bisect_left(tails, there)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [there]
        ends[at : at + 1] = [index]
    run: list[tuple[int, int]] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


def _decided(old: Lines, here: Lines, there: Lines, favor: Favor | None, notes: list[str]) -> Lines | None:
    """The side to take in a conflict: the wanted one, or that with the newer pins if nothing else differs."""
    if favor is not None:
        return there if favor == "theirs" else here
    if not len(old) == len(here) == len(there):
        return None
    chosen: list[bytes] = []
    said: list[str] = []
    for before, mine, new in zip(old, here, there, strict=True):
        if new in (mine, before):
            chosen.append(mine)
        elif before == mine:
            chosen.append(new)
        else:
            found = pins.newer(before, mine, new)
            if found is None:
                return None
            said.append(found.message)
            chosen.append(mine if found.side == "ours" else new)
    notes += said
    return chosen if said else None


def _conflict(hunk: Hunk, old: Lines, here: Lines, there: Lines) -> Conflict:
    texts = [b"".join(lines) or None for lines in (old, here, there)]
    first = (here or old or there or [b""])[0].strip().decode("utf-8", "replace")
    return Conflict(
        line=hunk.ours.start + 1,
        key=first[:60],
        message="you and bakegen both changed it",
        base=texts[0],
        ours=texts[1],
        theirs=texts[2],
    )


def _marked(old: Lines, here: Lines, there: Lines, markers: Markers, newline: bytes) -> bytes:
    parts: list[bytes] = []
    for mark, label, lines in (
        (b"<", markers.ours, here),
        (b"|", markers.base, old),
        (b"=", "", there),
        (b">", markers.theirs, ()),
    ):
        parts.append(mark * markers.size + (f" {label}".encode() if label else b"") + newline)
        text = b"".join(lines)
        parts.append(text + newline if text and not text.endswith(b"\n") else text)
    return b"".join(parts)


def _lines(data: bytes) -> list[bytes]:
    """Lines that end in LF; a CR inside a line stays in it."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _ended(line: bytes, newline: bytes) -> bytes:
    if newline == b"\r\n" and line.endswith(b"\n") and not line.endswith(b"\r\n"):
        return line[:-1] + newline
    return line[:-2] + newline if newline == b"\n" and line.endswith(b"\r\n") else line
