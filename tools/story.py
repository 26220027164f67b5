"""Tell what a script does as it does it: chapters, the commands a person would type, how long each took."""

import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class FailureError(Exception):
    """A command failed; the text is what a person needs to see of it."""


class Story:
    """Runs commands in one folder and environment. `times` has the seconds of each chapter."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.times: dict[str, float] = {}

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        """A part of the story, timed."""
        print(f"\n== {title}", flush=True)
        start = time.monotonic()
        yield
        self.times[title] = time.monotonic() - start

    def run(self, command: str, **variables: str) -> None:
        """Run a command and let it speak."""
        self._echo(command, variables)
        done = self._start(command, variables, capture=False)
        if done.returncode != 0:
            raise FailureError(f"{command}\nended with {done.returncode}")

    def quietly(self, command: str, **variables: str) -> str:
        """Run a command; what it said is returned, and shown (its end) only if it fails."""
        self._echo(command, variables)
        return self.ask(command, **variables)

    def ask(self, command: str, **variables: str) -> str:
        """Run a command that is not part of the story, for what it says on stdout."""
        done = self._start(command, variables, capture=True)
        if done.returncode != 0:
            end = "\n".join((done.stdout + done.stderr).splitlines()[-60:])
            raise FailureError(f"{command}\nended with {done.returncode}\n{end}")
        return done.stdout

    def say(self, text: str) -> None:
        """What a person should notice."""
        print(text, flush=True)

    def _echo(self, command: str, variables: Mapping[str, str]) -> None:
        settings = "".join(f"{name}={shlex.quote(value)} " for name, value in variables.items())
        print(f"$ {settings}{command}", flush=True)

    def _start(self, command: str, variables: Mapping[str, str], *, capture: bool) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            shlex.split(command),
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=capture,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows in columns as wide as their widest cell."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
