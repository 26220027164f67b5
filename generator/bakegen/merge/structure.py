"""One structured file three ways: merge the trees, make the bytes, and let an independent reader judge them."""

from __future__ import annotations

from collections.abc import Sequence

from bakegen.merge.clash import Clash
from bakegen.merge.outcome import Conflict, Conflicted, Favor, Markers, Merged, Outcome, Refused
from bakegen.merge.second_opinion import DisagreementError
from bakegen.merge.splice import Splice, line_of, newline_of, splice
from bakegen.merge.three_way import ThreeWay
from bakegen.merge.tree import Format, NotUnderstood, ShapeError


def merge_structure(
    form: Format,
    base: bytes,
    ours: bytes,
    theirs: bytes,
    *,
    known: bool = True,
    favor: Favor | None = None,
    markers: Markers | None = None,
) -> Outcome:
    """The three-way merge of a file in a format that has a scanner. New lines get the line ending of ours.

    Pure, and total: any bytes give an outcome.
    """
    try:
        three_way = ThreeWay(format=form, base=base, ours=ours, theirs=theirs, known=known, favor=favor)
    except NotUnderstood:
        return _not_understood(form, base, ours, theirs)
    try:
        expected = three_way.run()
        splices = [Splice(start, end, _newlines(new, ours)) for start, end, new in three_way.splices]
        merged = splice(ours, splices)
    except ShapeError as error:
        return Refused(line=line_of(ours, error.offset), message=error.message, hint=error.hint)
    except DisagreementError as error:
        return _disagreement(str(error))
    except ValueError:  # splices that overlap: two edits of one line that cannot both be made
        return Refused(line=1, message="two changes meet in one line", hint="put each item on a line of its own")
    if three_way.clashes:
        return _conflicted(ours, three_way.clashes, splices, markers or Markers())
    return Merged(text=merged, notes=tuple(three_way.notes)) if _is(form, merged, expected) else _disagreement("")


def _not_understood(form: Format, base: bytes, ours: bytes, theirs: bytes) -> Refused:
    for data, whose in ((ours, ""), (theirs, "the new text: "), (base, "the text before: ")):
        try:
            form.scan(data)
        except NotUnderstood as error:
            line = line_of(data, error.offset)
            return Refused(line=1 if whose else line, message=f"{whose}{error.message}", hint=error.hint)
    raise AssertionError("every side was understood")


def _disagreement(reason: str) -> Refused:
    return Refused(
        line=1,
        message=f"a second reader of the file does not agree{': ' * bool(reason)}{reason}",
        hint="make the file yours with `bakegen unmanage`, and the change by hand",
    )


def _is(form: Format, merged: bytes, expected: object) -> bool:
    try:
        return form.read(merged) == expected
    except ValueError:
        return False


def _newlines(new: bytes, ours: bytes) -> bytes:
    if newline_of(ours) == b"\n":
        return new
    return new.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _conflicted(ours: bytes, clashes: Sequence[Clash], splices: Sequence[Splice], markers: Markers) -> Conflicted:
    outer: list[Clash] = []
    for clash in sorted(clashes, key=lambda clash: (clash.start, -clash.end)):
        if not outer or clash.start >= outer[-1].end or clash.end <= outer[-1].start:
            outer.append(clash)
    marked = [Splice(clash.start, clash.end, _mark(clash, markers, ours)) for clash in outer]
    free = [each for each in splices if not any(_touches(clash, each) for clash in outer)]
    return Conflicted(
        conflicts=tuple(
            Conflict(
                line=line_of(ours, clash.start),
                key=clash.key,
                message=clash.message,
                base=clash.base,
                ours=clash.ours,
                theirs=clash.theirs,
            )
            for clash in sorted(clashes, key=lambda clash: clash.start)
        ),
        marked=splice(ours, [*marked, *free]),
    )


def _touches(clash: Clash, each: Splice) -> bool:
    return clash.start < each.end and each.start < clash.end


def _mark(clash: Clash, markers: Markers, ours: bytes) -> bytes:
    newline = newline_of(ours)
    parts = []
    for mark, label, text in (
        (b"<", markers.ours, clash.ours),
        (b"|", markers.base, clash.base),
        (b"=", "", clash.theirs),
        (b">", markers.theirs, b""),
    ):
        parts.append(mark * markers.size + (f" {label}".encode() if label else b"") + newline)
        lines = _newlines(text or b"", ours)
        parts.append(lines + newline if lines and not lines.endswith(b"\n") else lines)
    return b"".join(parts)
