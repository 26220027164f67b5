"""base, ours and theirs as trees -> splices on ours, conflicts, and what an independent reader must find afterwards.

Knows nothing of any format. What theirs changed against base goes into ours where ours is as base was; what only ours
changed stays. Both changed: equal values are fine, anything else is a conflict.

Each step gives the value that the merged file must have there (`Plain`), made from what the independent reader found
in ours and theirs: the result is read again and compared, so a wrong splice cannot pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from bakegen.merge import pins
from bakegen.merge.arrange import Arrangement, Items, items_of, place
from bakegen.merge.clash import Around, Clash, OneOfEach, clash
from bakegen.merge.identity import is_collection
from bakegen.merge.layout import Side, filled, indent_of, laid_out, on_own_lines, step_of, whole_lines
from bakegen.merge.marks import Marks, lead, note
from bakegen.merge.outcome import Favor
from bakegen.merge.replaced import exchanged, has_own, replaced
from bakegen.merge.second_opinion import DisagreementError, joined, values_of
from bakegen.merge.splice import Splice, newline_of
from bakegen.merge.tree import Body, Format, Node, Plain, ShapeError


class Trio(NamedTuple):
    """One item on the three sides. Only base may be None where ours and theirs are merged."""

    base: Node | None
    ours: Node
    theirs: Node


@dataclass(kw_only=True)
class ThreeWay:
    """One merge: `run` once, then read splices, clashes and notes.

    `known` is false where base is only a guess: then a difference that theirs does not explain is a conflict.
    `favor` decides conflicts for a side instead of reporting them.
    """

    format: Format
    base: bytes
    ours: bytes
    theirs: bytes
    known: bool = True
    favor: Favor | None = None
    splices: list[Splice] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._base = self.format.scan(self.base)
        self._ours = self.format.scan(self.ours)
        self._theirs = self.format.scan(self.theirs)
        self._around: list[Around] = []
        self._marks = Marks((self.base, self.ours, self.theirs))

    def run(self) -> Plain:
        """Merge; gives back what the independent reader must find in the merged file.

        Raises ShapeError where ours cannot be edited, DisagreementError where the readers do not agree on a side.
        """
        try:
            plain, other = self.format.read(self.ours), self.format.read(self.theirs)
        except ValueError as error:
            raise DisagreementError(str(error)) from None
        return self._item(Trio(self._base, self._ours, self._theirs), plain, other)

    # Items that ours and theirs both have.

    def _item(self, trio: Trio, plain: Plain, other: Plain) -> Plain:
        base, ours, theirs = self._marks.of(trio)
        if ours == theirs or (self.known and base == theirs):
            return plain
        self._around.append(Around(*trio))
        try:
            if len(self._around) > 1:
                if trio.base is not None and self._untouched(trio.base, trio.ours):
                    return self._replace(trio, trio.base, other)
                newer = self._newer_pin(trio)
                if newer is not None:
                    return plain if self._keeps_pin(trio, newer) else other
                self._lead(trio)
                self._note(trio)
            mine, new = trio.ours.body, trio.theirs.body
            if mine is not None and new is not None and mine.kind == new.kind:
                return self._inside(trio, (mine, new), plain, other)
            return self._value(trio, plain, other)
        finally:
            self._around.pop()

    def _untouched(self, base: Node, ours: Node) -> bool:
        """Whether the item is byte for byte as in base, wherever it stands now."""
        mine = self.ours[ours.head : ours.tail]
        lines = mine.replace(b"\r\n", b"\n")
        return (
            mine == lines.replace(b"\n", self._newline)  # else its lines end in more ways than one
            and lines == self.base[base.head : base.tail]
            and lead(self.ours, ours) == lead(self.base, base)
            and note(self.ours, ours) == note(self.base, base)
        )

    def _replace(self, trio: Trio, base: Node, other: Plain) -> Plain:
        """Ours as theirs is: its lines are where they were in base, even if somebody moved the first."""
        self._set_lead(trio)
        first, last = trio.ours.note
        if first == last or first >= trio.ours.tail:  # else it is inside, and comes with the item
            self._set_note(trio)
        if indent_of(self.base, base) == indent_of(self.theirs, trio.theirs):
            text = self.theirs[trio.theirs.head : trio.theirs.tail]
            self.splices.append(Splice(trio.ours.head, trio.ours.tail, text))
        else:
            self._set(trio, from_head=True)
        return other

    def _value(self, trio: Trio, plain: Plain, other: Plain) -> Plain:
        base, ours, theirs = self._marks.of(trio, comments=False)
        if ours == theirs or (self.known and base == theirs):
            return plain
        leaves = trio.ours.body is None and trio.theirs.body is None
        if base == ours and trio.base is not None and trio.base.inner == trio.ours.inner:
            self._set(trio, from_head=not leaves)
            return other
        fixed = trio.ours.fixed
        if fixed is not None and trio.ours.body is None and trio.theirs.body is not None and self.favor is None:
            raise ShapeError(trio.ours.head, fixed.message, fixed.hint)
        if trio.base is None and trio.theirs.body is not None and plain == self.format.null and fixed is None:
            self.splices.append(filled(self._side(trio.ours), self._side(trio.theirs, theirs=True)))
            return other
        message = "you and bakegen both changed it" if trio.base is not None else "you and bakegen both added it"
        if not self._theirs_wins(trio, message):
            return plain
        self._set(trio, from_head=not leaves)
        return other

    def _set(self, trio: Trio, *, from_head: bool) -> None:
        """The item, or only its value, as in theirs."""
        ours, theirs = trio.ours, trio.theirs
        start, mine = (theirs.head, ours.head) if from_head else (theirs.value, ours.value)
        source, indent = self._side(theirs, theirs=True), indent_of(self.ours, ours)
        text = laid_out(source, theirs, start, theirs.tail, self._side(ours), indent)
        self.splices.append(Splice(mine, ours.tail, text))

    # Pins: an action's commit, an image's tag.

    def _newer_pin(self, trio: Trio) -> pins.Newer | None:
        base, ours, theirs = trio
        if base is None or base.canon in (None, ours.canon, theirs.canon) or None in (ours.canon, theirs.canon):
            return None
        sides = ((self.base, base), (self.ours, ours), (self.theirs, theirs))
        return pins.newer(*(data[node.head : max(node.tail, node.note[1])] for data, node in sides))

    def _keeps_pin(self, trio: Trio, newer: pins.Newer) -> bool:
        """Take the newer of two pins; True if that is ours."""
        self.notes.append(newer.message)
        if newer.side == "ours":
            return True
        self._set_note(trio)
        self._set(trio, from_head=False)
        return False

    # Comments.

    def _lead(self, trio: Trio) -> None:
        if trio.base is None:
            return
        before, mine = lead(self.base, trio.base), lead(self.ours, trio.ours)
        new = lead(self.theirs, trio.theirs)
        if new in (before, mine):
            return
        if mine == before or self._theirs_wins(trio, "you and bakegen both changed the comment above it"):
            self._set_lead(trio)

    def _set_lead(self, trio: Trio) -> None:
        ours, theirs = trio.ours, trio.theirs
        if lead(self.ours, ours) == lead(self.theirs, theirs):
            return
        indent = indent_of(self.ours, ours)
        text = laid_out(self._side(theirs, theirs=True), theirs, theirs.start, theirs.head, self._side(ours), indent)
        line = self.ours.rfind(b"\n", 0, ours.head) + 1
        if on_own_lines(self.ours, ours) and not self.ours[line : ours.head].strip():
            self.splices.append(Splice(ours.start, ours.head, text if text.strip() else indent))

    def _note(self, trio: Trio) -> None:
        if trio.base is None:
            return
        before, mine, new = note(self.base, trio.base), note(self.ours, trio.ours), note(self.theirs, trio.theirs)
        if new in (before, mine):
            return
        if mine == before or self._theirs_wins(trio, "you and bakegen both changed the comment behind it"):
            self._set_note(trio)

    def _set_note(self, trio: Trio) -> None:
        ours, new = trio.ours, note(self.theirs, trio.theirs)
        start, end = ours.note
        if note(self.ours, ours) == new:
            return
        if start != end:
            blanks = len(self.ours[:start]) - len(self.ours[:start].rstrip(b" \t")) if not new else 0
            self.splices.append(Splice(start - blanks, end, new))
        elif ours.body is None and on_own_lines(self.ours, ours):
            at = ours.tail + len(self.ours[ours.tail : ours.end].rstrip())
            self.splices.append(Splice(at, at, b" " + new))

    # Containers.

    def _inside(self, trio: Trio, bodies: tuple[Body, Body], plain: Plain, other: Plain) -> Plain:
        ours, theirs = bodies
        before = trio.base.body if trio.base is not None else None
        before = before if before is not None and before.kind == ours.kind else None
        items = (items_of(before), items_of(ours), items_of(theirs))
        values, others = values_of(ours, plain), values_of(theirs, other)
        self._unambiguous(items)
        others_for = exchanged(items[0], items[2]) if ours.kind == "list" else {}
        removed, added = self._removed(items, values, others_for), []
        kept = {new for key, new in others_for.items() if key in items[1] and key not in removed}
        blocked = replaced(*items, in_order=ours.kind == "list")
        for key, node in items[2].items():
            if key in items[1]:
                merged = self._item(Trio(items[0].get(key), items[1][key], node), values.get(key), others.get(key))
                if not node.comment:
                    values[key] = merged
            elif key not in kept and self._goes_in(items, key, blocked.get(key)):
                added.append(key)
                removed += [mine for mine in blocked.get(key, ()) if mine not in removed]
        if not removed and not added:
            return joined(ours, values, list(items[1]))
        self._editable(trio.ours)
        sides = (self._side(trio.ours), self._side(trio.theirs, theirs=True))
        arrangement = Arrangement(sides=sides, bodies=bodies, removed=removed, added=added)
        self.splices += arrangement.splices
        return joined(ours, {**others, **values}, arrangement.order)

    def _unambiguous(self, items: Sequence[Items]) -> None:
        """Raise ShapeError if an item that must change stands in ours more than once, as a number behind its key says."""
        base, ours, theirs = items
        for key in ours:
            name, twice, _ = key.partition("\0")
            if twice and name in ours and not ours[name].comment and theirs.get(key) is None:
                marks = self._marks.of((base.get(name), None, theirs.get(name)))
                if marks[0] != marks[2] and self._is_map(ours[key]):
                    raise ShapeError(ours[key].head, f"{name} stands here more than once", "keep one of them")

    def _is_map(self, node: Node) -> bool:
        body = self._around[-1].ours.body
        return body is not None and body.kind == "map" and not node.comment

    def _removed(
        self, items: Sequence[Items], values: dict[str, Plain], others_for: Mapping[str, str] = MappingProxyType({})
    ) -> list[str]:
        """The items of ours that theirs no longer has, and that nobody changed.

        Of a collection with something of the user's in it only the rest goes; its value is what is left. `others_for`
        are the keys of what theirs has in the place of an item: an edited one goes, and the other comes, or neither.
        """
        base, ours, theirs = items
        found: list[str] = []
        way = [each.ours.key for each in self._around[1:]]
        for key, node in base.items():
            if key in theirs or key not in ours:
                continue
            marks = self._marks.of((node, ours[key], None))
            if marks[0] != marks[1] and has_own(node, ours[key]) and is_collection([*way, node.key]):
                values[key] = self._without(node, ours[key], values[key])
                continue
            other = theirs.get(others_for.get(key, ""))
            message = "you edited it, and it must go" if other is None else "you and bakegen both changed it"
            if marks[0] == marks[1] or self._wins((node, ours[key], other), message, self._lines(ours[key])):
                found.append(key)
        return found

    def _without(self, base: Node, ours: Node, plain: Plain) -> Plain:
        """A container of ours without what base has in it."""
        body = ours.body
        if body is None:
            return plain
        self._around.append(Around(base, ours, None))
        values = values_of(body, plain)
        removed = self._removed((items_of(base.body), items_of(body), {}), values)
        self._around.pop()
        if not removed:
            return joined(body, values, list(items_of(body)))
        self._editable(ours)
        side = self._side(ours)
        arrangement = Arrangement(sides=(side, side), bodies=(body, body), removed=removed, added=())
        self.splices += arrangement.splices
        return joined(body, values, arrangement.order)

    def _goes_in(self, items: Sequence[Items], key: str, own: Sequence[str] | None) -> bool:
        """Whether an item of theirs that ours lacks goes in; `own` is what ours has in its place, if that is taken."""
        base, ours, theirs = items
        marks = self._marks.of((base.get(key), None, theirs[key]))
        if own is not None:
            message = "you and bakegen put different things in one place"
        elif key not in base:
            return True
        elif marks[0] == marks[2] and self.known:
            return False
        else:
            message = "you deleted it, and it must change" if self.known else "it is not there"
        order = list(ours)
        index = place(order, ours, theirs, key)
        at = ours[order[index - 1]].end if index else ours[order[0]].start if order else self._around[-1].ours.tail
        if own:
            gone = next(node for each, node in base.items() if each not in ours and each not in theirs)
            return self._wins((gone, ours[own[0]], theirs[key]), message, self._lines(ours[own[0]]))
        return self._wins((base.get(key), None, theirs[key]), message, (at, at))

    # Ways out.

    def _editable(self, node: Node) -> None:
        if node.fixed is not None:
            raise ShapeError(node.head, node.fixed.message, node.fixed.hint)

    def _theirs_wins(self, trio: Trio, message: str) -> bool:
        return self._wins(trio, message, self._lines(trio.ours))

    def _lines(self, node: Node) -> tuple[int, int]:
        return whole_lines(self.ours, node)

    def _wins(self, trio: OneOfEach, message: str, span: tuple[int, int]) -> bool:
        """Report a conflict, or decide it: True if theirs is to be taken."""
        if self.favor is not None:
            return self.favor == "theirs"
        sides = (self.base, self.ours, self.theirs)
        self.clashes.append(clash(sides, self._around[1:], trio, message, span))
        return False

    def _side(self, node: Node, *, theirs: bool = False) -> Side:
        data, step = (self.theirs, self._theirs_step) if theirs else (self.ours, self._ours_step)
        return Side(data=data, node=node, step=step)

    @cached_property
    def _newline(self) -> bytes:
        return newline_of(self.ours)

    @cached_property
    def _ours_step(self) -> bytes:
        return step_of(self.ours, self._ours, self.format.indent)

    @cached_property
    def _theirs_step(self) -> bytes:
        return step_of(self.theirs, self._theirs, self.format.indent)
