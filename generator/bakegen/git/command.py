"""One way to run git: no hook, no pager, no network, English messages, and the repository that the folder is in.

A hook or `git rebase --exec` sets GIT_DIR, GIT_INDEX_FILE and their like for its own repository and its own moment;
a project elsewhere, or a path relative to another folder, would be looked up in the wrong place. They are dropped, and
git finds the repository from the folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from bakegen import process
from bakegen.errors import UserError
from bakegen.process import Done

OPTIONS = (
    "git",
    "--no-pager",
    "--literal-pathspecs",
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.fsmonitor=false"),  # it would be a hook too
    *("-c", "core.quotepath=off"),
    *("-c", "protocol.allow=never"),  # in a partial clone, reading an object would fetch it
)
# What `git rev-parse --local-env-vars` lists, without the configuration of `git -c` and GIT_CONFIG_COUNT, which says
# how to work and not where; and what contradicts --literal-pathspecs or translates messages.
FOREIGN = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    "LANGUAGE",
)


def environment(**more: str) -> dict[str, str]:
    """The environment of this process without what points git elsewhere."""
    own = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return own | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"} | more


def run(folder: Path, *arguments: str, stdin: bytes = b"", **variables: str) -> Done:
    """Run git in a folder, whatever comes of it. Raises OSError if there is no git."""
    return process.run([*OPTIONS, *arguments], folder, environment(**variables), stdin)


def ask(folder: Path, *arguments: str, stdin: bytes = b"", **variables: str) -> bytes | None:
    """What git says, or None: no git, no repository, one that git does not trust, or any other failure."""
    try:
        done = run(folder, *arguments, stdin=stdin, **variables)
    except OSError:
        return None
    return done.out if done.code == 0 else None


def order(folder: Path, *arguments: str) -> bytes:
    """What git says; UserError in git's own words if it fails, with the way out of the usual reasons."""
    try:
        done = run(folder, *arguments)
    except FileNotFoundError:
        raise UserError("git is not installed", hint="install git: https://git-scm.com/downloads") from None
    if done.code == 0:
        return done.out
    lines = [line for line in done.err.splitlines() if line.strip()]
    said = next((line.partition(": ")[2] for line in lines if line.startswith(("fatal: ", "error: "))), "")
    hint = ""
    if "dubious ownership" in said:
        said = "git does not trust the repository, for it belongs to another user"
        hint = next((line.strip() for line in lines if "safe.directory" in line), "git help config, safe.directory")
    elif "not a git repository" in said:
        said, hint = "the folder is in no git repository", "make one: git init"
    raise UserError(said or f"git {arguments[0]} failed with {done.code}", where=str(folder), hint=hint)
