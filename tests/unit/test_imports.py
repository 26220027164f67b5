"""A command loads what it uses: template engine and second opinions are slow to import."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

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
