"""A walk through somebody's repository: which files there are, and the text of those that say what is built."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bakegen.adopt.facts import TOO_LARGE
from bakegen.adopt.files import BAKE, COMPOSE, COMPOSE_OVERRIDE, RAILWAY
from bakegen.errors import UserError
from bakegen.workspace import Workspace

SKIPPED = frozenset(
    {
        *(".git", ".hg", ".svn", ".bakegen", ".cache", ".next", ".nox", ".terraform", ".tox", ".venv", "venv"),
        *(
            "__pycache__",
            "bower_components",
            "dist",
            "node_modules",
            "site-packages",
            "target",
            "third_party",
            "vendor",
        ),
    }
)
DOCKERFILE = re.compile(r"(Dockerfile|Containerfile)(\.[A-Za-z0-9_-]+)?|[A-Za-z0-9._-]+\.Dockerfile", re.IGNORECASE)
WORKFLOWS = PurePosixPath(".github", "workflows")
ENTRIES = 200_000  # looked at before the walk ends
DEPTH = 12


class Repository:
    """A folder that is to be adopted. Links to folders are not followed, links to files only inside it."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace(root)
        self.complete = True
        self.paths = self._walk()

    def texts(self) -> dict[PurePosixPath, bytes]:
        """The bake and Compose files at the root, and every Dockerfile and file of Railway's."""
        root = {*BAKE, *COMPOSE, *COMPOSE_OVERRIDE}
        return self.read(path for path in self.paths if path in root or path.name in RAILWAY or is_dockerfile(path))

    def workflows(self) -> list[PurePosixPath]:
        """GitHub's workflows."""
        return [path for path in self.paths if path.parent == WORKFLOWS and path.suffix in {".yml", ".yaml"}]

    def read(self, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, bytes]:
        """The bytes of those files that there are; UserError for one that nobody could have written by hand."""
        found: dict[PurePosixPath, bytes] = {}
        for path in sorted(paths):
            if not self._inside(path):
                continue
            if (self.workspace.root / path).stat().st_size > TOO_LARGE:
                raise UserError(f"the file has more than {TOO_LARGE} bytes", where=str(path))
            text = self.workspace.read(path)
            if text is not None:
                found[path] = text
        return found

    def _inside(self, path: PurePosixPath) -> bool:
        try:
            place = (self.workspace.root / path).resolve(strict=True)
        except (OSError, RuntimeError):
            return False
        return place.is_file() and place.is_relative_to(self.workspace.root)

    def _walk(self) -> list[PurePosixPath]:
        """All files, folder by folder, those nearest to the root first."""
        found: list[PurePosixPath] = []
        waiting = [PurePosixPath()]
        seen = 0
        for folder in waiting:  # grows while it is walked
            for name, is_folder in self._entries(folder):
                seen += 1
                if seen > ENTRIES:
                    self.complete = False
                    return found
                if not is_folder:
                    found.append(folder / name)
                elif name not in SKIPPED and len(folder.parts) < DEPTH:
                    waiting.append(folder / name)
        return found

    def _entries(self, folder: PurePosixPath) -> list[tuple[str, bool]]:
        try:
            with os.scandir(self.workspace.root / folder) as entries:
                return sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
        except OSError:  # a folder that may not be read has nothing to say
            return []


def is_dockerfile(path: PurePosixPath) -> bool:
    """Whether the name says that it is a Dockerfile."""
    return DOCKERFILE.fullmatch(path.name) is not None and path.suffix != ".dockerignore"
