"""A command loads what it uses: template engine and second opinions are slow to import."""

import ast
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

import bakegen
from bakegen.cli import cli

HEAVY = {"cookiecutter", "hcl2", "jinja2", "lark", "rich", "requests", "yaml"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imports") / "shop"
    made = CliRunner().invoke(cli, ["new", str(folder), "--set=git_init=false"])
    assert made.exit_code == 0, made.output
    return folder


def heavy_imports(project: Path, *arguments: str) -> set[str]:
    """The heavy packages that a command has loaded when it ends."""
    command = [sys.executable, "-X", "importtime", "-m", "bakegen", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    times = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert "bakegen.cli" in times
    return {name.partition(".")[0] for name in times} & HEAVY


@pytest.mark.parametrize("command", ["--help", "--version", "add-service --help", "list", "check", "diff", "sync"])
def test_where_nothing_changes_nothing_heavy_is_loaded(command: str, project: Path) -> None:
    assert heavy_imports(project, *command.split()) == set()


def test_adding_a_service_loads_only_the_template_engine(project: Path) -> None:
    assert heavy_imports(project, "add-service", "worker") == {"jinja2"}


def test_declared_dependencies_are_those_imported() -> None:
    declared = {re.split(r"[^\w-]", line)[0] for line in metadata.requires("bakegen") or [] if "extra ==" not in line}
    imported = {
        name.partition(".")[0]
        for file in Path(bakegen.__file__).parent.rglob("*.py")
        if not {"packages", "stacks"} & set(file.parts)
        for node in ast.walk(ast.parse(file.read_text()))
        for name in imported_names(node)
    }
    packages = metadata.packages_distributions()
    foreign = {packages[name][0] for name in imported - {"bakegen"} if name in packages}
    assert {name.lower() for name in foreign} == {name.lower() for name in declared}


def imported_names(node: ast.AST) -> list[str]:
    """The modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []
