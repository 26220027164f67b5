"""A case: a folder with `case.toml`, and `stdout` and `stderr` as the command prints them (no file: nothing).

    start = "shop"                       # empty | shop (api and worker) | nothing (an empty folder)
    setup = ["bakegen add-service web"]  # commands that must succeed, before the edits
    folder = "services/api"              # where the command runs; the project's root if left out
    run = "bakegen add-service jobs"     # the command, split as a shell would
    exit = 0
    changed = ["docker-bake.hcl"]        # every path that changes, and no other; "services/jobs/" is all below it
    [edit]
    "compose.yaml" = ["old", "new"]      # exactly one `old`; a string is the whole file; false deletes it
    "README.md" = { append = "é", as = "latin-1", times = 3, after = "x" }  # more at its end; all but `append` may be left out
    "bakegen.toml" = { link = "elsewhere.toml" }  # a symbolic link in its place
    [after]
    "compose.yaml" = ["new", "!old"]     # what the file must hold in the end, and what, behind a `!`, it must not

What depends on the machine, or on how long a stack's files are, is replaced by `[..]` before texts are compared.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STARTS = {"nothing": (), "empty": ((),), "shop": ((), ("add-service", "api"), ("add-service", "worker"))}
# Which files a stack brings, and how long they are, is not the command line's business.
STACKS_FILES = re.compile(r"^(  [+-] services/[a-z-]+/).*\n(?:\1.*\n)*", re.MULTILINE)
COUNTS = re.compile(r"(?<=^  [~+-] )(\S+)  [+-]\d+.*$", re.MULTILINE)
JSON_COUNTS = re.compile(r'(?<="added": )\d+|(?<="removed": )\d+')
VERSION = re.compile(r"(?<=\d\+)[0-9a-f]{12}")
HASH = re.compile(r"[0-9a-f]{64}")
PINS = re.compile(r'(?<=\["pins", ).*')

Edit = str | bool | list[str] | dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What case.toml says."""

    run: str
    start: str = "shop"
    setup: tuple[str, ...] = ()
    edit: dict[str, Edit] = field(default_factory=dict)
    folder: str = "."
    exit: int = 0
    changed: tuple[str, ...] = ()
    after: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str) -> "Case":
        """The case in the folder of that name."""
        data = tomllib.loads((HERE / name / "case.toml").read_text())
        fields: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        return cls(**fields)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a command did; texts without what depends on the machine."""

    exit: int
    stdout: str
    stderr: str
    changed: tuple[str, ...]
    wrong: tuple[str, ...]


def names() -> list[str]:
    """Every case, by the name of its folder."""
    return sorted(path.parent.name for path in HERE.glob("*/case.toml"))


def build(start: str, project: Path, home: Path) -> None:
    """A project to start from, made by the command line itself."""
    project.mkdir()
    for arguments in STARTS[start]:
        command = arguments or ("new", ".", "--preset=empty", "--set=project_name=Shop", "--set=git_init=false")
        done = bakegen(command, project, home)
        assert done.returncode == 0, done.stderr


def play(case: Case, project: Path, home: Path) -> Outcome:
    """Run the case in a project that is as `start` says."""
    for line in case.setup:
        done = bakegen(shlex.split(line)[1:], project, home)
        assert done.returncode == 0, done.stdout + done.stderr
    for path, edit in case.edit.items():
        apply(project / path, edit)
    before = tree(project)
    program, *arguments = shlex.split(case.run)
    assert program == "bakegen"
    done = bakegen(arguments, project / case.folder, home)
    after = tree(project)
    changed = sorted(path for path in before | after if before.get(path) != after.get(path))
    return Outcome(
        exit=done.returncode,
        stdout=stable(done.stdout, project),
        stderr=stable(done.stderr, project),
        changed=folded(changed, case.changed),
        wrong=wrong(project, case.after),
    )


def wrong(project: Path, after: dict[str, list[str]]) -> tuple[str, ...]:
    """What a file does not hold in the end, or should not; a file must be there."""
    found = []
    for path, texts in after.items():
        data = (project / path).read_bytes() if (project / path).is_file() else None
        found += [f"{path}: {text}" for text in texts if data is None or not holds(data, text)]
    return tuple(found)


def holds(data: bytes, text: str) -> bool:
    """Whether the bytes have a text, or, with a `!` in front, do not have it."""
    return (text.removeprefix("!").encode() in data) != text.startswith("!")


def apply(path: Path, edit: Edit) -> None:
    """One hand edit."""
    if edit is False:
        path.unlink()
    elif isinstance(edit, dict) and "link" in edit:
        path.unlink(missing_ok=True)
        path.symlink_to(edit["link"])
    elif isinstance(edit, dict):
        more = edit["append"].encode(edit.get("as", "utf-8")) * edit.get("times", 1)
        path.write_bytes(path.read_bytes() + edit.get("after", "").encode() + more)
    elif isinstance(edit, str):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(edit.encode())
    else:
        assert isinstance(edit, list)
        old, new = (text.encode() for text in edit)
        data = path.read_bytes()
        assert data.count(old) == 1, f"{old!r} is {data.count(old)} times in {path.name}"
        path.write_bytes(data.replace(old, new))


def bakegen(arguments: list[str] | tuple[str, ...], folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """The real command line, in a pipe, with no configuration but that of `home` and no docker."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        "HOME": str(home),
        "PATH": str(home / "bin"),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "bakegen", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and mode of every file."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_file()
    }


def stable(text: str, project: Path) -> str:
    """The text as it is on every machine, with stacks of any size."""
    text = STACKS_FILES.sub(r"\1[..]\n", text.replace(str(project), "[project]"))
    text = COUNTS.sub(r"\1  [..]", text)
    for pattern in (JSON_COUNTS, VERSION, HASH, PINS):
        text = pattern.sub("[..]", text)
    return text


def folded(changed: list[str], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Changed paths, those below a wanted folder as that folder."""
    folders = tuple(path for path in wanted if path.endswith("/"))
    return tuple(sorted({next((each for each in folders if path.startswith(each)), path) for path in changed}))


def copy(source: Path, target: Path) -> None:
    """A project of its own for a case."""
    shutil.copytree(source, target)
