"""The TOML scanner: on whatever tomllib reads, it finds where each table and each value stands."""

import tomllib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bakegen.merge.toml import Table, scan


def table(data: bytes, *key: str) -> Table:
    return next(each for each in scan(data) if each.key == key)


def text(data: bytes, *key: str) -> bytes:
    found = table(data, *key)
    return data[found.start : found.end]


def values(data: bytes, *key: str) -> list[bytes]:
    return [data[entry.value : entry.end] for entry in table(data, *key).entries]


def test_empty_document_is_an_empty_root_table() -> None:
    assert scan(b"") == (Table(key=(), start=0, header=0, end=0, entries=()),)


def test_tables_in_file_order() -> None:
    data = b"x = 1\n[b]\ny = 2\n\n[a.c]\nz = 3\n"
    assert [each.key for each in scan(data)] == [(), ("b",), ("a", "c")]
    assert text(data, "b") == b"[b]\ny = 2\n"
    assert text(data, "a", "c") == b"[a.c]\nz = 3\n"


def test_lead_comments_belong_to_the_table_below() -> None:
    data = b"# far\n\n# near\n# nearer\n[a]\nx = 1\n"
    assert text(data, "a") == b"# near\n# nearer\n[a]\nx = 1\n"


def test_comments_directly_below_belong_to_the_table_above() -> None:
    data = b"[a]\nx = 1\n# y = 2\n\n# lead\n[b]\n"
    assert text(data, "a") == b"[a]\nx = 1\n# y = 2\n"
    assert text(data, "b") == b"# lead\n[b]\n"


def test_comment_between_two_tables_without_blank_lines_leads_the_second() -> None:
    data = b"[a]\nx = 1\n# lead\n[b]\n"
    assert text(data, "a") == b"[a]\nx = 1\n"
    assert text(data, "b") == b"# lead\n[b]\n"


def test_comment_at_the_end_of_the_file_belongs_to_the_last_table() -> None:
    assert text(b"[a]\nx = 1\n# y = 2", "a") == b"[a]\nx = 1\n# y = 2"


def test_comments_between_entries_are_inside() -> None:
    assert (
        text(b"[a]\n# one\nx = 1\n\n# two\ny = 2 # end\n\n[b]\n", "a") == b"[a]\n# one\nx = 1\n\n# two\ny = 2 # end\n"
    )


def test_value_ends_before_the_comment() -> None:
    assert values(b"[a]\nx = 'a # b'   # c\ny=1# d\n", "a") == [b"'a # b'", b"1"]


def test_crlf() -> None:
    data = b"[a]\r\nx = 1\r\n\r\n[b]\r\ny = 2"
    assert text(data, "a") == b"[a]\r\nx = 1\r\n"
    assert values(data, "b") == [b"2"]


def test_bom_is_outside_of_every_table() -> None:
    data = b"\xef\xbb\xbf[a]\nx = 1\n"
    assert text(data, "a") == b"[a]\nx = 1\n"
    assert scan(data)[0].start == 3


@pytest.mark.parametrize(
    "value",
    [
        b'"""a\n[b]\nc = 1\n"""',
        b"'''\n[b]\n'''",
        b'"""a \\""" b"""',
        b'""""a""""',
        b'"""a"""""',
        b'""""""',
        b"'''a'''''",
        b'"a \\" [b] # c"',
        b"'\\'",
        b"[\n  1, # ]\n  [2],\n]",
        b"[ 'a]', \"]\" ]",
        b'{ a = "}", b = [1], c = { d = 1 } }',
        b"1979-05-27 07:32:00",
        b"0xff",
        b"[]",
        b"{}",
    ],
)
def test_value_spans(value: bytes) -> None:
    data = b"[a]\nx = " + value + b"\ny = 2\n[b]\n"
    assert tomllib.loads(data.decode())["a"]["y"] == 2
    assert values(data, "a") == [value, b"2"]
    assert [each.key for each in scan(data)] == [(), ("a",), ("b",)]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (b"a", ("a",)),
        (b"a.b", ("a", "b")),
        (b" a . b ", ("a", "b")),
        (b'"a.b"', ("a.b",)),
        (b"'a]'", ("a]",)),
        (b'"a\\"\\u00e9"', ('a"é',)),
        (b'"#".\'"\'', ("#", '"')),
        (b"1-2", ("1-2",)),
        ("'größe'".encode(), ("größe",)),
        (b"''", ("",)),
    ],
)
def test_keys_of_tables_and_entries(written: bytes, key: tuple[str, ...]) -> None:
    assert scan(b"[" + written + b"]\n")[1].key == key
    assert scan(b"[[" + written + b"]]\n")[1].key == key
    assert scan(written + b"=1\n")[0].entries[0].key == key


