"""A real git repository in a temporary folder, with a home of its own: no configuration of this machine is read."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROGRAMS = Path(sys.executable).parent
WHO = {f"GIT_{role}_{fact}": f"{fact}@example.com" for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A folder, and what is run in it."""

    root: Path
    home: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, folder: Path, *, init: bool = True, **extra: str) -> "Repository":
        """An empty repository on branch main, or (`init` false) an empty folder."""
        for name in ("work", "home"):
            (folder / name).mkdir(parents=True)
        made = cls(root=folder / "work", home=folder / "home", extra=extra)
        if init:
            made.git("init", "--quiet", "--initial-branch=main")
        return made

    @property
    def environment(self) -> dict[str, str]:
        """As on a developer's machine where nothing was ever configured."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
        own = {"HOME": str(self.home), "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true", "XDG_CACHE_HOME": cache()}
        return kept | WHO | own | {"PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])} | dict(self.extra)

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A program's outcome, whatever it is."""
        return subprocess.run(
            command, cwd=self.root, env=self.environment | more, capture_output=True, text=True, check=False
        )

    def git(self, *arguments: str) -> str:
        """What git said, having succeeded."""
        return self.ok("git", *arguments)

    def bakegen(self, *arguments: str) -> str:
        """What bakegen said, having succeeded."""
        return self.ok("bakegen", *arguments)

    def ok(self, *command: str) -> str:
        """What a program said, having succeeded."""
        done = self.run(*command)
        assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def read(self, path: str) -> bytes:
        """The bytes of a file in the work tree."""
        return (self.root / path).read_bytes()

    def write(self, path: str, data: bytes) -> None:
        """A file of the work tree, its folders made."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)

    def commit(self, files: Mapping[str, bytes] | None = None, message: str = "change") -> str:
        """A commit of everything, after writing some files; its name."""
        for path, data in (files or {}).items():
            self.write(path, data)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def branch(self, name: str, files: Mapping[str, bytes], *, start: str = "main") -> None:
        """A branch with one commit, checked out."""
        self.git("checkout", "--quiet", "-b", name, start)
        self.commit(files, name)

    def status(self) -> dict[str, str]:
        """What `git status` says: path -> the two letters."""
        return {line[3:]: line[:2] for line in self.git("status", "--porcelain").splitlines()}


def cache() -> str:
    """Compiled templates are the same for all: a folder that outlives a test makes the suite fast."""
    return os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
