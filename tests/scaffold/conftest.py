"""Ways to make a project: cookiecutter as a program or in this process, and `bakegen new`."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A folder to work in, and a home of one's own: nothing of this machine's configuration is read."""

    folder: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """As on a developer's machine, with a name for git."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
        return kept | {
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.com",
            # Clones of this checkout, whoever owns it.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A program's outcome, whatever it is."""
        return subprocess.run(
            command, cwd=cwd or self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def ok(self, *command: str, cwd: Path | None = None) -> str:
        """What a program said, having succeeded."""
        done = self.run(*command, cwd=cwd)
        assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def world(tmp_path: Path) -> World:
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    return World(folder=tmp_path / "work", home=tmp_path / "home")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a project but git's own: relative path -> bytes."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(files)}


def settings(answers: Mapping[str, str]) -> list[str]:
    """Answers as `bakegen new` takes them."""
    return [f"--set={name}={value}" for name, value in answers.items()]
