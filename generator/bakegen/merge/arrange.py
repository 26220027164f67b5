"""Where items go in a container and how they look there: splices that add and remove whole items.

A new item stands at its sorted place if the siblings are sorted, else behind the sibling that it follows in theirs.
It takes over the neighbours' indentation, separators and blank lines. A removed one takes its comments along, its
separator, and the blank lines that set it apart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bakegen.merge.layout import Side, blank_lines_above, indent_of, laid_out, on_own_lines
from bakegen.merge.splice import Splice, newline_of
from bakegen.merge.tree import Body, Node, ShapeError

Items = Mapping[str, Node]
BLANK_LINES = re.compile(rb"(?:[ \t]*\r?\n)*")
COMMENT = "\1"  # what the key of a comment begins with: no item's key has it


def items_of(body: Body | None) -> dict[str, Node]:
    """The children in file order, by keys made unique: of equal ones the second gets a number, and so on."""
    found: dict[str, Node] = {}
    counts: dict[str, int] = {}
    for node in body.children if body is not None else ():
        key = f"{COMMENT}{node.key}" if node.comment else node.key
        counts[key] = counts.get(key, 0) + 1
        found[key if counts[key] == 1 else f"{key}\0{counts[key]}"] = node
    return found


def place(items: Sequence[str], ours: Items, theirs: Items, key: str) -> int:
    """The index in `items`, the keys of ours and those inserted before, at which a new key of theirs goes."""
    kind = _kind(key)
    mine = [each for each in items if _kind(each) == kind and not _is_comment(each)]
    others = [each for each in theirs if _kind(each) == kind and not _is_comment(each)]
    if not _is_comment(key) and mine and mine == sorted(mine) and others == sorted(others):
        smaller = [each for each in mine if each < key]
        return items.index(smaller[-1]) + 1 if smaller else items.index(mine[0])
    order = list(theirs)
    at = order.index(key)
    for before in reversed(order[:at]):
        if before in items and not (_is_comment(before) and before not in ours):
            return items.index(before) + 1
    for after in order[at + 1 :]:
        if after in items:
            return items.index(after)
    return len(items)


@dataclass(kw_only=True)
class Arrangement:
    """The children of one container after a merge: `order` holds their keys, `splices` what makes it so."""

    sides: tuple[Side, Side]
    bodies: tuple[Body, Body]
    removed: Collection[str]
    added: Sequence[str]
    splices: list[Splice] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ours, self.theirs = self.sides
        self.body, other = self.bodies
        self.items = items_of(self.body)
        self.others = items_of(other)
        self.newline = newline_of(self.ours.data)
        whole = list(self.items)
        for key in self.added:
            whole.insert(place(whole, self.items, self.others, key), key)
        self.order = [key for key in whole if key not in self.removed]
        if not self.items:
            self._fill()
        elif not self.order and not self._is_file() and not other.children:
            self._whole()
        else:
            self._check_not_hollow()
            self._insert(whole)
            self._remove()
            self._separate()

    def _is_file(self) -> bool:
        return self.ours.node.head == self.body.open and self.ours.node.tail == self.body.close

    def _bracketed(self) -> bool:
        return self.ours.data[self.body.close : self.body.close + 1] in (b"}", b"]")

    def _fill(self) -> None:
        """Items into a container that has none: as theirs looks, which has nothing else."""
        if set(self.added) != set(self.others):
            hint = "write one of the items that belong there by hand"
            raise ShapeError(self.ours.node.head, "it is empty, and was not empty before", hint)
        if self._is_file():
            first, last = self.others[self.added[0]], self.others[self.added[-1]]
            text = self.theirs.data[first.start : last.end].replace(b"\n", self.newline)
            self.splices.append(Splice(self.body.close, self.body.close, text))
        else:
            self._whole()

    def _whole(self) -> None:
        node, other = self.ours.node, self.theirs.node
        text = laid_out(self.theirs, other, other.head, other.tail, self.ours, indent_of(self.ours.data, node))
        self.splices.append(Splice(node.head, node.tail, text))

    def _check_not_hollow(self) -> None:
        """A block without brackets cannot hold nothing but comments."""
        if self._is_file() or self._bracketed() or any(not _is_comment(key) for key in self.order):
            return
        hint = "delete the comments that are left in it, or put them above it"
        raise ShapeError(self.ours.node.head, "only comments would be left in it", hint)

    # Adding.

    def _insert(self, whole: list[str]) -> None:
        last = _last_item(self.order)
        for index, key in enumerate(whole):
            if key in self.items:
                continue
            left = next((self.items[each] for each in reversed(whole[:index]) if each in self.items), None)
            right = next((self.items[each] for each in whole[index:] if each in self.items), None)
            node = self.others[key]
            separator = self.body.separator if key != last or self._trailing() else b""
            if left is not None and self._line_style(left):
                self._line_after(left, node, b"" if node.comment else separator)
            elif left is None and right is not None and on_own_lines(self.ours.data, right):
                self._line_before(right, node, b"" if node.comment else separator)
            else:
                self._inline(left, right, node)

    def _line_style(self, node: Node) -> bool:
        """Whether what comes behind the item goes on a line of its own."""
        return on_own_lines(self.ours.data, node) and b"\n" not in self._gap_to_separator(node)

    def _line_after(self, left: Node, node: Node, separator: bytes) -> None:
        text = self.newline * self._blank_lines(node, above=True) + self._line(left, node, separator)
        if not self.ours.data[left.start : left.end].endswith(b"\n"):
            text = self.newline + text.removesuffix(self.newline)
        self.splices.append(Splice(left.end, left.end, text))

    def _line_before(self, right: Node, node: Node, separator: bytes) -> None:
        text = self._line(right, node, separator) + self.newline * self._blank_lines(node, above=False)
        self.splices.append(Splice(right.start, right.start, text))

    def _line(self, neighbour: Node, node: Node, separator: bytes) -> bytes:
        """The item with its comments as lines that look like the neighbour's."""
        data, indent = self.theirs.data, indent_of(self.ours.data, neighbour)
        lead = b""
        if node.start != node.head:
            start = node.start
            end = data.rfind(b"\n", start, node.head) + 1
            lead = laid_out(self.theirs, node, start, end, self.ours, indent) if end > start else b""
        prefix = self.ours.data[neighbour.head : neighbour.value] if self.body.kind == "list" else b""
        start = node.value if prefix or self.body.kind == "list" else node.head
        text = laid_out(self.theirs, node, start, node.tail, self.ours, indent, prefix=prefix)
        note = data[slice(*node.note)] if node.body is None else b""
        return lead + indent + prefix + text + separator + (b" " + note if note else b"") + self.newline

    def _inline(self, left: Node | None, right: Node | None, node: Node) -> None:
        text = self.theirs.data[node.value if self.body.kind == "list" else node.head : node.tail]
        text += b" null" if text.endswith(b":") else b""  # between YAML's brackets a key alone reads on
        at = left or right or self.ours.node
        if b"\n" in text or not self.body.separator or node.comment:
            raise ShapeError(at.head, "the items stand on one line", "put each on a line of its own")
        if left is not None:
            gap = b" " if self.ours.data[left.tail - 1 : left.tail] == b":" else b""
            self.splices.append(Splice(left.tail, left.tail, gap + self.body.separator + b" " + text))
        elif right is not None:
            self.splices.append(Splice(right.head, right.head, text + self.body.separator + b" "))

    def _blank_lines(self, node: Node, *, above: bool) -> int:
        """How many blank lines set a new item apart: as many as its siblings, or, where they differ, as in theirs."""
        data = self.ours.data
        following = list(self.others.values())
        index = following.index(node)
        if above and (node.comment or (index and self._is_new(following[index - 1]))):
            return blank_lines_above(self.theirs.data, node)
        known = [each for each in self.items.values() if not each.comment and on_own_lines(data, each)]
        gaps = {blank_lines_above(data, each) for each in known[1:] if _kind(each.key) == _kind(node.key)}
        if len(gaps) == 1:
            return gaps.pop()
        if above:
            return blank_lines_above(self.theirs.data, node)
        return blank_lines_above(self.theirs.data, following[index + 1]) if index + 1 < len(following) else 0

    def _is_new(self, node: Node) -> bool:
        return any(self.others[key] is node for key in self.added)

    # Removing.

    def _remove(self) -> None:
        nodes = list(self.items.items())
        run: list[int] = []
        for index, (key, node) in enumerate(nodes):
            if key not in self.removed:
                continue
            if not on_own_lines(self.ours.data, node) or node.start < self.body.open:
                self.splices.append(self._inline_span(index, [each for _, each in nodes]))
                continue
            run.append(index)
            following = nodes[index + 1] if index + 1 < len(nodes) else None
            if following is None or following[0] not in self.removed or not on_own_lines(self.ours.data, following[1]):
                self.splices.append(self._lines_of(nodes[run[0]][1], node, first=run[0] == 0, last=following is None))
                run = []

    def _lines_of(self, top: Node, bottom: Node, *, first: bool, last: bool) -> Splice:
        """The lines of a run of items, with the blank lines that set it apart."""
        data, start, end = self.ours.data, top.start, bottom.end
        if any(each.start in {start, end} for each in self.splices if each.start == each.end):
            return Splice(start, end, b"")  # something new takes the place, and needs what sets it apart
        above = blank_lines_above(data, top)
        below = BLANK_LINES.match(data, end)
        has_gap_below = below is not None and below.end() > end
        if above and not first and (has_gap_below or last or end == len(data)):
            for _ in range(above):
                start = data.rfind(b"\n", 0, start - 1) + 1
        elif first and has_gap_below and below is not None:
            end = below.end()
        if end == len(data) and not data.endswith(b"\n") and start > 0 and self._is_file():
            start -= len(self.newline)  # a file without a final newline keeps its way
        return Splice(start, end, b"")

    def _inline_span(self, index: int, nodes: list[Node]) -> Splice:
        keys = list(self.items)
        following = next((at for at in range(index + 1, len(nodes)) if keys[at] not in self.removed), None)
        if index + 1 < len(nodes) and (following is not None or index == 0):
            return Splice(nodes[index].head, nodes[index + 1].head, b"")
        if index > 0:
            return Splice(nodes[index - 1].tail, nodes[index].tail, b"")
        end = nodes[index].tail
        separator = self._separator_at(nodes[index])
        return Splice(nodes[index].head, end if separator is None else separator + len(self.body.separator), b"")

    # Separators.

    def _gap_to_separator(self, node: Node) -> bytes:
        at = self._separator_at(node)
        return b"" if at is None else self.ours.data[node.tail : at]

    def _separator_at(self, node: Node) -> int | None:
        if not self.body.separator:
            return None
        found = re.compile(rb"\s*" + re.escape(self.body.separator)).match(self.ours.data, node.tail)
        return None if found is None else found.end() - len(self.body.separator)

    def _trailing(self) -> bool:
        """Whether the last item has a separator behind it, as every new last one will."""
        last = _last_item(list(self.items))
        return last is not None and self._separator_at(self.items[last]) is not None

    def _separate(self) -> None:
        """Separators of items that stay, where they were the last and are no longer, or the other way round."""
        if not self.body.separator:
            return
        final, old = _last_item(self.order), _last_item(list(self.items))
        if final == old or self._trailing():
            return
        if old is not None and old not in self.removed and on_own_lines(self.ours.data, self.items[old]):
            node = self.items[old]
            self.splices.append(Splice(node.tail, node.tail, self.body.separator))
        if final is not None and final in self.items and on_own_lines(self.ours.data, self.items[final]):
            at = self._separator_at(self.items[final])
            if at is not None:
                self.splices.append(Splice(at, at + len(self.body.separator), b""))


def _last_item(keys: Iterable[str]) -> str | None:
    return next((key for key in reversed(list(keys)) if not _is_comment(key)), None)


def _is_comment(key: str) -> bool:
    return key.startswith(COMMENT)


def _kind(key: str) -> str:
    """What a block of HCL is called before its labels; items of one kind are compared and sorted."""
    return key.partition('"')[0] if '"' in key else ""
