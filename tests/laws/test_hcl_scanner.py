"""The HCL scanner against python-hcl2, on files drawn as people write them, on their mutants, and on any bytes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.merge.hcl import scan
from bakegen.merge.hcl_read import read
from bakegen.merge.tree import Node, NotUnderstood, Plain
from bakegen.service import Request
from tests.grammar_hcl import bake_files
from tests.laws.projects import requests
from tests.spans import check_tree
from tests.work import calls
from tests.world import World

BITS = (
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    '"',
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    "=",
    ":",
    "#",
    "//",
    "/*",
    "*/",
    "${",
    "%{",
)
MORE_BITS = (
    "$${",
    "\\",
    "<<EOT\n",
    "EOT\n",
    "<<-E",
    "for",
    "a",
    "1",
    ".",
    "?",
    "é",
    "\ufeff",
    "\0",
    "\r",
    'group "api" {',
)


def agree(node: Node, plain: Plain) -> bool:
    """Whether python-hcl2 has found the same keys, and as many list items, all the way down."""
    if node.body is None:
        return node.canon is not None
    items = [child for child in node.body.children if not child.comment]
    if node.body.kind == "list":
        return isinstance(plain, list) and len(plain) == len(items) and all(map(agree, items, plain))
    return (
        isinstance(plain, dict)
        and _unique(items) == plain.keys()
        and all(agree(item, plain[item.key]) for item in items if sum(other.key == item.key for other in items) == 1)
    )


def _unique(items: list[Node]) -> set[str]:
    """The keys as `read` gives them: a target that is there again has a number behind its key."""
    counts: dict[str, int] = {}
    found = set()
    for item in items:
        number = counts[item.key] = counts.get(item.key, 0) + 1
        found.add(item.key if number == 1 else f"{item.key}\0{number}")
    return found


def leaves(node: Node) -> list[Any]:
    """Keys and values without spans and comments."""
    if node.body is None:
        return [node.key, node.canon]
    return [node.key, *(leaves(child) for child in node.body.children if not child.comment)]


def scanned(data: bytes) -> Node | None:
    """The tree, checked; None if the file is refused, with a place and a hint."""
    try:
        tree = scan(data)
    except NotUnderstood as error:
        refusal = error
    else:
        check_tree(data, tree)
        return tree
    assert 0 <= refusal.offset <= len(data)
    assert refusal.message
    assert refusal.hint
    return None


@given(bake_files())
def test_valid_files_are_understood_as_python_hcl2_does(data: bytes) -> None:
    tree = scan(data)

    check_tree(data, tree)
    assert agree(tree, read(data))


@given(bake_files())
def test_neither_mark_nor_line_ends_change_what_is_found(data: bytes) -> None:
    plain = data.replace(b"\r\n", b"\n")

    marked = scanned(b"\xef\xbb\xbf" + plain)
    assert marked is not None
    assert leaves(marked) == leaves(scan(plain))
    assert scanned(plain.replace(b"\n", b"\r\n")) is not None


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """A valid file with a few pieces replaced."""
    data = draw(bake_files())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from((0, 0, 1, 1, 3, 10))))
        piece = draw(st.sampled_from(BITS + MORE_BITS)).encode()
        data = data[:start] + piece + data[end:]
    return data


@given(mutants())
def test_a_mutant_is_refused_or_understood(data: bytes) -> None:
    tree = scanned(data)

    assert tree is None or tree.end == len(data)


@given(st.binary(max_size=200) | st.text("ab=:#/*'\"[](){},<-$%~?\\ \t\n\r\0E1.é", max_size=60).map(str.encode))
def test_any_bytes_give_a_tree_or_a_refusal(data: bytes) -> None:
    tree = scanned(data)

    assert tree is None or tree.end == len(data)


@pytest.mark.parametrize(
    "unit",
    ['"a", ', "[], ", "a=1, ", "/**/ ", "${a}", "/*", "<<E\n", "# x\n", "a = 1\n", "{", "a {}\n", "\n#\n1,", " ", "a "],
)
@pytest.mark.parametrize(
    ("head", "last"), [("", ""), ("a = [", "]\n"), ("a = {", "}\n"), ('a = "${', ""), ("a = <<E\n", "\nE\n")]
)
def test_work_is_linear_in_the_size(head: str, unit: str, last: str) -> None:
    def work(size: int) -> int:
        data = (head + unit * (size // len(unit)) + last).encode()
        return calls(lambda: scanned(data))

    assert work(40_000) < 5 * work(10_000) + 1000


@given(requests())
def test_what_bakegen_renders_is_understood(asked: tuple[Request, ...]) -> None:
    for path, data in World.new(requests=asked).files.items():
        if path.suffix == ".hcl":
            tree = scan(data)
            check_tree(data, tree)
            assert agree(tree, read(data))
