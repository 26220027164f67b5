"""Law 8: what is generated passes every linter with no finding, and no formatter would change it."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.lint import stacks
from tests.lint.linters import LINTERS, Linter
from tests.lint.projects import choices, impossible, options
from tests.lint.verdicts import Verdicts, versioned
from tests.pairs import uncovered

each_linter = pytest.mark.parametrize("linter", LINTERS, ids=lambda linter: linter.name)


@each_linter
def test_finds_nothing(linter: Linter, generated: list[Path], tools: dict[str, str], verdicts: Verdicts) -> None:
    files = [file for project in generated for file in linter.matches(project)]
    assert files
    with verdicts.of(versioned(linter.name, linter.command[0], tools), files):
        assert linter.findings(files, tools) == ""


@each_linter
def test_would_find_something(linter: Linter, tmp_path: Path, tools: dict[str, str]) -> None:
    path, text = linter.sample
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    assert linter.findings(linter.matches(tmp_path), tools) != ""


def test_shellcheck_reads_every_script_of_a_workflow(
    generated: list[Path], tools: dict[str, str], tmp_path: Path
) -> None:
    (actionlint,) = (linter for linter in LINTERS if linter.name == "actionlint")
    texts = {file.read_text() for project in generated for file in actionlint.matches(project)}
    for number, text in enumerate(sorted(texts)):
        fault = r"\1run: |\n\1  echo $GITHUB_REF\n\1  "
        (tmp_path / f"{number}.yml").write_text(re.sub(r"(?m)^( +)run: (\|\n\1  )?", fault, text))
    jobs = [job for text in texts for job in yaml.safe_load(text)["jobs"].values()]
    scripts = [step["run"] for job in jobs for step in job.get("steps", ()) if "run" in step]
    assert scripts
    assert actionlint.findings(sorted(tmp_path.iterdir()), tools).count(": SC2086:") == len(scripts)


def test_projects_have_every_pair_of_options() -> None:
    assert uncovered(options(), choices(), impossible()) == set()
    assert uncovered(options(), choices()[:-1], impossible())


def test_projects_have_every_choice_of_every_stack(generated: list[Path]) -> None:
    made = set()
    for project in generated:
        data = tomllib.loads((project / "bakegen.toml").read_text())
        for service in data.get("services", {}).values():
            stack = stacks.CATALOG.stacks[service["stack"]]
            made |= {(stack.id, language, data["versions"][language]) for language in ("node", "python")}
            made |= {(stack.id, name, service.get(name, option.choices[0])) for name, option in stack.options.items()}
    wanted = {
        (stack.id, name, choice)
        for stack in stacks.brought()
        for name, option in stack.options.items()
        for choice in option.choices
    }
    for stack in stacks.brought():
        for language in filter(None, {stack.language, *stack.versions}):
            every = stack.versions.get(language, stacks.CATALOG.languages[language].versions)
            wanted |= {(stack.id, language, version) for version in every}
    assert wanted - made == set()


def test_every_file_that_could_be_a_dockerfile_is_linted(generated: list[Path]) -> None:
    (hadolint,) = (linter for linter in LINTERS if linter.name == "hadolint")
    linted = {path.name for project in generated for path in hadolint.matches(project)}
    seeded = {path.name for project in generated for path in project.rglob("*Dockerfile*")}
    assert linted == {name for name in seeded if not name.endswith(".dockerignore")}
