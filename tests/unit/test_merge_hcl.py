"""Where the HCL scanner says that things stand, byte for byte, and what python-hcl2 cannot judge."""

import pytest

from bakegen.merge.hcl import scan
from bakegen.merge.hcl_read import read
from bakegen.merge.tree import Node
from tests.spans import check_tree


def node(data: bytes, *keys: str) -> Node:
    """The item that keys lead to."""
    found = scan(data)
    check_tree(data, found)
    for key in keys:
        assert found.body is not None
        found = next(child for child in found.body.children if child.key == key)
    return found


def slices(data: bytes, *keys: str) -> tuple[bytes, bytes, bytes, bytes]:
    """From start to end, from head to tail, from value to tail, and the note."""
    found = node(data, *keys)
    return (
        data[found.start : found.end],
        data[found.head : found.tail],
        data[found.value : found.tail],
        data[slice(*found.note)],
    )


@pytest.mark.parametrize(
    ("data", "keys", "whole", "item", "value", "note"),
    [
        (b"a = 1 # x\nb = 2\n", ("a",), b"a = 1 # x\n", b"a = 1", b"1", b"# x"),
        (b"a = 1\nb=2", ("b",), b"b=2", b"b=2", b"2", b""),
        (b"\xef\xbb\xbf// x\r\na = 1\r\n", ("a",), b"// x\r\na = 1\r\n", b"a = 1", b"1", b""),
        (b"# old\n\n# x\n/* y */\na = 1\n", ("a",), b"# x\n/* y */\na = 1\n", b"a = 1", b"1", b""),
        (b"# x\n\t b { # y\n}\n", ("b",), b"# x\n\t b { # y\n}\n", b"b { # y\n}", b"b { # y\n}", b"# y"),
        (b"b {\n} # z\n", ("b",), b"b {\n} # z\n", b"b {\n}", b"b {\n}", b"# z"),
        (b"a = <<-E\n  x # y\n  E\nb = 1\n", ("a",), b"a = <<-E\n  x # y\n  E\n", b"a = <<-E\n  x # y\n  E", b"<<-E\n  x # y\n  E", b""),
        (b"a = f(\n  1, # x\n) # y\n", ("a",), b"a = f(\n  1, # x\n) # y\n", b"a = f(\n  1, # x\n)", b"f(\n  1, # x\n)", b"# y"),
        (b'a = ["x", "y"]\n', ("a", '"x"'), b'"x"', b'"x"', b'"x"', b""),
        (b'a = [\n  # one\n  "x" , # two\n  "y"\n]\n', ("a", '"x"'), b'  # one\n  "x" , # two\n', b'"x"', b'"x"', b"# two"),
        (b'a = [\n  "x"\n  , "y" # z\n]\n', ("a", '"y"'), b'"y" # z\n', b'"y"', b'"y"', b"# z"),
        (b'a = [\n  "x", "y",\n]\n', ("a", '"y"'), b'"y",\n', b'"y"', b'"y"', b""),
        (b"a = { b = 1, c : 2 }\n", ("a", "c"), b"c : 2", b"c : 2", b"2", b""),
        (b'a = {\n  "x/y" = 1 # z\n}\n', ("a", "x/y"), b'  "x/y" = 1 # z\n', b'"x/y" = 1', b"1", b"# z"),
        (b"a = {\n  (X) = 1\n}\n", ("a", "(X)"), b"  (X) = 1\n", b"(X) = 1", b"1", b""),
        (b'variable "X" { default = "x" }\n', ('variable "X"', "default"), b'default = "x"', b'default = "x"', b'"x"', b""),
    ],
)  # fmt: skip
def test_spans(data: bytes, keys: tuple[str, ...], whole: bytes, item: bytes, value: bytes, note: bytes) -> None:
    assert slices(data, *keys) == (whole, item, value, note)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"f(1, 2)", b"f( 1,\n  2, # x\n)"),
        (b"X ? [1] : []", b"X?[1]:[ ]"),
        (b"[for x in Y : x]", b"[\n  for x in Y : x\n]"),
        (b"{for k, v in Y : k => v}", b"{ for k,v in Y:\n  k=>v }"),
    ],
)
def test_space_and_comments_in_an_expression_do_not_count(one: bytes, other: bytes) -> None:
    assert node(b"a = " + one, "a").canon == node(b"a = " + other, "a").canon


def test_what_is_in_a_string_counts() -> None:
    assert node(b'a = "x y"', "a").canon != node(b'a = "x  y"', "a").canon


def test_comments_in_an_expression_are_kept_apart() -> None:
    assert node(b"a = f( # x\n  1, // y\n)\n", "a").inner == b"# x\n// y"


@pytest.mark.parametrize(
    ("data", "separator"),
    [
        (b"a = []", b","),
        (b"a = {}", b","),
        (b"a = { b = 1 }", b","),
        (b"a = {\n  b = 1\n}", b""),
        (b"a = {\n  b = 1,\n}", b","),
        (b"a {\n  b = 1\n}", b""),
    ],
)
def test_what_stands_between_two_items(data: bytes, separator: bytes) -> None:
    body = node(data, "a").body

    assert body is not None
    assert body.separator == separator


@pytest.mark.parametrize("mark", [b"EOT", b"EOT ", b"EOT\t", b"  EOT"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_heredoc_ends_at_its_mark_with_blanks_around(mark: bytes, newline: bytes) -> None:
    data = newline.join([b"a = <<EOT", b"EOTX", b'${f("}")} # {', mark, b"b = 1", b""])

    assert node(data, "a").verbatim
    assert node(data, "b").canon == b"1"


@pytest.mark.parametrize(
    "data",
    [
        'a = "$${not"\n',
        'a = "%%{ x"\n',
        'a = "${~ "b" ~}"\n',
        'a = "$${x" # }\n',
        'a = "${ "b" /* } */ }"\n',
        'a = "${ "b" # }\n }"\n',
        "a = <<_EOT\nx\n_EOT\n",
        "a = <<É\nx\nÉ\n",
        "a = <<EOT\n${[\nEOT\n]}\nEOT\n",
        'a = { héllo = "x" }\n',
        "a /* x */ = 1\n",
        "a = !!b\n",
        "a = [b\n[0]]\n",
    ],
)
def test_what_python_hcl2_refuses_has_spans_all_the_same(data: str) -> None:
    assert node(data.encode(), "a").key == "a"
    with pytest.raises(ValueError, match="python-hcl2"):
        read(data.encode())
