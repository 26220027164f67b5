"""Spans of an environment file: `KEY=value`, and `# KEY=value` for a setting that is shown but not set.

Lines between blank lines are a section, known by its first comment or key: the same key may stand in several.

Values may be quoted, and go on over several lines in double quotes, as Compose reads them:
https://docs.docker.com/reference/compose-file/services/#env_file-format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bakegen.merge.lines import Item, scan_lines
from bakegen.merge.tree import Body, Format, Node, NotUnderstood, Plain

ASSIGNMENT = re.compile(rb"(?P<key>(?:export[ \t]+)?[A-Za-z_][\w.-]*)[ \t]*=[ \t]*")
SHOWN = re.compile(rb"#[ \t]?(?P<key>[A-Z_][A-Z0-9_]*)=")
QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)
BARE = re.compile(rb"(?:[^ \t\r\n]|[ \t]+(?![#\r\n \t]|\Z))*")


def scan(data: bytes) -> Node:
    """The tree of an environment file. Raises NotUnderstood for a line that is neither comment nor assignment."""
    if b"\0" in data:
        raise NotUnderstood(data.index(b"\0"), "there is a NUL byte in it", "delete the byte")
    root = scan_lines(data, _parse, "map")
    groups: list[list[Node]] = []
    for node in root.body.children if root.body is not None else ():
        if groups and groups[-1][-1].end == node.start:
            groups[-1].append(node)
        else:
            groups.append([node])
    sections = (_section(data, group) for group in groups)
    children = tuple(group[0] if section is None else section for group, section in zip(groups, sections, strict=True))
    return replace(root, body=Body(kind="map", open=root.start, close=root.end, separator=b"", children=children))


def _section(data: bytes, group: list[Node]) -> Node | None:
    if all(node.comment for node in group):
        return None
    start, end = group[0].start, group[-1].end
    first = data[start : group[0].head].strip().partition(b"\n")[0].strip()
    key = first.decode("utf-8", "surrogateescape") or group[0].key
    tail = group[-1].note[1] or group[-1].tail
    body = Body(kind="map", open=start, close=end, separator=b"", children=tuple(group))
    return Node(key=key, start=start, head=start, value=start, tail=tail, end=end, body=body)


def _parse(data: bytes, first: int) -> Item | None:
    if data.startswith(b"#", first):
        match = SHOWN.match(data, first)
        if match is None:
            return None
        end = _end_of_value(data, match.end())
        return Item(b"# " + match["key"], match.end(), end, data[match.end() : end])
    match = ASSIGNMENT.match(data, first)
    if match is None:
        raise NotUnderstood(first, "this is no KEY=value", "write it as KEY=value, or as a comment")
    end = _end_of_value(data, match.end())
    if data[match.end() : match.end() + 1] == b'"' and end == match.end():
        raise NotUnderstood(match.end(), "the value's quote is never closed", 'close it with "')
    key = match["key"].removeprefix(b"export").strip()
    return Item(key, match.end(), end, _canon(data[match.end() : end]))


def _end_of_value(data: bytes, start: int) -> int:
    quoted = QUOTED.match(data, start)
    if quoted is not None:
        newline = data.find(b"\n", quoted.end())
        rest = data[quoted.end() : newline if newline >= 0 else len(data)].strip()
        if not rest or rest.startswith(b"#"):
            return quoted.end()
    elif data[start : start + 1] == b'"':
        return start
    bare = BARE.match(data, start)
    return bare.end() if bare is not None else start


def _canon(value: bytes) -> bytes:
    if value[:1] in (b'"', b"'") and value[:1] == value[-1:] and len(value) > 1:
        inner = value[1:-1]
        if b"\\" not in inner and (value[:1] == b"'" or b"$" not in inner):
            return inner
    return value


def read(data: bytes) -> Plain:
    """The sections and what they assign, found once more line by line."""
    found: dict[str, Plain] = {}
    section: dict[str, Plain] = {}
    first, quote = "", b""
    key = ""
    for line in [*data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), b""]:
        text = line.strip()
        if quote:
            section[key] = "\n".join((str(section[key]), _text(line)))
            quote = b"" if _closes(text, quote) else quote
        elif not text:
            if section:
                found[numbered(found, first)] = section
            section, first = {}, ""
        else:
            match = ENTRY.match(text)
            first = first or _name(match, text)
            if match is not None:
                key = numbered(section, _text((b"# " if match["shown"] else b"") + match["key"]))
                value = match["value"].strip()
                section[key] = _text(value)
                opened = value[:1] if value[:1] in (b'"', b"'") else b""
                quote = opened if opened and not match["shown"] and not _closes(value[1:], opened) else b""
    return found


def _name(match: re.Match[bytes] | None, text: bytes) -> str:
    """What the scanner takes for a section's name: its first comment, else its first key."""
    if match is None:
        return _text(text)
    return _text((b"# " if match["shown"] else b"") + match["key"])


def numbered(found: Mapping[str, Plain], key: str) -> str:
    """The key, or with a number if it is there already, as the tree's keys are made unique."""
    number = 2
    name = key
    while name in found:
        name, number = f"{key}\0{number}", number + 1
    return name


def _closes(text: bytes, quote: bytes) -> bool:
    return re.search(rb"(?:^|[^\\])(?:\\\\)*" + quote, text) is not None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


ENTRY = re.compile(
    rb"(?P<shown>\#[ \t]?(?=[A-Z_][A-Z0-9_]*=))?(?:export[ \t]+)?(?P<key>[A-Za-z_][\w.-]*)[ \t]*=(?P<value>.*)",
    re.DOTALL,
)

FORMAT = Format(name="dotenv", scan=scan, read=read)
