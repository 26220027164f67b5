"""What the scanners of HCL, TOML, JSON and environment files find: keys, values and comments; a second reader agrees."""

from pathlib import PurePosixPath
from typing import Any

import pytest

from bakegen.merge.file import format_of
from bakegen.merge.tree import Node, NotUnderstood
from tests.spans import check_tree


def shape(node: Node) -> Any:
    """The tree without its spans: leaves as their canonical text, comments as `#`."""
    if node.body is None:
        return "#" if node.comment else (node.canon or b"").decode("utf-8", "replace")
    if node.body.kind == "list":
        return [shape(child) for child in node.body.children]
    return {child.key: shape(child) for child in node.body.children}


def outline(node: Any) -> Any:
    """Only what contains what."""
    if isinstance(node, dict):
        return {key: outline(child) for key, child in node.items()}
    return [outline(child) for child in node] if isinstance(node, list) else 0


def values(node: Node) -> Any:
    """The outline without comments, as the second reader sees it."""
    if node.body is None:
        return 0
    children = [child for child in node.body.children if not child.comment]
    if node.body.kind == "list":
        return [values(child) for child in children]
    return {child.key: values(child) for child in children}


def scanned(name: str, text: str) -> Node:
    form = format_of(PurePosixPath(name))
    assert form is not None
    data = text.encode("utf-8", "surrogateescape")
    root = form.scan(data)
    check_tree(data, root)
    assert outline(form.read(data)) == values(root)
    return root


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("a = 1\n", {"a": "1"}),
        ("\ufeffa = 1\r\nb = 2", {"a": "1", "b": "2"}),
        ('target "api" {\n  context = "."\n}\n', {'target "api"': {"context": '"."'}}),
        ("target api {}\n", {'target "api"': {}}),
        ('a = ["x", "y",]\n', {"a": ['"x"', '"y"']}),
        ('a = [\n  # one\n  "x", # two\n\n  # three\n]\n', {"a": ['"x"', "#"]}),
        ('a = [["x"], { b = 1 }]\n', {"a": [['"x"'], {"b": "1"}]}),
        ('a = {\n  b   = 1\n  "c.d" = 2\n}\n', {"a": {"b": "1", "c.d": "2"}}),
        ("a = { b = 1, c: 2 }\n", {"a": {"b": "1", "c": "2"}}),
        ('a = concat(["x"],\n  Y,\n)\n', {"a": 'concat ( [ "x" ] , Y )'}),
        ('a = [for x in Y : "${x}"]\n', {"a": '[ for x in Y : "${x}" ]'}),
        ("a = X ? 1 : 2 # why\n", {"a": "X ? 1 : 2"}),
        ('a = "${"b"}-$${c}-%%{d}"\n', {"a": '"${"b"}-$${c}-%%{d}"'}),
        ("a = <<EOT\nb = {\nEOT\nc = 1\n", {"a": "<<EOT\nb = {\nEOT", "c": "1"}),
        ('a = <<-EOT\n  ${join(",", [\n  1])}\n  EOT\n', {"a": '<<-EOT\n  ${join(",", [\n  1])}\n  EOT'}),
        ("# one\n\n# two\na = 1\n// three\n/* four */\n", {"# one": "#", "a": "1", "// three\n/* four */": "#"}),
        ('g "x" {\n  v {\n    c = 1\n  }\n}\n', {'g "x"': {"v": {"c": "1"}}}),
    ],
)
def test_hcl(text: str, expected: Any) -> None:
    assert shape(scanned("docker-bake.hcl", text)) == expected


def test_of_two_groups_of_one_name_the_last_counts() -> None:
    text = 'group "a" {\n  targets = ["x"]\n}\ngroup "a" {\n  targets = ["y"]\n}\n'
    assert shape(scanned("docker-bake.hcl", text)) == {
        'group "a" #1': {"targets": ['"x"']},
        'group "a"': {"targets": ['"y"']},
    }


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        (b"a = [", 4, "`[` is never closed"),
        (b"a = ]", 4, "`]` closes nothing"),
        (b"a = 1\0", 5, "there is a NUL byte in it"),
        (b"a = 1\rb = 2", 5, "a line ends in CR alone"),
        (b"a =\n", 2, "there is no value behind `=`"),
        (b"a = {b}", 5, "`key = value` was expected"),
        (b"[" * 5000, 100, "it is nested too deeply"),
        (b"a = " + b'"${' * 5000, 305, "it is nested too deeply"),
    ],
)
def test_what_is_no_hcl_is_said_with_its_place(text: bytes, offset: int, message: str) -> None:
    form = format_of(PurePosixPath("x.hcl"))
    assert form is not None
    with pytest.raises(NotUnderstood) as caught:
        form.scan(text)
    assert (caught.value.offset, caught.value.message) == (offset, message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ('a = 1 # x\n[b.c]\nd = "e"\n', {"a": "1", "b.c": {"d": "'e'"}}),
        ("[b]\na = [1, 2]\nc = [\n  # x\n  1,\n]\n", {"b": {"a": ["1", "2"], "c": ["1"]}}),
        ('[a]\nb = { c = 1, "d.e" = 2 }\n', {"a": {"b": {"c": "1", '"d.e"': "2"}}}),
        ('[[a]]\nname = "x"\n[[a]]\nname = "y"\n', {"a 'x'": {"name": "'x'"}, "a 'y'": {"name": "'y'"}}),
        ('# one\n\n[a]\nb = """\n[c]\n"""\n# end\n', {"# one": "#", "a": {"b": "'[c]\\n'", "# end": "#"}}),
        ('[a]\nb.c = 1\n"x y" = 2\n', {"a": {"b.c": "1", '"x y"': "2"}}),
    ],
)
def test_toml(text: str, expected: Any) -> None:
    assert shape(scanned("fly.toml", text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ('{"a": 1, "b": [true, null]}', {"a": "1", "b": ["true", "null"]}),
        ('{\n  // x\n  "a": "\\u00e9", /* y */\n}\n', {"a": '"\\u00e9"'}),
        ('{"a": {}, "b": []}\n', {"a": {}, "b": []}),
        ('\ufeff{"a": [{"name": "x"}]}', {"a": [{"name": '"x"'}]}),
    ],
)
def test_json(text: str, expected: Any) -> None:
    assert shape(scanned("docker-bake.json", text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("A=1\nB='2'\n", {"A": {"A": "1", "B": "2"}}),
        ("# api\nA=1\n\n# web\n# B=2\n", {"# api": {"A": "1"}, "# web": {"# B": "2"}}),
        ("# only words\n", {"# only words": "#"}),
        ('export A="x\ny" # z\n', {"A": {"A": "x\ny"}}),
        ("A=a b # note\nA=2\n", {"A": {"A": "2"}}),
    ],
)
def test_environment_files(text: str, expected: Any) -> None:
    form = format_of(PurePosixPath(".env.example"))
    assert form is not None
    data = text.encode()
    root = form.scan(data)
    check_tree(data, root)
    form.read(data)
    assert shape(root) == expected


def test_lines_lead_and_stand_apart() -> None:
    root = scanned(".gitignore", "# python\n*.pyc\n\n# alone\n\ndist\n")
    assert shape(root) == ["*.pyc", "#", "dist"]
