"""A repository's first commit, its setting for the merge driver, and what is staged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from bakegen.git.command import ask, order, run

MESSAGE = "Scaffold the project with bakegen"
STEPS = {
    "rebase-merge": "git rebase --continue",
    "rebase-apply": "git rebase --continue",
    "CHERRY_PICK_HEAD": "git cherry-pick --continue",
    "REVERT_HEAD": "git revert --continue",
    "MERGE_HEAD": "git commit",
}


def first_commit(root: Path) -> str:
    """`git init` and a first commit of everything in `root`; gives back what was done, as a sentence.

    A folder inside a git work tree is left alone: its repository is somebody else's.
    """
    try:
        if run(root, "rev-parse", "--is-inside-work-tree").code == 0:
            return "The folder is part of a git repository already: nothing was committed."
        commands = [["init", "--quiet", "--initial-branch=main"], ["add", "--all"]]
        commands.append(["commit", "--quiet", "--no-gpg-sign", "--no-verify", f"--message={MESSAGE}"])
        for command in commands:
            identity = _identity(root) if command[0] == "commit" else []
            result = run(root, *identity, *command)
            if result.code:
                return f"The project is written, but `git {command[0]}` failed: {result.err.strip()}"
    except FileNotFoundError:
        return "The project is written, but git is not installed: nothing was committed."
    return "Committed to a new git repository, branch main."


def _identity(root: Path) -> list[str]:
    if run(root, "config", "user.email").out.strip():
        return []
    return ["-c", "user.name=bakegen", "-c", "user.email=bakegen@localhost"]


def settings(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Those of the repository's own settings that are set; UserError outside of a repository."""
    order(folder, "rev-parse", "--git-dir")
    found = {name: ask(folder, "config", "--local", "--get", name) for name in names}
    return {name: value.decode("utf-8", "replace").removesuffix("\n") for name, value in found.items() if value}


def configure(folder: Path, wanted: Mapping[str, str]) -> None:
    """Set settings of the repository; UserError if git cannot."""
    for name, value in wanted.items():
        order(folder, "config", "--local", "--replace-all", name, value)


def forget(folder: Path, section: str) -> None:
    """Remove a section of the repository's settings; UserError if git cannot."""
    order(folder, "config", "--local", "--remove-section", section)


def attribute(folder: Path, name: str, path: PurePosixPath) -> str:
    """What `.gitattributes` says about a path of the folder: a value, `set`, `unset` or `unspecified`."""
    said = ask(folder, "check-attr", "-z", name, "--", str(path)) or b"\0\0unspecified\0"
    return said.split(b"\0")[2].decode("utf-8", "replace")


def next_step(root: Path) -> str:
    """The command that goes on with what git has not finished, once everything is resolved; empty if none is known."""
    for name, step in STEPS.items():
        place = (ask(root, "rev-parse", "--git-path", name) or b"").decode("utf-8", "surrogateescape").strip("\n")
        if place and (root / place).exists():
            return step
    return ""


def stage(root: Path, paths: Iterable[PurePosixPath]) -> None:
    """`git add` of exactly these paths, also where they are ignored; UserError if git cannot."""
    order(root, "add", "--force", "--", *map(str, paths))
