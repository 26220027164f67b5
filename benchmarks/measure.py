"""Wall time and peak memory of one run of a program, and of pairs of programs run in turns.

Turns cancel what a machine does meanwhile: a program and its yardstick see the same weather, and
the medians of many turns are compared.
"""

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run: seconds on the wall, and the largest resident set in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """Medians of a command, and its ratio to the yardstick's median in the same turns."""

    name: str
    seconds: float
    ratio: float
    megabytes: float
    aim: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What is measured. `prepare` gives a fresh folder to run in, outside the clock; `aim` is a ratio."""

    name: str
    argv: Sequence[str]
    prepare: Callable[[], Path]
    environment: Mapping[str, str]
    aim: float | None = None


def compare(command: Command, yardstick: Command, turns: int) -> Result:
    """Run both in turns, after one turn that only fills caches."""
    pairs = [(once(yardstick), once(command)) for _ in range(turns + 1)][1:]
    seconds = statistics.median(ours.seconds for _, ours in pairs)
    return Result(
        name=command.name,
        seconds=seconds,
        ratio=seconds / statistics.median(theirs.seconds for theirs, _ in pairs),
        megabytes=statistics.median(ours.megabytes for _, ours in pairs),
        aim=command.aim,
    )


def once(command: Command) -> Run:
    """One run; an error if it fails, for a failure is fast."""
    folder = command.prepare()
    silence = os.open(os.devnull, os.O_RDWR)
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        os.execve(command.argv[0], list(command.argv), dict(command.environment))
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    os.close(silence)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        raise RuntimeError(f"{command.name}: {' '.join(command.argv)} ended with {code} in {folder}")
    return Run(seconds=seconds, megabytes=usage.ru_maxrss / 1024)
