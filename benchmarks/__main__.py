"""`make bench`: how long the commands take and how much memory, as ratios to `cookiecutter --version`.

That yardstick is what anybody who uses the template waits for anyway, and it makes figures of two
machines comparable. Prints a table and writes docs/benchmarks.md; ends with 1 if an aim is missed.
"""

import argparse
import itertools
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Command, Result, compare
from tools.story import table

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
PROGRAMS = Path(sys.executable).parent
BAKEGEN = str(PROGRAMS / "bakegen")
COOKIECUTTER = str(PROGRAMS / "cookiecutter")
STACKS = ("fastapi", "nextjs", "python-worker")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=15)
    turns = parser.parse_args().turns
    with tempfile.TemporaryDirectory(prefix="bakegen-bench-") as scratch:
        results = run(Path(scratch), turns)
    rows = [("command", "seconds", "ratio", "aim", "MB"), *(cells(result) for result in results)]
    print(table(rows))
    PAGE.write_text(page(rows, turns), encoding="utf-8")
    missed = [result.name for result in results if result.aim is not None and result.ratio > result.aim]
    if missed:
        print(f"aim missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


def run(scratch: Path, turns: int) -> list[Result]:
    """All commands, in an environment whose caches are its own."""
    environment = os.environ | {"XDG_CACHE_HOME": str(scratch / "cache"), "HOME": str(scratch)}
    few, many = (make_project(scratch / f"project-{count}", count, environment) for count in (3, 20))
    folders = (scratch / f"run-{number}" for number in itertools.count())

    def empty() -> Path:
        folder = next(folders)
        folder.mkdir()
        return folder

    def copy_of(project: Path) -> Callable[[], Path]:
        return lambda: Path(shutil.copytree(project, next(folders)))

    def command(name: str, aim: float | None, prepare: Callable[[], Path], *argv: str) -> Command:
        return Command(name=name, aim=aim, prepare=prepare, argv=argv, environment=environment)

    new = ("new", "shop", "--set=git_init=false")
    add = ("add-service", "extra", "--stack", "fastapi")
    yardstick = command("cookiecutter --version", None, empty, COOKIECUTTER, "--version")
    commands = [
        yardstick,
        command("scaffold (cookiecutter)", None, empty, COOKIECUTTER, "--no-input", str(ROOT), "git_init=false"),
        command("scaffold (bakegen new)", 2.0, empty, BAKEGEN, *new),
        command("add-service, 3 services", 1.0, copy_of(few), BAKEGEN, *add),
        command("add-service, 20 services", 1.0, copy_of(many), BAKEGEN, *add),
        command("check, 3 services", 1.0, lambda: few, BAKEGEN, "check"),
        command("check, 20 services", 1.0, lambda: many, BAKEGEN, "check"),
    ]
    return [compare(each, yardstick, turns) for each in commands]


def make_project(folder: Path, services: int, environment: dict[str, str]) -> Path:
    """A project with so many services, its stacks in turn."""
    commands = [("new", folder.name, "--preset", "empty", "--set=git_init=false")]
    commands += [
        ("add-service", f"service-{number}", "--stack", STACKS[number % len(STACKS)]) for number in range(services)
    ]
    folder.parent.mkdir(exist_ok=True)
    for arguments in commands:
        cwd = folder.parent if arguments[0] == "new" else folder
        subprocess.run([BAKEGEN, *arguments], cwd=cwd, env=environment, check=True, stdout=subprocess.DEVNULL)
    return folder


def cells(result: Result) -> tuple[str, ...]:
    """One row of the table."""
    aim = "" if result.aim is None else f"< {result.aim:.1f}"
    return result.name, f"{result.seconds:.3f}", f"{result.ratio:.2f}", aim, f"{result.megabytes:.0f}"


def page(rows: list[tuple[str, ...]], turns: int) -> str:
    """docs/benchmarks.md, in the shape that a formatter would give it."""
    widths = [max(3, *(len(row[column]) for row in rows)) for column in range(len(rows[0]))]
    rule = tuple("-" * width for width in widths)
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in [rows[0], rule, *rows[1:]]
    ]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`. Each command is run in turns with `cookiecutter --version`; the ratio is that of the",
            f"medians of {turns} turns, with warm caches. MB is the largest resident set.",
            "The first row is the yardstick beside itself: how far it is from 1.00 is noise.",
            "",
            *lines,
            "",
            f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
