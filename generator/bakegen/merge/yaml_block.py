"""The block structure of one YAML document: which line opens, goes on with or closes which mapping or list.

A parser by indentation that only notes where things are. What stands between two items is read once, by `gap`, and
after each `value` the gap behind it has been read.
"""

from __future__ import annotations

import re
from typing import Literal

from bakegen.merge import yaml_scalar as scalar
from bakegen.merge.tree import Fixed, Node, NotUnderstood
from bakegen.merge.yaml_parts import DEEPEST, Comment, Found, Gaps, Place, container, key_text, make_node

DASH = re.compile(rb"-(?=[ \t\r\n]|\Z)")
ODD_KEY = re.compile(rb"[?:](?=[ \t\r\n]|\Z)")
COLON = re.compile(rb"[ \t]*:(?=[ \t\r\n]|\Z)")
BLANKS = re.compile(rb"[ \t]*")
ANCHOR = rb"[0-9A-Za-z_-]+"
TAG = rb"![^\s,\[\]{}]*"
PROPERTIES = re.compile(
    rb"(?:&(?P<anchor>%b)(?:[ \t]+(?P<tag>%b))?|(?P<tag2>%b)(?:[ \t]+&(?P<anchor2>%b))?)(?=[ \t\r\n,\]}]|\Z)"
    % (ANCHOR, TAG, TAG, ANCHOR)
)
ALIAS = re.compile(rb"\*(%b)" % ANCHOR)
CONTINUED = re.compile(rb"[ \t]*+(?:\r?\n[ \t]*+)*\r?\n( *+)(?=[^ \r\n#])[ \t]*")
END_OF_LINE = frozenset({b" ", b"\t", b"\r", b"\n"})
STRINGS = frozenset({b"!!str", b"!"})
COLLECTIONS = frozenset({b"!!map", b"!!seq", b"!"})

MERGE_KEY = Fixed(
    message="a merge key (`<<`) brings in more than what is written here",
    hint="write the merged entries out in place of `<<`",
)
ALIASED = Fixed(
    message="an alias stands for what is written elsewhere", hint="write the value out in place of the alias"
)


