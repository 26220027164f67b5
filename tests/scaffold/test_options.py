"""Every pair of answers gives a project that is whole: parsable, in step, the same by both doors."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_cookies.plugin import Cookies

from bakegen import catalog
from bakegen.cli import cli
from tests.pairs import Choice, pairs, uncovered
from tests.scaffold.conftest import ROOT, settings, tree
from tests.scaffold.parsers import parse

HOSTILE = r"""Größe "x" 'y' ${HOME} %{z} $(id) `id` {{ w }} {% v %} \ <b> # & *"""


OLD_NODE = "20"


def options() -> dict[str, list[str]]:
    """A new choice in cookiecutter.json is tested without an edit here; texts get a hard case beside a plain one."""
    choices = {
        name: values
        for name, values in json.loads((ROOT / "cookiecutter.json").read_text()).items()
        if isinstance(values, list) and not name.startswith("_")
    }
    choices["node_version"].remove(OLD_NODE)  # not every preset's stacks run on it: see below
    return choices | {
        "project_name": ["Shop", "Größe & Co. – 2"],
        "description": ["", HOSTILE],
        "owner": ["acme", "Acme-Org"],
        "images": ["", "127.0.0.1:5000/demo/shop", "shop"],
        "hosts": ["", ", ".join(catalog.load().hosts)],
        "git_init": ["true", "false"],
    }


CHOICES = pairs(options())
PRESETS = options()["preset"]


def answers(choice: Choice) -> dict[str, str]:
    """A choice as cookiecutter takes it: an empty `images` means its default."""
    return {name: value for name, value in choice.items() if (name, value) != ("images", "")}


@pytest.mark.parametrize("choice", CHOICES, ids=range(len(CHOICES)))
def test_a_pair(choice: Choice, cookies: Cookies, tmp_path: Path) -> None:
    made = cookies.bake(extra_context=answers(choice), template=str(ROOT))
    assert made.exception is None
    assert made.exit_code == 0
    files = tree(made.project_path)
    for path, content in files.items():
        parse(path, content)
    assert (made.project_path / ".git").is_dir() == (choice["git_init"] == "true")

    runner = CliRunner()
    other = tmp_path / made.project_path.name
    new = runner.invoke(cli, ["new", str(other), *settings(answers(choice))])
    assert new.exit_code == 0, new.output
    assert tree(other) == files


@pytest.mark.parametrize("preset", PRESETS)
def test_a_version_that_a_stack_cannot_run_on_is_refused_by_both_doors(
    preset: str, cookies: Cookies, tmp_path: Path
) -> None:
    wanted = {"preset": preset, "node_version": OLD_NODE, "git_init": "false"}
    made = cookies.bake(extra_context=wanted, template=str(ROOT))
    new = CliRunner().invoke(cli, ["new", str(tmp_path / "shop"), *settings(wanted)])
    if preset == "empty":
        assert (made.exit_code, new.exit_code) == (0, 0)
    else:
        assert "does not go together with node 20" in str(made.exception)
        assert (new.exit_code, "does not go together with node 20" in new.output) == (2, True)


def test_no_pair_is_missing() -> None:
    assert uncovered(options(), CHOICES) == set()
    assert uncovered(options(), CHOICES[:-1])
