"""A command, the project before and after it, and every point at which it can be stopped."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.crash.strace import Machine, Point

COMMANDS = {
    "new": ("new", ".", "--preset=empty", "--set=project_name=Shop", "--set=git_init=false"),
    "add": ("add-service", "jobs", "--stack", "python-worker"),
    "remove": ("remove-service", "worker", "--delete-files"),
    "rename": ("rename-service", "worker", "jobs"),
}
CHANGING = [name for name in COMMANDS if name != "new"]  # a project that is there
# `make test` takes some of the points, `make fuzz` all of them.
ALL = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"

Tree = dict[str, tuple[int, bytes]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    machine: Machine
    start: Path
    command: tuple[str, ...]
    old: Tree
    new: Tree
    points: list[Point]

    def copy(self, folder: Path) -> Path:
        """A fresh project to break."""
        project = folder / "shop"
        if project.exists():
            shutil.rmtree(project)
        shutil.copytree(self.start, project, symlinks=True)
        return project

    def state(self, found: Tree) -> str:
        """Which project that is, or how it differs from both."""
        if found == self.old:
            return "old"
        if found == self.new:
            return "new"
        return " | ".join(
            f"not {name}: {sorted(path for path in found.keys() | tree.keys() if found.get(path) != tree.get(path))}"
            for name, tree in (("old", self.old), ("new", self.new))
        )