class Block(Gaps):
    """Reads one document. `aliases` are the names that it may use as `*name`."""

    def __init__(self, data: bytes, at: int, stop: int, aliases: frozenset[bytes]) -> None:
        super().__init__(data, at, stop)
        self.aliases = aliases
        self.shared: Fixed | None = None
        self.depth = 0

    def value(self, place: Place, *, compact: bool, named: bool = False) -> Found:
        """What follows a colon, a dash or an anchor at `at`, on this line or on the next ones.

        `compact`: a collection may start on this line. `named`: it has its anchor and tag already.
        """
        blanks = BLANKS.match(self.data, self.at, self.stop)
        start = blanks.end() if blanks else self.at
        if start < self.stop and self.data[start] not in b"\r\n#":
            tab = compact and b"\t" in self.data[self.at : start]
            return self.content(start, place, block=compact and not tab, named=named)
        here = self.at
        self.gap()
        if self.same_line:
            raise NotUnderstood(start, "a `#` where a value should be", "put a blank before the comment")
        note, end, below = self.note, self.line_end, list(self.pending)
        is_list = place.dash and self.column == place.column and DASH.match(self.data, self.next, self.stop)
        if self.column > place.column or is_list:
            found = self.content(self.next, place, block=True, named=named)
            self._commented(found, note, below)
            return found
        return Found(value=here, tail=here, end=end, canon=scalar.NULL, note=note, null=True)

    def _commented(self, found: Found, note: tuple[int, int], below: list[Comment]) -> None:
        """The comments between a key and its value on a line of its own."""
        has_note = note[0] != note[1]
        if found.body is None:
            inner = [self.text_of(below)] if below else []
            if found.note is not None and found.note[0] != found.note[1] and has_note:
                inner.insert(0, self.data[slice(*note)].strip())
            elif has_note:
                found.note = note
            found.inner = b"\n".join([*inner, found.inner] if found.inner else inner)
        elif has_note:
            found.note = note

    def content(self, start: int, place: Place, *, block: bool, named: bool = False) -> Found:
        """The value whose first byte is at `start`. `block`: it may be a mapping or list without brackets."""
        data, first = self.data, self.data[start]
        if first in b"&!" and not named:
            return self._with_properties(start, place, block=block)
        is_list = first == ord("-") and DASH.match(data, start, self.stop)
        if is_list and not block:
            hint = "start the list on a line of its own"
            raise NotUnderstood(start, "a list starts behind something else on its line", hint)
        if is_list or (block and self.key(start) is not None):
            self.deeper(start)
            found = self._list(start, place) if is_list else self._mapping(start)
            self.depth -= 1
            return found
        if first in b"[{":
            from bakegen.merge.yaml_flow import flow

            self.pending.clear()
            found = flow(self, start, place.name)
        else:
            found = self.scalar(start, place)
            self.pending.clear()
        self.at = found.tail
        self.gap()
        if self.same_line:
            hint = "put the value in quotes, or what follows on a line of its own"
            raise NotUnderstood(self.next, "text behind the end of a value", hint)
        found.end = self.line_end
        if not found.many:
            found.note = self.note
        return found

    def deeper(self, start: int) -> None:
        """One level more."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotUnderstood(start, "nested too deeply", f"nest no more than {DEEPEST} levels")

    def _with_properties(self, start: int, place: Place, *, block: bool) -> Found:
        self.deeper(start)
        self.pending.clear()
        self.at, tag, outer = *self.properties(start), self.shared
        self.shared = self.sharing(start) or outer
        blanks = BLANKS.match(self.data, self.at, self.stop)
        inside = blanks.end() if blanks else self.at
        if block and inside < self.stop and self.data[inside] not in b"\r\n#" and self.key(inside) is not None:
            raise NotUnderstood(start, "an anchor or a tag on a key", "put it behind the colon, or leave it out")
        found = self.value(place, compact=False, named=True)
        found.fixed = found.fixed or self.shared
        self.shared = outer
        self.depth -= 1
        return self.tagged(found, tag, start)

    def properties(self, start: int) -> tuple[int, bytes]:
        """Behind the anchor and tag at `start`, and the tag, if any."""
        match = PROPERTIES.match(self.data, start, self.stop)
        if match is None:
            raise NotUnderstood(start, "neither an anchor nor a tag", "put the value in quotes")
        return match.end(), match["tag"] or match["tag2"] or b""

    def sharing(self, start: int) -> Fixed | None:
        """Why the value with the anchor at `start` may not be changed: an alias stands for it elsewhere."""
        match = PROPERTIES.match(self.data, start, self.stop)
        anchor = (match["anchor"] or match["anchor2"]) if match else None
        if anchor not in self.aliases:
            return None
        name = anchor.decode()
        return Fixed(
            message=f"is anchored as &{name}: a change here would change every alias",
            hint=f"write the value out in place of each *{name}, and delete &{name}",
        )

    def tagged(self, found: Found, tag: bytes, start: int) -> Found:
        """A value with what stands before it."""
        if found.canon is not None and found.canon[:1] == b"*":
            hint = "write the value out in place of the alias"
            raise NotUnderstood(start, "an anchor or a tag on an alias", hint)
        found.value = start
        if not tag or (found.body is not None and tag in COLLECTIONS):
            return found
        if found.body is None and tag in STRINGS:
            found.canon = b"s:" + found.text
            return found
        return self.collapsed(found, b"tag:yaml.org,2002:" + tag[2:] if tag.startswith(b"!!") else tag)

    # Collections.

    def _mapping(self, start: int) -> Found:
        column, head, fixed = start - self.line, start, None
        children: list[Node] = []
        while True:
            first, key = self.lead(children, head), self.key(head)
            if key is None:
                hint = "write it as `key: value`, or indent it deeper"
                raise NotUnderstood(head, "not an entry of the mapping that it stands in", hint)
            text, self.at = key
            found = self.value(Place(column, text, dash=True), compact=False)
            if text == "<<":
                found, fixed = self.collapsed(found), MERGE_KEY
            children.append(make_node(text, first, head, found, self.shared))
            if found.null:
                self.trailing(children, column + 1)
            if self.column != column:
                return self._closed("map", children, column, column, fixed)
            head = self.next

    def _list(self, start: int, place: Place) -> Found:
        column, head = start - self.line, start
        children: list[Node] = []
        while True:
            first, self.at = self.lead(children, head), head + 1
            found = self.value(Place(column, "", dash=False), compact=True)
            children.append(make_node(self.item_key(place.name, found), first, head, found, self.shared))
            if found.null:
                self.trailing(children, column + 1)
            if self.column != column or not DASH.match(self.data, self.next, self.stop):
                break
            head = self.next
        if self.column == column != place.column:
            hint = "write it as `- value`, or indent it deeper"
            raise NotUnderstood(self.next, "not an item of the list that it stands in", hint)
        return self._closed("list", children, column, column + (column == place.column), None)

    def _closed(
        self, kind: Literal["map", "list"], children: list[Node], column: int, margin: int, fixed: Fixed | None
    ) -> Found:
        if self.column > column:
            raise NotUnderstood(self.next, "indented unlike the lines above", "indent it as the item above it")
        value = next(child.head for child in children if not child.comment)
        self.trailing(children, margin)
        return container(kind, children, value, fixed)

    # Scalars.

    def key(self, start: int) -> tuple[str, int] | None:
        """The text of the key at `start`, and the offset behind its colon; None if no key stands there."""
        data, first = self.data, self.data[start]
        if first in b"\"'":
            match = (scalar.SINGLE if first == ord("'") else scalar.DOUBLE).match(data, start, self.stop)
            if match is None or b"\n" in match.group():
                return None
        elif ODD_KEY.match(data, start, self.stop):
            hint = "write it as `key: value`, the key in quotes if need be"
            raise NotUnderstood(start, "a key that is empty, or no scalar", hint)
        elif first in scalar.NOT_FIRST or DASH.match(data, start, self.stop):
            return None
        else:
            match = scalar.PLAIN.match(data, start, self.stop)
        colon = COLON.match(data, match.end(), self.stop) if match else None
        if match is None or colon is None:
            return None
        return key_text(quoted(match.group(), start) if first in b"\"'" else match.group(), start), colon.end()

    def scalar(self, start: int, place: Place) -> Found:
        """The scalar or alias at `start`."""
        data, stop, first = self.data, self.stop, self.data[start]
        if first in b"|>":
            header = scalar.HEADER.match(data, start, stop)
            if header is None:
                raise NotUnderstood(start, "not the first line of a block of text", "write `|` alone, or use quotes")
            tail, text = scalar.block(data, header, place.column, stop)
            return Found(value=start, tail=tail, canon=b"s:" + text, text=text, inner=header[6] or b"")
        return self.alias(start) or self.in_quotes(start) or self._plain(start, place)

    def alias(self, start: int) -> Found | None:
        """The alias at `start`."""
        match = ALIAS.match(self.data, start, self.stop)
        if match is None:
            return None
        return Found(value=start, tail=match.end(), canon=match.group(), text=match.group(), fixed=ALIASED)

    def in_quotes(self, start: int) -> Found | None:
        """The scalar in quotes at `start`."""
        first = self.data[start]
        if first not in b"\"'":
            return None
        match = (scalar.SINGLE if first == ord("'") else scalar.DOUBLE).match(self.data, start, self.stop)
        if match is None:
            raise NotUnderstood(start, "a quote that is never closed", "close it")
        text = quoted(match.group(), start)
        return Found(value=start, tail=match.end(), canon=b"s:" + text, text=text)

    def _plain(self, start: int, place: Place) -> Found:
        data, stop = self.data, self.stop
        match = None if data[start] in scalar.NOT_FIRST else scalar.PLAIN.match(data, start, stop)
        if match is None or ODD_KEY.match(data, start, stop):
            raise NotUnderstood(start, "not a value", "put it in quotes")
        tail = match.end()
        while data[tail : tail + 1] in END_OF_LINE and (more := CONTINUED.match(data, tail, stop)):
            line = scalar.PLAIN.match(data, more.end(), stop) if len(more[1]) > place.column else None
            if line is None:
                break
            tail = line.end()
        return plain(data[start:tail], start, tail)


def plain(written: bytes, start: int, tail: int) -> Found:
    """A plain scalar that was found."""
    canon, text = scalar.plain(written)
    return Found(value=start, tail=tail, canon=canon, text=text)


def quoted(written: bytes, offset: int) -> bytes:
    """The content of a scalar in quotes."""
    return scalar.single(written) if written[:1] == b"'" else scalar.double(written, offset)
