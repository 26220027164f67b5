"""Rendering: pure, strict, and in texts that any editor leaves alone."""

import json
import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
import yaml
from jinja2 import Environment, TemplateNotFound, UndefinedError, nodes

from bakegen.render import DELIMITERS, configure, hcl_string, json_string, render, yaml_string
from bakegen.service import Request
from tests.world import CATALOG, World

SHOP = World.new(
    requests=[
        Request(name="api", needs=("postgres",)),
        Request(name="jobs", stack="python-worker"),
        Request(name="web", needs=("api",)),
        Request(name="own", stack="dockerfile", port=9000),
    ]
).project
TEMPLATES = {
    f"{folder}:{path}": text.decode()
    for folder, texts in {"project": CATALOG.project, "parts": CATALOG.parts, **CATALOG.files}.items()
    for path, text in texts.items()
    if any(mark.encode() in text for mark in DELIMITERS.values())
}
RENDERED = {path: file.text for path, file in render(SHOP, CATALOG).items()}


def environment() -> Environment:
    made = Environment(keep_trailing_newline=True, **DELIMITERS)  # type: ignore[arg-type]
    configure(made)
    return made


def test_there_are_templates() -> None:
    assert {"project:docker-bake.hcl", "project:compose.yaml", "fastapi:Dockerfile"} <= TEMPLATES.keys()
    assert {"parts:images/steps.jinja", "parts:images/build.yml", "parts:images/merge.yml"} <= TEMPLATES.keys()


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_print_statement_names_a_variable(name: str) -> None:
    """`cat <<'EOF' >> $F` is a print statement to Jinja, and would silently lose the heredoc."""
    assert silent(TEMPLATES[name]) == []


def silent(source: str) -> list[str]:
    """Print statements that name no variable, as Jinja sees them, but for texts that no heredoc could end with."""
    output = environment().parse(source).find_all(nodes.Output)
    printed = [each for statement in output for each in statement.nodes if not isinstance(each, nodes.TemplateData)]
    unnamed = [each for each in printed if not isinstance(each, nodes.Name) and not list(each.find_all(nodes.Name))]
    return [str(each) for each in unnamed if not isinstance(each, nodes.Const) or re.fullmatch(r"\w+", str(each.value))]


def test_a_heredoc_is_seen() -> None:
    assert silent("cat <<'EOF' >> $F\nEOF\n")


def test_two_renders_are_byte_equal(tmp_path: Path) -> None:
    first = render(SHOP, CATALOG)
    assert (
        first == render(SHOP, CATALOG) == render(SHOP, CATALOG, str(tmp_path)) == render(SHOP, CATALOG, str(tmp_path))
    )


@pytest.mark.parametrize("path", RENDERED, ids=str)
def test_text_is_tidy(path: PurePosixPath) -> None:
    text = RENDERED[path]
    assert b"\r" not in text
    assert [line for line in text.split(b"\n") if line != line.rstrip()] == []
    assert not text or (text.endswith(b"\n") and not text.endswith(b"\n\n"))


def test_undefined_names_fail_and_say_where() -> None:
    path = PurePosixPath("x.txt")
    broken = replace(CATALOG, project={path: b"<< project.nothing >>\n"})
    with pytest.raises(UndefinedError) as caught:
        render(SHOP, broken)
    assert caught.value.__notes__ == ["in the template project:x.txt"]


def test_an_include_of_nothing_fails_and_says_where() -> None:
    path = PurePosixPath("x.txt")
    broken = replace(CATALOG, project={path: b'<% include "images/nothing.yml" %>\n'})
    with pytest.raises(TemplateNotFound, match=r"images/nothing\.yml") as caught:
        render(SHOP, broken)
    assert caught.value.__notes__ == ["in the template project:x.txt"]


def test_text_without_delimiters_is_copied() -> None:
    text = b"{{ x }} ${y} {% z %}\r\n\xff"
    path = PurePosixPath("x.bin")
    assert render(SHOP, replace(CATALOG, project={path: text}))[path].text == text


def test_owners() -> None:
    tree = render(SHOP, CATALOG)
    found = {str(path): (file.ownership, file.service and file.service.name) for path, file in tree.items()}
    assert found["docker-bake.hcl"] == ("managed", None)
    assert found["README.md"] == ("seeded", None)
    assert found["services/api/Dockerfile"] == ("managed", "api")
    assert found["services/api/pyproject.toml"] == ("seeded", "api")
    assert not [path for path in found if path.startswith("services/own/")]


@pytest.mark.parametrize(
    ("value", "hcl", "json"),
    [
        ("a", '"a"', '"a"'),
        ('say "hi" \\ ü', '"say \\"hi\\" \\\\ ü"', '"say \\"hi\\" \\\\ ü"'),
        ("${x} %{y} $z", '"$${x} %%{y} $z"', '"${x} %{y} $z"'),
    ],
)
def test_filters_escape(value: str, hcl: str, json: str) -> None:
    assert (hcl_string(value), json_string(value)) == (hcl, json)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", '""'),
        ("it's", '"it\'s"'),
        ('say "hi"', "'say \"hi\"'"),
        ('it\'s "so"', "'it''s \"so\"'"),
        ('"', "'\"'"),
        ('say "hi" \\', '"say \\"hi\\" \\\\"'),
        ('say\n"hi"', '"say\\n\\"hi\\""'),
    ],
)
def test_yaml_is_quoted_as_prettier_does(value: str, text: str) -> None:
    assert (yaml_string(value), yaml.safe_load(text)) == (text, value)


def test_cookiecutter_has_the_same_delimiters() -> None:
    root = Path(__file__).parents[2]
    answers = json.loads((root / "cookiecutter.json").read_text(encoding="utf-8"))
    assert answers["_jinja2_env_vars"] == DELIMITERS
