"""What `check` finds in a file, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bakegen.model import Project


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that is not as the project file says; `where` is a path, with a line where there is one."""

    where: str
    message: str
    hint: str = ""


# What judges the text of a file; it raises UserError where that cannot be read.
Judge = Callable[[Project, bytes], list[Finding]]


def missing(project: Project, path: PurePosixPath, message: str) -> Finding:
    """A finding of what bakegen can put back."""
    hint = f"put it back, or let bakegen do it: {way_back(project, path)}"
    return Finding(where=str(path), message=message, hint=hint)


def way_back(project: Project, path: PurePosixPath) -> str:
    """The command after which the file is as bakegen would have it."""
    command = "manage" if path in project.unmanaged else "sync --only"
    return f"bakegen {command} {path} --discard-edits"
