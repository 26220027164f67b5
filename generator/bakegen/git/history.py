"""Earlier versions of a file, from the commits that HEAD (or what is being merged) can reach: where the base of a merge may be found.

Everything here is a guess that the caller verifies by hash, so any failure (no git, no repository, a shallow or partial
clone) is the answer "not there".
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from bakegen import lock, process
from bakegen.git.command import OPTIONS, ask, environment, run

VERSIONS = 500
# While a merge or its like is unfinished, the other side is no part of HEAD yet.
HEADS = ("HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REBASE_HEAD", "REVERT_HEAD")


def find_blob(root: Path, path: PurePosixPath, wanted: Collection[str]) -> bytes | None:
    """The newest version of a file of the project whose `lock.digest` is one of `wanted`."""
    if not wanted:
        return None
    return next((data for data in versions(root, path) if lock.digest(data) in wanted), None)


def find_lock(root: Path) -> bytes | None:
    """The newest bakegen.lock in history that can be read."""
    return next((data for data in versions(root, lock.FILE) if lock.load(data).readable), None)


def versions(root: Path, path: PurePosixPath) -> Iterator[bytes]:
    """What a file was in the newest commits that changed it, on every branch that HEAD has merged, newest first."""
    if not path.name or not str(path).isprintable():  # a request is a line
        return
    try:
        # A history too long to walk in time gives what was found until then.
        options = ("--ignore-missing", "--full-history", f"--max-count={VERSIONS}")
        found = run(root, "rev-list", *options, *HEADS, "--", str(path)).out.split()
        if not found:
            return
        with process.talk([*OPTIONS, "cat-file", "--batch"], root, environment()) as (requests, answers):
            seen: set[bytes] = set()
            for commit in found:
                requests.write(commit + f":./{path}\n".encode())
                requests.flush()
                name, data = _answer(answers)
                if data is not None and name not in seen:
                    seen.add(name)
                    yield data
    except (OSError, EOFError):
        return


def _answer(stream: IO[bytes]) -> tuple[bytes, bytes | None]:
    """The name and the bytes of a blob, None for anything else."""
    match stream.readline().split():
        case [name, kind, size] if size.isdigit():
            data = stream.read(int(size) + 1)
            if len(data) != int(size) + 1:
                raise EOFError
            return name, data[:-1] if kind == b"blob" else None
        case []:
            raise EOFError
        case _:
            return b"", None


def files(root: Path) -> list[str] | None:
    """The files below a folder that git knows or would take in, relative to it; None if git cannot tell."""
    listed = ask(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return None if listed is None else sorted({name for name in os.fsdecode(listed).split("\0") if name})


def archive(root: Path, reference: str) -> bytes | None:
    """A folder as a commit has it, as a tar file; None if there is no such commit."""
    commit = ask(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    return None if commit is None else ask(root, "archive", "--format=tar", commit.decode().strip())
