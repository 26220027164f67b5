"""Run programs and report progress: the only module of the engine that does either."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class EngineError(Exception):
    """Something that the person who runs the engine can remedy; the text says what and how."""


def say(text: str) -> None:
    """One line of progress, on stderr."""
    sys.stderr.write(f"engine: {text}\n")
    sys.stderr.flush()


def run(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Standard output of a program; EngineError with the end of its stderr if it fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=dict(os.environ if env is None else env),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise EngineError(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        shown = " ".join(str(part) for part in command)
        end = "\n".join((done.stderr or done.stdout).splitlines()[-30:])
        raise EngineError(f"{shown}\nended with {done.returncode}:\n{end}")
    return done.stdout
