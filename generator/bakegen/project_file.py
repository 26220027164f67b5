"""bakegen.toml edited by spans: comments, order and spelling of everything else stay.

An edit is read again before it is given back: everything that it was not meant to change
must have kept its value, or it is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Any

from bakegen import running
from bakegen.catalog import Catalog
from bakegen.errors import RefusalError, UserError
from bakegen.merge import toml
from bakegen.merge.splice import Splice, line_of, newline_of, splice
from bakegen.merge.toml import Entry, Table
from bakegen.model import Service
from bakegen.project_document import FILE, Lines, values
from bakegen.project_reader import load
from bakegen.project_text import Answers, block, env_answer, line, project_answers, quote, service_answers, value_text
from bakegen.stack import Variable

__all__ = ["block", "project_answers", "quote", "service_answers"]

BEFORE_OPTIONS = ("stack", "path", "port", "publish", "health", "needs", "budget", *running.KEYS)
LISTS = ("unmanaged", "adopted", "hosts", "features")  # of `[project]`, in this order
TABLES = ("build_args", "processes", "env")  # of a service, in this order
SAID = {"processes": "the processes", "env": "the variables"}
BEHIND_OPTIONS = ("uses", "context", "dockerfile", "target", "build_secrets")


def insert_service(data: bytes, service: Service, catalog: Catalog) -> bytes:
    """The file with the service's block at its sorted place, or behind the last service if they are not sorted.

    Raises UserError if the result is not a possible project, RefusalError if the file's shape allows no new block.
    """
    text = _printed(data, block(service))
    expected = values(data)
    expected.setdefault("services", {})[service.name] = service_answers(service)
    result = checked(_paste(data, service.name, text), expected, data, f"[services.{service.name}] cannot be added to")
    return possible(result, catalog)


def remove_service(data: bytes, service: Service, *, discard: bool = False) -> bytes:
    """The file without the service's block: what `insert_service` made of a file becomes that file again.

    Raises RefusalError if the block holds anything else than bakegen would write there, such as a comment, unless that
    is to be discarded with it.
    """
    text = block(service).encode().replace(b"\n", newline_of(data))
    start, end = _span(data, service.name)
    if data[start:end].strip() != text and not discard:
        raise RefusalError(
            f"[services.{service.name}] has comments or a layout of your own, which would go with it",
            where=f"{FILE}:{Lines(data).line('services', service.name)}",
            hint="say --discard-edits to let them go, or delete the table by hand and run: bakegen sync",
        )
    expected = values(data)
    del expected["services"][service.name]
    return checked(_cut(data, service.name), expected, data, f"[services.{service.name}] cannot be removed from")


def set_key(data: bytes, name: str, key: str, value: object, *, discard: bool = False) -> bytes:
    """The file with a key of `[services.NAME]` set, or taken out if the value is None; a new one at its usual place.

    The key of a process is `processes.NAME`. Raises RefusalError if a key that goes has a comment, unless that is to be discarded with it.
    """
    kind, _, entry = key.partition(".")
    if entry:
        return _set_entry(data, (name, kind, entry), value, discard=discard)
    expected = values(data)
    before = expected["services"][name].get(key)
    if before == value:
        return data
    table = _table(data, ("services", name))
    if isinstance(before, list):
        _refuse_comments(data, table, key)
    _put(expected["services"][name], key, value)
    edit = _set(data, table, key, value, _ahead(table, key), discard=discard)
    return checked(splice(data, edit), expected, data, f"{key} of {name} cannot be set in")


def set_variable(data: bytes, name: str, variable: str, value: Variable | None, *, discard: bool = False) -> bytes:
    """The file with a variable in `[services.NAME.env]` set, or taken out if there is no value, as `set_key` does it."""
    return _set_entry(data, (name, "env", variable), None if value is None else env_answer(value), discard=discard)


def _set_entry(data: bytes, path: tuple[str, str, str], answer: object, *, discard: bool) -> bytes:
    """The file with a key in a table of a service: the service, the table and the key. The table goes with its last."""
    name, kind, key = path
    expected = values(data)
    entries = expected["services"][name].setdefault(kind, {})
    if entries.get(key) == answer:
        return data
    _put(entries, key, answer)
    if not entries:
        del expected["services"][name][kind]
    owner = _table(data, ("services", name))
    tables = {table.key[2]: table for table in toml.scan(data) if table.key in {("services", name, k) for k in TABLES}}
    table = tables.get(kind)
    if table is None and answer is not None:
        if any(entry.key[:1] == (kind,) for entry in owner.entries):
            hint = f"write it as a table of its own: [services.{name}.{kind}]"
            where = f"{FILE}:{Lines(data).line('services', name, kind)}"
            raise RefusalError(f"{SAID[kind]} of {name} stand in one line", where=where, hint=hint)
        newline = newline_of(data)
        text = _printed(data, f"[services.{name}.{kind}]\n{line(key, answer)}\n")
        at = max(owner.end, *(tables[each].end for each in TABLES[: TABLES.index(kind)] if each in tables), 0)
        ended = data[:at].endswith(b"\n")
        edit = [Splice(at, at, text if ended else newline + text.removesuffix(newline))]
    elif table is None:
        edit = []
    else:
        before = [entry.key[0] for entry in table.entries if entry.key[0] < key]
        edit = _set(data, table, key, answer, before, discard=discard)
        if edit and not entries and b"#" not in data[table.start : edit[0].start] + data[edit[0].end : table.end]:
            edit = [Splice(table.header, table.end, b"")]
    result = splice(data, edit)
    if not entries and values(result)["services"][name].get(kind) == {}:
        expected["services"][name][kind] = {}
    return checked(result, expected, data, f"{key} of {name} cannot be set in")


def with_items(data: bytes, key: str, items: Collection[PurePosixPath | str]) -> bytes:
    """The file with more items in a list of `[project]`, such as `unmanaged`; sorted."""
    listed = set(values(data).get("project", {}).get(key, []))
    return _set_list(data, key, listed | {str(item) for item in items})


def without_items(data: bytes, key: str, items: Collection[PurePosixPath | str]) -> bytes:
    """The file without some items of a list of `[project]`."""
    listed = set(values(data).get("project", {}).get(key, []))
    return _set_list(data, key, listed - {str(item) for item in items})


def possible(data: bytes, catalog: Catalog) -> bytes:
    """The edited file, if it is a possible project. The UserError names no line: that file is never written."""
    try:
        load(data, catalog)
    except UserError as error:
        raise UserError(error.message, hint=error.hint) from None
    return data


def _ahead(table: Table, key: str) -> set[str]:
    """The keys that come before this one; those of no other place are the stack's options."""
    options = {entry.key[0] for entry in table.entries} - {*BEFORE_OPTIONS, *BEHIND_OPTIONS, *TABLES}
    if key in BEFORE_OPTIONS:
        return set(BEFORE_OPTIONS[: BEFORE_OPTIONS.index(key)])
    behind = BEHIND_OPTIONS[: BEHIND_OPTIONS.index(key)] if key in BEHIND_OPTIONS else ()
    return {*BEFORE_OPTIONS, *options, *behind}


