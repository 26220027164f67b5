"""Law 8: what is generated passes every linter with no finding, and no formatter would change it."""

from pathlib import Path

import pytest

from tests.lint.linters import LINTERS, Linter
from tests.lint.projects import ALONE, options
from tests.pairs import pairs, uncovered

each_linter = pytest.mark.parametrize("linter", LINTERS, ids=lambda linter: linter.name)


@each_linter
def test_finds_nothing(linter: Linter, generated: list[Path], tools: dict[str, str]) -> None:
    files = [file for project in generated for file in linter.matches(project)]
    assert files
    assert linter.findings(files, tools) == ""


@each_linter
def test_would_find_something(linter: Linter, tmp_path: Path, tools: dict[str, str]) -> None:
    path, text = linter.sample
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    assert linter.findings(linter.matches(tmp_path), tools) != ""


def test_projects_have_every_pair_of_options(generated: list[Path]) -> None:
    chosen = pairs(options())
    assert len(generated) == len(chosen) + len(ALONE)
    assert uncovered(options(), chosen) == set()
    assert uncovered(options(), chosen[:-1])