def test_array_of_tables_repeats_its_key() -> None:
    assert [each.key for each in scan(b"[[a]]\nx=1\n[[a]]\n[a.b]\n")] == [(), ("a",), ("a",), ("a", "b")]


def test_header_is_the_bracket() -> None:
    data = b"# lead\n  [a]\n"
    assert data[table(data, "a").header :] == b"[a]\n"


def look_up(document: dict[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = document
    for part in path:
        found = found[-1] if isinstance(found, list) else found
        found = found[part]
    return found


NEWLINES = st.sampled_from(["\n", "\r\n"])
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
KEYS = st.one_of(
    st.text("abcXYZ019_-", min_size=1, max_size=4),
    WORDS.map(lambda word: '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    WORDS.filter(lambda word: "'" not in word).map(lambda word: f"'{word}'"),
)
SCALARS = st.one_of(
    st.integers().map(str),
    st.booleans().map(lambda flag: str(flag).lower()),
    st.sampled_from(["1.5", "inf", "1979-05-27", "07:32:00", "0xff", "1979-05-27T07:32:00Z"]),
    WORDS.map(lambda word: '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    st.text("ab\"\n #[]='", max_size=8).map(lambda word: '"""' + word.replace('"', '\\"') + '"""'),
    st.text('ab"\n #[]=', max_size=8).map(lambda word: f"'''{word}'''"),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=3).map(
            lambda items: "[ # ] \"'\n" + "".join(f"  {item}, # [\n" for item in items) + "]"
        ),
        st.lists(inner, max_size=2).map(
            lambda items: "{" + ", ".join(f"k{i} = {v}" for i, v in enumerate(items)) + "}"
        ),
    ),
    max_leaves=5,
)
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(" . ".join)
LINES = st.one_of(
    st.builds("{} = {}".format, DOTTED, VALUES),
    st.builds("  {}={}#x".format, DOTTED, VALUES),
    DOTTED.map("[{}]".format),
    DOTTED.map("  [[ {} ]] # x".format),
    st.sampled_from(["", "  ", "# comment", "\t# [x]", "#"]),
)
DOCUMENTS = st.builds(
    lambda bom, newline, lines, end: (bom + newline.join(lines) + end).replace("\r\n", "\n").replace("\n", newline),
    st.sampled_from(["", "\ufeff"]),
    NEWLINES,
    st.lists(LINES, max_size=8),
    st.sampled_from(["", "\n"]),
)


@given(DOCUMENTS)
@example("a = 1\n#")
@example("\ufeff# x\n\n")
def test_whatever_tomllib_reads(document: str) -> None:
    data = document.encode()
    try:
        expected = tomllib.loads(data.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError:
        return
    position = 0
    last: dict[tuple[str, ...], int] = {}
    tables = scan(data)
    for number, found in enumerate(tables):
        last[found.key] = number
    for number, found in enumerate(tables):
        assert position <= found.start <= found.header <= max(found.header, found.end)
        position = found.end
        is_last = last[found.key] == number and not any(found.key[: len(key)] == key for key in arrays(tables, number))
        for entry in found.entries:
            written = data[entry.value : entry.end].decode()
            value = tomllib.loads(f"x = {written}")["x"]
            if is_last:
                assert value == look_up(expected, found.key + entry.key)
    assert position <= len(data)


def arrays(tables: tuple[Table, ...], number: int) -> list[tuple[str, ...]]:
    """Keys of tables that come again behind this one: entries of an array that `look_up` does not reach."""
    return [each.key for each in tables[number + 1 :] if each.key]


@given(DOCUMENTS, st.integers(0, 200), st.sampled_from("\"'[]{}#=\n\\., "))
def test_damaged_text_is_scanned_if_tomllib_reads_it(document: str, place: int, char: str) -> None:
    damaged = document[:place] + char + document[place:]
    try:
        tomllib.loads(damaged.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError:
        return
    scan(damaged.encode())