def _set_list(data: bytes, key: str, items: set[str]) -> bytes:
    expected = values(data)
    if set(expected.get("project", {}).get(key, [])) == items:
        return data
    table = _table(data, ("project",))
    _refuse_comments(data, table, key)
    entry = table.entry(key)
    value = sorted(items) or ([] if entry is not None and toml.has_comment(data, table, entry) else None)
    _put(expected["project"], key, value)
    behind = LISTS[LISTS.index(key) + 1 :]
    edit = _set(data, table, key, value, [each.key[0] for each in table.entries if each.key[0] not in behind])
    return checked(splice(data, edit), expected, data, f"`{key}` cannot be changed in")


def _refuse_comments(data: bytes, table: Table, key: str) -> None:
    """A list is written anew, without the comments in it; its items are names and paths, which have no `#`."""
    entry = table.entry(key)
    if entry is not None and b"#" in data[entry.value : entry.end]:
        where = f"{FILE}:{line_of(data, entry.start)}"
        raise RefusalError(f"there are comments in the list `{key}`", where=where, hint="put them above the list")


def _put(table: Answers, key: str, value: object) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _set(
    data: bytes, table: Table, key: str, value: object, before: Collection[str], *, discard: bool = False
) -> list[Splice]:
    """The edit that sets a key in a table; a new one goes behind the last of those that come before it."""
    newline = newline_of(data)
    entry = table.entry(key)
    if entry is not None and value is None:
        if not discard and toml.has_comment(data, table, entry):
            where = f"{FILE}:{line_of(data, entry.start)}"
            hint = "say --discard-edits to let it go, or take the line out by hand and run: bakegen sync"
            raise RefusalError(f"`{key}` has a comment of your own, which would go with it", where=where, hint=hint)
        return [Splice(toml.lead(data, table, entry), _end_of_line(data, entry.end), b"")]
    if entry is not None:
        shown = line(key, value).partition("= ")[2] if isinstance(value, list) else value_text(value)
        return [Splice(entry.value, entry.end, _printed(data, shown))]
    if value is None:
        return []
    ahead = [each for each in table.entries if each.key[0] in before]
    at = _end_of_line(data, _last(ahead).end if ahead else data.index(b"]", table.header))
    text = _printed(data, line(key, value))
    return [Splice(at, at, text + newline if data[:at].endswith(b"\n") else newline + text)]


