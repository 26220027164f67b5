"""git's own merge of three files by lines: what there would be without bakegen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bakegen.errors import UserError
from bakegen.git.command import run
from bakegen.process import Done

BIGGEST = 127  # what `git merge-file` says for so many conflicts or more


def merge_file(folder: Path, files: Sequence[str], labels: Sequence[str], size: int) -> Done:
    """`git merge-file --diff3` of ours, base and theirs, printed: the exit code is the number of conflicts.

    Raises UserError if git is not installed or cannot merge them (they are binary).
    """
    names = [part for label in labels for part in ("-L", label)]
    try:
        done = run(folder, "merge-file", "-p", "--diff3", f"--marker-size={size}", *names, "--", *files)
    except FileNotFoundError:
        raise UserError("git is not installed", hint="install git: https://git-scm.com/downloads") from None
    if not 0 <= done.code <= BIGGEST:
        said = done.err.strip().removeprefix("error: ").removeprefix("fatal: ")
        raise UserError(said or f"git merge-file failed with {done.code}", where=files[0])
    return done
