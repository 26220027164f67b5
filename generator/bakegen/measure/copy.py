"""A copy of the project to build from: measuring changes a line, and must not change it in the working tree."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import tarfile
from pathlib import Path, PurePosixPath

from bakegen import git
from bakegen.errors import UserError

HEAVY = {".git", ".venv", "node_modules", "__pycache__"}
# How a line is written that changes a file, and not what it does.
LINES = {
    "/* {} */": (".css",),
    "// {}": (".go", ".js", ".jsx", ".ts", ".tsx"),
    "# {}": (".py",),
    "<!-- {} -->": (".html", ".svelte"),
}


def copy(root: Path, folder: Path) -> None:
    """The project as it is, without what git ignores; without git, without what is heavy."""
    names = git.files(root)
    if names is None:
        shutil.copytree(root, folder, symlinks=True, dirs_exist_ok=True, ignore=lambda _, found: HEAVY & set(found))
        return
    for name in names:
        source, target = root / name, folder / name
        if os.path.lexists(source):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)


def commit(root: Path, reference: str, folder: Path) -> None:
    """The project as a commit has it. UserError if there is no such commit, or no git."""
    archive = git.archive(root, reference)
    if archive is None:
        hint = "name a commit, a branch or a tag of this repository"
        raise UserError(f"no commit goes by the name of {reference}", hint=hint)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="tar")


def change_a_line(folder: Path, path: PurePosixPath) -> bool:
    """Add a line to a source file that changes nothing else; False where nobody knows how."""
    file = folder / path
    line = next((line for line, suffixes in LINES.items() if path.suffix in suffixes), None)
    if line is None or not file.is_file():
        return False
    with file.open("a", encoding="utf-8", newline="\n") as text:
        text.write(f"{line.format(secrets.token_hex(8))}\n")  # no earlier build can have had it
    return True
