"""`make bench`: how long the commands take and how much memory, our images, and those of other Dockerfiles beside them.

The yardstick of the commands is `cookiecutter --version`: what anybody who uses the template waits for anyway, and it
makes figures of two machines comparable. Prints tables and writes docs/benchmarks.md, a part of it alone if asked for;
ends with 1 if an aim is missed. What was measured of images is kept in results/, and also told in the README.
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

from benchmarks import extremes, images, images_page, merge_vs_git, pipeline, sizes, stacks, start_up
from benchmarks.measure import Command, Result, compare
from tests.engine.machine import client
from tools import docs, markdown
from tools.story import table

Rows = list[tuple[str, ...]]
ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
PROGRAMS = Path(sys.executable).parent
BAKEGEN = str(PROGRAMS / "bakegen")
COOKIECUTTER = str(PROGRAMS / "cookiecutter")
PLOT = ROOT / "docs" / "benchmarks.svg"
KEPT = "\n## Images by stack\n"  # from here on the page is written by `make docs`, from results/
ADD = ("add-service", "extra", "--stack", "fastapi")
PARTS = ("commands", "stacks", "start-up", "images", "pipeline")
STACKS = ("fastapi", "nextjs", "python-worker")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--turns", type=int, default=15, help="of each command, and of each start of Python")
    parser.add_argument("--image-turns", type=int, default=2, help="of each image")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    parts = given.parts or PARTS
    code = commands_part(given.turns) if "commands" in parts else 0
    if "stacks" in parts:
        stacks_part()
    if "start-up" in parts:
        start_up_part(given.turns)
    if "images" in parts:
        images_part(given.image_turns)
    if "pipeline" in parts:
        pipeline_part()
    return code


def images_part(turns: int) -> None:
    """Images beside those of other Dockerfiles: kept and written after each turn."""
    with tempfile.TemporaryDirectory(prefix="bakegen-bench-") as scratch:
        for turn, points in enumerate(images.turns(turns, Path(scratch)), 1):
            images_page.save(points, turn)
            docs.main()


def stacks_part() -> None:
    """What `bakegen measure` says of each stack: kept, and written to the pages."""
    stacks.measure()
    docs.main()


def start_up_part(turns: int) -> None:
    """Python's start with and without bytecode: kept, and written to the page."""
    start_up.measure(turns)
    docs.main()


def pipeline_part() -> None:
    """What each job of images.yml takes: kept, and written to the page."""
    pipeline.measure()
    docs.main()


