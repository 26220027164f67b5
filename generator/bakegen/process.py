"""The only module that runs other programs: git, and docker's own version commands."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from bakegen.errors import UserError

TIMEOUT = 60
VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
MESSAGE = "Scaffold the project with bakegen"


def first_commit(root: Path) -> str:
    """`git init` and a first commit of everything in `root`; gives back what was done, as a sentence.

    A folder inside a git work tree is left alone: its repository is somebody else's.
    """
    try:
        if _git(root, "rev-parse", "--is-inside-work-tree").returncode == 0:
            return "The folder is part of a git repository already: nothing was committed."
        commands = [["init", "--quiet", "--initial-branch=main"], ["add", "--all"]]
        commands.append(["commit", "--quiet", "--no-gpg-sign", "--no-verify", f"--message={MESSAGE}"])
        for command in commands:
            identity = _identity(root) if command[0] == "commit" else []
            result = _git(root, *identity, *command)
            if result.returncode:
                return f"The project is written, but `git {command[0]}` failed: {result.stderr.strip()}"
    except FileNotFoundError:
        return "The project is written, but git is not installed: nothing was committed."
    return "Committed to a new git repository, branch main."


def _identity(root: Path) -> list[str]:
    if _git(root, "config", "user.email").stdout.strip():
        return []
    return ["-c", "user.name=bakegen", "-c", "user.email=bakegen@localhost"]


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _Process(["git", *arguments], root).result


class Tools:
    """Asks docker's plugins for their versions in the background of a `with` block, and compares when told to."""

    def __init__(self, minimum: Mapping[str, str]) -> None:
        self.minimum = minimum
        self.running = {name: _start(["docker", name, "version"]) for name in minimum}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running.values():
            if process is not None:
                process.text()

    def check(self) -> None:
        """Raise UserError for a plugin that is older than the files need; one that is not installed is no error."""
        for name, process in self.running.items():
            if process is None:
                continue
            version = VERSION.search(process.text())
            if version and _numbers(version) < _numbers(VERSION.search(self.minimum[name])):
                have = version.group()
                hint = f"install {self.minimum[name]} or newer: https://docs.docker.com/engine/install/"
                raise UserError(f"docker {name} {have} is too old for the generated files", hint=hint)


class _Process:
    def __init__(self, command: list[str], folder: Path | None) -> None:
        self.process = subprocess.Popen(  # noqa: S603  (fixed programs; arguments never reach a shell)
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @cached_property
    def result(self) -> subprocess.CompletedProcess[str]:
        """How it ended; a program that hangs is ended, with exit code -9."""
        try:
            out, err = self.process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        return subprocess.CompletedProcess(self.process.args, self.process.returncode, out, err)

    def text(self) -> str:
        """Standard output, or nothing if the program failed."""
        return self.result.stdout if self.result.returncode == 0 else ""


def _start(command: list[str]) -> _Process | None:
    try:
        return _Process(command, None)
    except OSError:
        return None


def _numbers(match: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(part or 0) for part in match.groups()) if match else ()
