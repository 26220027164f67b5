"""The YAML scanner against two parsers, on files drawn as people write them, on their mutants, and on any bytes."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bakegen.merge.tree import Node, NotUnderstood, Plain
from bakegen.merge.yaml import read, scan
from bakegen.service import Request
from tests.grammar_yaml import yaml_files
from tests.laws.projects import requests
from tests.work import calls
from tests.world import World

BITS = (
    "",
    " ",
    "  ",
    "\n",
    ":",
    ": ",
    "- ",
    "#",
    " #",
    "'",
    '"',
    "[",
    "]",
    "{",
    "}",
    ",",
    "|",
    ">",
    "&a ",
    "*a0",
    "!t ",
)
MORE_BITS = ("\t", "\\", "? ", "---\n", "...\n", "\r\n", "%", "@", "<<: ", "0", "é", "😀")
NULLS = ("", "~", "null", "Null", "NULL")


def check_tree(data: bytes, node: Node) -> None:
    """Spans nest, do not overlap, and are in order."""
    assert 0 <= node.start <= node.head <= node.value <= node.tail <= node.end <= len(data)
    assert (node.canon is None) != (node.body is None)
    if node.body is None:
        return
    at = node.body.open
    for child in node.body.children:
        assert at <= child.start
        at = child.end if node.body.separator == b"" else child.tail
        check_tree(data, child)
    assert at <= node.body.close <= node.end


def agree(node: Node, plain: Plain) -> bool:
    """Whether the scanner's tree is what a reader has found."""
    if node.body is None:
        if isinstance(plain, dict | list):  # a collection with a tag of its own, or under a merge key
            return node.canon is not None and node.canon[:1] in b"!t[{"
        return (node.canon or b"").decode() == (plain or "p:null")
    items = [child for child in node.body.children if not child.comment]
    if node.body.kind == "list":
        return isinstance(plain, list) and len(plain) == len(items) and all(map(agree, items, plain))
    return (
        isinstance(plain, dict)
        and {item.key for item in items} == plain.keys()
        and all(agree(item, plain[item.key]) for item in items if _once(item, items))
    )


def _once(item: Node, items: list[Node]) -> bool:
    return sum(other.key == item.key for other in items) == 1


def texts(node: Node) -> Any:
    """The tree as keys and contents, without kinds: what any reader of events can tell."""
    if node.body is None:
        canon = (node.canon or b"").decode()
        if canon[:1] in "!t[{*" and not canon.startswith("*"):
            return "tagged or merged"
        return "" if canon == "p:null" else canon if canon.startswith("*") else canon[2:]
    items = [child for child in node.body.children if not child.comment]
    if node.body.kind == "list":
        return [texts(child) for child in items]
    return {child.key: texts(child) for child in items}


def ruamel_texts(data: bytes) -> Any:
    """The same from ruamel.yaml, which reads YAML 1.2."""
    documents: list[Any] = []
    waiting: list[list[Any]] = []
    for event in YAML(typ="safe", pure=True).parse(io.BytesIO(data)):
        name = type(event).__name__
        if name in ("MappingStartEvent", "SequenceStartEvent"):
            waiting.append([event])
            continue
        if name in ("MappingEndEvent", "SequenceEndEvent"):
            start, *items = waiting.pop()
            value: Any = dict(zip(items[::2], items[1::2], strict=True)) if name == "MappingEndEvent" else items
            if name == "MappingEndEvent" and isinstance(value.get("<<"), list):
                value["<<"] = "tagged or merged"
            value = "tagged or merged" if start.tag else value
        elif name == "AliasEvent":
            value = f"*{event.anchor}"
        elif name == "ScalarEvent":
            custom = event.tag not in (None, "!", "tag:yaml.org,2002:str")
            is_null = not event.style and event.tag is None and event.value in NULLS
            value = "tagged or merged" if custom else "" if is_null else event.value
            value = value.lower() if not event.style and value in ("True", "TRUE", "False", "FALSE") else value
        else:
            continue
        (waiting[-1] if waiting else documents).append(value)
    if len(documents) == 1 and not is_manifest(documents[0]):
        return documents[0] if isinstance(documents[0], dict | list) else [documents[0]]
    return documents or {}


def is_manifest(document: Any) -> bool:
    """Whether it says what it makes: such a document is one of a list, be it of one."""
    values = [document.get("kind"), document.get("metadata")] if isinstance(document, dict) else [None]
    values[1:] = [each.get("name") if isinstance(each, dict) else None for each in values[1:]]
    return all(isinstance(text, str) and text not in {"", "tagged or merged"} and text[0] != "*" for text in values)


@given(yaml_files())
def test_valid_files_are_understood_as_two_parsers_do(data: bytes) -> None:
    tree = scan(data)

    check_tree(data, tree)
    assert agree(tree, read(data))
    assert texts(tree) == ruamel_texts(data)


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """A valid file with a few pieces replaced."""
    data = draw(yaml_files())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from((0, 0, 1, 1, 3, 10))))
        piece = draw(st.sampled_from(BITS + MORE_BITS)).encode()
        data = data[:start] + piece + data[end:]
    return data


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


@given(mutants())
def test_a_mutant_is_refused_or_read_alike(data: bytes) -> None:
    tree = scanned(data)
    try:
        plain = read(data)
    except ValueError:  # the second opinion forbids to edit this file
        return
    assert tree is None or agree(tree, plain)


@given(st.binary(max_size=200) | st.text("ab:-#'\"[]{},|>&*!%?@ \t\n\r\\0<~.é", max_size=60).map(str.encode))
def test_any_bytes_give_a_tree_or_a_refusal(data: bytes) -> None:
    tree = scanned(data)

    assert tree is None or tree.end == len(data)


@pytest.mark.parametrize(
    "unit",
    [
        "a: 1\n",
        "- 1\n",
        "# c\n",
        " \n",
        "a ",
        "a:",
        "'",
        '"\\',
        "- 'b\n",
        "&a\n",
        "---\n",
        "[",
        "k: |\n",
        "a #",
        "a\n",
        "  # x\n",
        "*a ",
    ],
)
@pytest.mark.parametrize("head", ["", "k: |\n ", "k: '", 'k: "', "["])
def test_work_is_linear_in_the_size(head: str, unit: str) -> None:
    def work(size: int) -> int:
        data = (head + unit * (size // len(unit))).encode()
        return calls(lambda: scanned(data))

    assert work(40_000) < 5 * work(10_000) + 1000


@given(requests())
def test_what_bakegen_renders_is_understood(asked: tuple[Request, ...]) -> None:
    for path, data in World.new(requests=asked).files.items():
        if path.suffix in (".yaml", ".yml"):
            tree = scan(data)
            check_tree(data, tree)
            assert agree(tree, read(data))
            assert texts(tree) == ruamel_texts(data)
