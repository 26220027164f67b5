"""Every refusal that docs/refusals.md tells of is made, with that message and hint, and its cure helps."""

import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from bakegen.merge.file import format_of
from bakegen.merge.tree import Format, Node, NotUnderstood
from bakegen.merge.yaml import scan

FOLDER = Path(__file__).parents[1] / "refusals"
FILES = {"hcl": "docker-bake.hcl", "yaml": "compose.yaml", "toml": "fly.toml", "json": "x.json", "dotenv": ".env"}
REFUSALS = [
    (path.stem, refusal)
    for path in sorted(FOLDER.glob("*.toml"))
    for refusal in tomllib.loads(path.read_text())["refusal"]
]


def fixed(node: Node) -> Iterator[tuple[str, str]]:
    if node.fixed is not None:
        yield node.fixed.message, node.fixed.hint
    for child in node.body.children if node.body is not None else ():
        yield from fixed(child)


def refusals(form: Format, text: str) -> set[tuple[str, str]]:
    """What is said about a text: as a whole, or about items of it that are not for editing."""
    try:
        return set(fixed(form.scan(text.encode())))
    except NotUnderstood as refusal:
        return {(refusal.message, refusal.hint)}


@pytest.mark.parametrize(("name", "refusal"), REFUSALS, ids=[f"{name}: {each['title']}" for name, each in REFUSALS])
def test_the_cure_of_a_refusal_helps(name: str, refusal: dict[str, str]) -> None:
    form = format_of(PurePosixPath(FILES[name]))
    assert form is not None
    said = (refusal["message"], refusal["hint"])

    assert said in refusals(form, refusal["before"])
    assert said not in refusals(form, refusal["after"])
    form.scan(refusal["after"].encode())
    form.read(refusal["after"].encode())


def test_every_format_has_its_refusals() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == FILES.keys()


@pytest.mark.parametrize(
    ("data", "offset", "message"),
    [
        (b"a: \xff\n", 3, "not UTF-8"),
        ("a: 1\n".encode("utf-16"), 0, "not UTF-8"),
        (b"a: 1\rb: 2\n", 4, "a control character"),
        ("a: x\u2028y\n".encode(), 4, "a control character"),
        (b"a:\n  b: 1\n \tc: 1\n", 11, "a tab as indentation"),
        (b"[" * 5000, 200, "nested too deeply"),
        (b"- " * 5000, 400, "nested too deeply"),
        (b'a: "\\ud83d"\n', 4, "an escape that YAML does not know"),
    ],
)
def test_what_is_not_taken_of_yaml_is_said_with_its_place(data: bytes, offset: int, message: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        scan(data)

    assert (caught.value.offset, caught.value.message) == (offset, message)
    assert caught.value.hint
