"""The foreign repositories of this folder: `NAME/repo` is one as somebody keeps it, `NAME/expected.toml` what it is.

set = ["images=helpdesk"]   # what `bakegen adopt` is told, besides
images, repository          # what it makes of them
adopted, omitted            # lists of paths, and of names that do not become services
[services.NAME]             # the whole table, without `stack`
"""

import shutil
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OWN = {"bakegen.toml", "bakegen.lock"}


def names() -> list[str]:
    """Every repository, by the name of its folder."""
    return sorted(path.parent.name for path in HERE.glob("*/expected.toml"))


def expected(name: str) -> dict[str, Any]:
    """What expected.toml says."""
    return tomllib.loads((HERE / name / "expected.toml").read_text(encoding="utf-8"))


def copy(name: str, folder: Path) -> Path:
    """A copy of a repository, in a folder of the same name."""
    shutil.copytree(HERE / name / "repo", folder / name)
    return folder / name


def adopt(name: str) -> list[str]:
    """The command that adopts the repository that the working directory is."""
    return ["adopt", *(f"--set={answer}" for answer in expected(name).get("set", []))]
