"""The only module that runs other programs: one runner, and the versions of docker's plugins.

What is run is always a list of arguments, never a shell's line; input and output are bytes; nothing but a build may take forever.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Self

from bakegen.errors import UserError

TIMEOUT = 60
VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")

Environment = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """How a program ended; a program that hung was killed, with exit code -9."""

    code: int
    out: bytes
    err: str


def run(
    command: Sequence[str],
    folder: Path | None = None,
    environment: Environment | None = None,
    stdin: bytes = b"",
    timeout: float | None = TIMEOUT,
) -> Done:
    """Run a program to its end, or for `timeout` seconds; None is for builds, which take what they take.

    Raises OSError if it cannot be started. None as environment is this process's own.
    """
    return _Process(command, folder, environment).finish(stdin, timeout)


@contextlib.contextmanager
def talk(
    command: Sequence[str], folder: Path, environment: Environment | None = None
) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A program that is asked and answers while it runs: what it reads and what it writes. Ended with the block."""
    process = subprocess.Popen(  # noqa: S603  (as in _Process)
        command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    killer = threading.Timer(TIMEOUT, process.kill)
    killer.start()
    try:
        assert process.stdin is not None  # noqa: S101  (asked for above)
        assert process.stdout is not None  # noqa: S101
        yield process.stdin, process.stdout
    finally:
        killer.cancel()
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # what was not yet sent to a program that is gone
                if stream is not None:
                    stream.close()


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
    def __init__(self, command: Sequence[str], folder: Path | None, environment: Environment | None) -> None:
        self.process = subprocess.Popen(  # noqa: S603  (fixed programs; arguments never reach a shell)
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def finish(self, stdin: bytes, timeout: float | None = TIMEOUT) -> Done:
        try:
            out, err = self.process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        return Done(code=self.process.returncode, out=out, err=err.decode("utf-8", "replace"))

    @cached_property
    def _done(self) -> Done:
        return self.finish(b"")

    def text(self) -> str:
        """Standard output, or nothing if the program failed."""
        return self._done.out.decode("utf-8", "replace") if self._done.code == 0 else ""


def _start(command: list[str]) -> _Process | None:
    try:
        return _Process(command, None, None)
    except OSError:
        return None


def _numbers(match: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(part or 0) for part in match.groups()) if match else ()
