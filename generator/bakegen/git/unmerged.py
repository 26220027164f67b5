"""What git left of an unfinished merge, rebase, cherry-pick or stash pop: the stages of each path in conflict, and
whether the file in the tree is still what git wrote there.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from bakegen import process
from bakegen.git.again import Again, Entries
from bakegen.git.command import OPTIONS, ask, environment
from bakegen.unfinished import Stages

REGULAR = ("100644", "100755")
LABEL = re.compile(rb"^([<|>])(\1{6,}) [^\n]*$", re.MULTILINE)


def unmerged(root: Path) -> dict[PurePosixPath, Stages]:
    """The paths below `root` that are in conflict, relative to it; empty without a merge, a repository or git."""
    entries = _entries(root)
    names = sorted({name for stages in entries.values() for mode, name in stages.values() if mode in REGULAR})
    contents = dict(_contents(root, names))
    found = {}
    for path, stages in entries.items():
        base, ours, theirs = (contents.get(stages[number][1]) if number in stages else None for number in (1, 2, 3))
        regular = all(mode in REGULAR and name in contents for mode, name in stages.values())
        found[path] = Stages(base=base, ours=ours, theirs=theirs, regular=regular)
    return found


def as_git_left(root: Path, working: Mapping[PurePosixPath, bytes]) -> frozenset[PurePosixPath]:
    """Those of the paths in conflict whose bytes are still what git wrote, up to the labels of the marks."""
    entries = {path: stages for path, stages in _entries(root).items() if path in working and {2, 3} <= stages.keys()}
    wanted = {path: _unlabelled(working[path]) for path in entries}
    untouched: set[PurePosixPath] = set()
    with tempfile.TemporaryDirectory(prefix="bakegen-") as folder:
        again = Again.prepare(root, Path(folder), entries) if entries else None
        for written in again.ways() if again else ():
            untouched |= {path for path, data in written.items() if _unlabelled(data) == wanted[path]}
            if untouched == entries.keys():
                break
    return frozenset(untouched)


def _entries(root: Path) -> Entries:
    """Path -> stage -> (mode, object)."""
    entries: dict[PurePosixPath, dict[int, tuple[str, str]]] = {}
    for line in (ask(root, "ls-files", "--unmerged", "-z") or b"").split(b"\0")[:-1]:
        facts, _, name = line.partition(b"\t")
        mode, blob, stage = facts.decode().split()
        with contextlib.suppress(UnicodeDecodeError):  # bakegen renders no such path
            entries.setdefault(PurePosixPath(name.decode()), {})[int(stage)] = (mode, blob)
    return entries


def _contents(root: Path, names: list[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of each object that is there."""
    if not names:
        return
    with process.talk([*OPTIONS, "cat-file", "--batch"], root, environment()) as (requests, answers):
        for name in names:
            requests.write(f"{name}\n".encode())
            requests.flush()
            match answers.readline().split():
                case [_, _, size] if size.isdigit():
                    yield name, answers.read(int(size) + 1)[:-1]


def _unlabelled(data: bytes) -> bytes:
    """With LF as newline, and nothing behind the marks of a conflict."""
    return LABEL.sub(rb"\1\2", data.replace(b"\r\n", b"\n"))