def commands_part(turns: int) -> int:
    """Commands and merges: the page up to the images; 1 if an aim is missed."""
    with tempfile.TemporaryDirectory(prefix="bakegen-bench-") as scratch:
        results = run(Path(scratch), turns)
        thousand = large(Path(scratch), max(3, turns // 3))
        points = sizes.measure(Path(scratch))
        largest = extremes.rows()
        counts = merge_vs_git.compare(3000, 1)
    rows = [("command", "seconds", "ratio", "aim", "MB"), *(cells(result) for result in results)]
    more = [("command, 1,000 services", "seconds", "ratio", "aim", "MB"), *(cells(result) for result in thousand)]
    merges = merge_vs_git.rows(counts)
    for each in (rows, more, sizes.rows(points), largest, merges):
        print(table(each))
    PLOT.write_text(sizes.plot(points), encoding="utf-8")
    growth = [sizes.exponent([point for point in points if point.name == path.name]) for path in sizes.FILES]
    _, heading, kept = PAGE.read_text(encoding="utf-8").partition(KEPT)
    text = page(rows, turns, more, sizes.rows(points), growth, largest, merges)
    PAGE.write_text(text + heading + kept, encoding="utf-8")
    results += thousand
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
    yardstick = command("cookiecutter --version", None, empty, COOKIECUTTER, "--version")
    commands = [
        yardstick,
        command("scaffold (cookiecutter)", None, empty, COOKIECUTTER, "--no-input", str(ROOT), "git_init=false"),
        command("scaffold (bakegen new)", 2.0, empty, BAKEGEN, *new),
        command("add-service, 3 services", 2.0, copy_of(few), BAKEGEN, *ADD),
        command("add-service, 20 services", 2.0, copy_of(many), BAKEGEN, *ADD),
        command("check, 3 services", 1.0, lambda: few, BAKEGEN, "check"),
        command("check, 20 services", 1.0, lambda: many, BAKEGEN, "check"),
    ]
    return [compare(each, yardstick, turns) for each in commands]


def large(scratch: Path, turns: int) -> list[Result]:
    """A project of 1,000 services, unedited and edited; the yardstick is what bake needs to read the same files."""
    environment = os.environ | {"XDG_CACHE_HOME": str(scratch / "cache"), "HOME": str(scratch)}
    project = scratch / "thousand"
    subprocess.run(
        [BAKEGEN, "new", str(project), "--preset", "empty", "--set=git_init=false"],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    lines = [(project / "bakegen.toml").read_text()]
    for number in range(1000):
        name = f"service-{number:04}"
        lines.append(f'\n[services.{name}]\nstack = "dockerfile"\npath = "services/{name}"\nport = 8000\n')
        (project / "services" / name).mkdir(parents=True)
        (project / "services" / name / "Dockerfile").write_text("FROM scratch\n")
    (project / "bakegen.toml").write_text("".join(lines))
    subprocess.run([BAKEGEN, "sync"], cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL)
    edited = Path(shutil.copytree(project, scratch / "thousand-edited"))
    for file, old, new in (("docker-bake.hcl", "# What", "# Ours: what"), ("compose.yaml", "# Runs", "# Ours: runs")):
        (edited / file).write_text((edited / file).read_text().replace(old, new, 1))
    copies = (scratch / f"copy-{number}" for number in itertools.count())
    engine = client.environment()
    docker = shutil.which("docker", path=engine["PATH"]) or shutil.which("docker")
    if docker is None:
        sys.exit("error: docker buildx is the yardstick, and is not there: `make engine` fetches it")
    environment |= {name: value for name, value in engine.items() if name != "PATH"}
    bake = (docker, "buildx", "bake", "--print")

    def command(name: str, aim: float | None, prepare: Callable[[], Path], *argv: str) -> Command:
        return Command(name=name, aim=aim, prepare=prepare, argv=argv, environment=environment)

    yardstick = command("docker buildx bake --print", None, lambda: project, *bake)
    commands = [
        yardstick,
        command("check", 1.0, lambda: project, BAKEGEN, "check"),
        command("check, bake and Compose file edited", 1.0, lambda: edited, BAKEGEN, "check"),
        command("add-service", None, lambda: Path(shutil.copytree(project, next(copies))), BAKEGEN, *ADD),
        command(
            "add-service, bake and Compose file edited",
            None,
            lambda: Path(shutil.copytree(edited, next(copies))),
            BAKEGEN,
            *ADD,
        ),
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


def page(
    rows: Rows, turns: int, thousand: Rows, merges: Rows, growth: list[float], largest: Rows, against_git: Rows
) -> str:
    """docs/benchmarks.md."""
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`. Each command is run in turns with `cookiecutter --version`; the ratio is that of the",
            f"medians of {turns} turns, with warm caches. MB is the largest resident set.",
            "The first row is the yardstick beside itself: how far it is from 1.00 is noise. Commands that write wait for the",
            "disk: each file is durable (fsync) before it takes its place, which is more than half of `add-service`.",
            "",
            markdown.table(rows),
            "## A thousand services",
            "",
            "The yardstick is what bake itself needs to read the same files.",
            "",
            markdown.table(thousand),
            "## Merges by size",
            "",
            "A file that was edited by hand takes one more service. The second reader is python-hcl2 or PyYAML, reading once;",
            f"memory is the scanner's, over the file's size. Time grows with the size to the power of {growth[0]:.2f} (HCL)",
            f"and {growth[1]:.2f} (YAML).",
            "",
            markdown.table(merges),
            "![time of a merge over the file's size](benchmarks.svg)",
            "",
            *extremes_section(largest),
            "## Merges beside git's",
            "",
            "3,000 random files with changes on both sides, seed 1 (`python -m benchmarks.merge_vs_git`). A conflict between",
            "changes that have nothing to do with each other is false; a clean merge of changes that contradict hides one.",
            "",
            markdown.table(against_git),
            f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.",
            "",
        ]
    )


def extremes_section(largest: Rows) -> list[str]:
    """The part of the page about the largest inputs."""
    return [
        "## The slowest and largest inputs tried",
        "",
        "One merge of each: ours has a line more at its start, theirs one at its end.",
        "",
        markdown.table(largest),
    ]


if __name__ == "__main__":
    sys.exit(main())