def _printed(data: bytes, text: str) -> bytes:
    """What bakegen prints, with the file's newlines."""
    try:
        return text.encode().replace(b"\n", newline_of(data))
    except UnicodeEncodeError:  # bytes of the command line that are no text
        raise UserError("a value is not UTF-8 text", hint="write it in UTF-8") from None


def _last(entries: list[Entry]) -> Entry:
    return max(entries, key=lambda entry: entry.end)


def _table(data: bytes, key: tuple[str, ...]) -> Table:
    found = next((table for table in toml.scan(data) if table.key == key), None)
    if found is None:
        name = ".".join(key)
        where = f"{FILE}:{Lines(data).line(*key)}"
        raise RefusalError(f"[{name}] is not a table of its own", where=where, hint=f"write it as a table: [{name}]")
    return found


def _end_of_line(data: bytes, at: int) -> int:
    newline = data.find(b"\n", at)
    return len(data) if newline < 0 else newline + 1


def _paste(data: bytes, name: str, text: bytes) -> bytes:
    """A block at its sorted place, or behind the last one if they are not sorted."""
    newline = newline_of(data)
    blocks = service_blocks(data)
    following = _following(blocks, name)
    if following is not None:
        return splice(data, [Splice(following, following, text + newline * 2)])
    end = blocks[-1][2] if blocks else len(data)
    ended = data[:end].endswith(b"\n")  # a file without a final newline keeps its way
    return splice(data, [Splice(end, end, newline + text + newline if ended else newline * 2 + text)])


def _cut(data: bytes, name: str) -> bytes:
    """The file without a block: what `_paste` has made becomes what it was."""
    newline = newline_of(data)
    start, end = _span(data, name)
    if any(other >= end for _, other, _ in service_blocks(data)):
        end += len(newline) if data.startswith(newline, end) else 0
    else:
        ended = data[:end].endswith(b"\n")
        gap = newline if ended and data[:start].endswith(newline * 2) else b"" if ended else newline * 2
        start = len(data[:start].removesuffix(gap))
    return splice(data, [Splice(start, end, b"")])


def _span(data: bytes, name: str) -> tuple[int, int]:
    return next(((start, end) for each, start, end in service_blocks(data) if each == name), (0, 0))


def service_blocks(data: bytes) -> list[tuple[str, int, int]]:
    """Name, start and end of each run of `[services.NAME]` and its subtables, in file order."""
    blocks: list[tuple[str, int, int]] = []
    for table in toml.scan(data):
        if table.key[:1] != ("services",) or len(table.key) < 2:  # noqa: PLR2004  (services and a name)
            continue
        name = table.key[1]
        if blocks and blocks[-1][0] == name and not data[blocks[-1][2] : table.start].strip():
            blocks[-1] = (name, blocks[-1][1], table.end)
        else:
            blocks.append((name, table.start, table.end))
    return blocks


def _following(blocks: list[tuple[str, int, int]], name: str) -> int | None:
    """Where the first block behind the name's place starts; None if there is none, or the blocks are not sorted."""
    names = [each for each, _, _ in blocks]
    return next((start for each, start, _ in blocks if each > name), None) if names == sorted(names) else None


def checked(result: bytes, expected: Answers, data: bytes, message: str) -> bytes:
    """The edited file, if it has these values; else RefusalError."""
    try:
        same = _filled(values(result)) == _filled(expected)
    except UserError:
        same = False
    if not same:
        line = Lines(data).line("services")
        hint = "write each service as a table of its own: [services.NAME]"
        raise RefusalError(f"{message} this {FILE}", where=f"{FILE}:{line}", hint=hint)
    return result


def _filled(document: dict[str, Any]) -> Answers:
    """Without empty tables: the last service takes `services` along, unless that has a header of its own."""
    return {key: table for key, table in document.items() if table}
