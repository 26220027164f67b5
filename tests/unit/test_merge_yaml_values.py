import pytest

from bakegen.merge.tree import Node, NotUnderstood
from bakegen.merge.yaml import read, scan


def child(data: bytes, *path: str) -> Node:
    node = scan(data)
    for key in path:
        assert node.body is not None
        node = next(each for each in node.body.children if each.key == key)
    return node


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "'a'"),
        ("a", '"a"'),
        ("a", "!!str a"),
        ("'8000'", '"8000"'),
        ("a b", "a\n  b"),
        ("~", ""),
        ("null", "Null"),
        ("true", "TRUE"),
        ("'a\n\n  b'", '"a\\nb"'),
        ("|\n  a\n", '"a\\n"'),
        ("|-\n    a\n", "a"),
        (">-\n  a\n  b\n", "a b"),
        ("é", r'"\u00e9"'),
        ("!x {a: 1}", "!x\n  a: 1"),
    ],
)
def test_equal_values_are_equal_however_they_are_spelled(one: str, other: str) -> None:
    assert child(f"k: {one}".encode(), "k").canon == child(f"k: {other}".encode(), "k").canon
    assert read(f"k: {one}".encode()) == read(f"k: {other}".encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("8000", "'8000'"),
        ("yes", "'yes'"),
        ("3.10", "3.1"),
        ("null", "'null'"),
        ("010", "8"),
        ("|\n  a", "|\n  a\n"),
        ("|\n  a\n\n", "|+\n  a\n\n"),
        ("!reset a", "a"),
        ("!x a", "!y a"),
        ("2026-11-21", "'2026-11-21'"),
        ("1e3", "'1e3'"),
    ],
)
def test_values_that_differ_for_any_reader_differ(one: str, other: str) -> None:
    assert child(f"k: {one}".encode(), "k").canon != child(f"k: {other}".encode(), "k").canon
    assert read(f"k: {one}".encode()) != read(f"k: {other}".encode())


def test_comments_inside_a_value_are_kept_apart_from_it() -> None:
    node = child(b"a: # note\n  # one\n\n  # two\n  x\nb: | # why\n  y\n", "a")

    assert (node.canon, node.inner) == (b"s:x", b"# one\n# two")
    assert child(b"b: | # why\n  y\n", "b").inner == b"# why"


def test_what_an_alias_stands_for_is_not_for_editing() -> None:
    data = b"x: &a\n  k: [1]\ny: *a\nz: &b 1\nw:\n  <<: *a\n  v: 1\n"

    shared, inner = child(data, "x"), child(data, "x", "k", "1")
    assert shared.fixed is not None
    assert shared.fixed == inner.fixed
    assert "every alias" in shared.fixed.message
    assert child(data, "y").fixed is not None
    assert child(data, "z").fixed is None  # nothing refers to it
    merging = child(data, "w").fixed
    assert merging is not None
    assert "merge key" in merging.message
    assert child(data, "w", "v").fixed is None


def test_equal_keys_are_both_there() -> None:
    body = scan(b"a: 1\nb: 2\na: 3\n").body

    assert body is not None
    assert [node.key for node in body.children] == ["a", "b", "a"]
    assert read(b"a: 1\nb: 2\na: 3\n") == {"a": ["p:1", "p:3"], "b": "p:2"}


@pytest.mark.parametrize(
    "data", [b"a: [\n", b"a: b: c\n", b'a: "x\n', b"- a\nb: c\n", b"\xff", b"a: @\n", b"a:\n\tb: 1\n"]
)
def test_neither_reader_takes_what_is_no_yaml(data: bytes) -> None:
    with pytest.raises(NotUnderstood):
        scan(data)
    with pytest.raises(ValueError, match="PyYAML"):
        read(data)


@pytest.mark.parametrize("data", [b"", b"\n", b"# a comment\n", b"---\n", b"---\n# a comment\n...\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_value_is_an_empty_map(data: bytes) -> None:
    root = scan(data)

    assert root.body is not None
    assert root.body.kind == "map"
    assert all(node.comment for node in root.body.children)
    assert read(data) == {}
