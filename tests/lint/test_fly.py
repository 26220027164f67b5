"""flyctl understands every fly.toml that is generated."""

import tomllib
from pathlib import Path

from tests.fly_toml import problems
from tests.lint.verdicts import Verdicts


def test_flyctl_understands_every_key(generated: list[Path], verdicts: Verdicts) -> None:
    files = [file for project in generated for file in sorted(project.rglob("fly.toml"))]
    assert files
    with verdicts.of("our own of fly.toml", files):
        assert {str(file): found for file in files if (found := problems(tomllib.loads(file.read_text())))} == {}
