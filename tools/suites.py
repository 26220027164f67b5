"""Run test suites one after the other, each within its bound, and end with the number of tests by kind.

`make test` runs all of them but the cluster's, `make unit` (cases, laws …) one. A failing suite does
not hide the next; the engine is started before the suites that need it, which run side by side, and
stopped if this started it. So is the Kubernetes cluster.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

from tests.cluster import machine as cluster
from tests.engine import machine

ROOT = Path(__file__).parent.parent
GRACE_SECONDS = 60  # for a suite that is interrupted, to stop what it started and to say what failed


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """One folder of tests. `minutes` is its bound; `workers` how many processes share its tests.

    Those that need the `cluster` are run when they are asked for.
    """

    name: str
    minutes: int
    workers: str = "auto"
    engine: bool = False
    cluster: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a suite came to; `closing` is pytest's own last line, or why there is none."""

    suite: str
    ok: bool
    seconds: float
    closing: str
    passed: int = 0
    skipped: int = 0
    failed: int = 0


SUITES = (
    Suite(name="unit", minutes=5),
    Suite(name="cases", minutes=5),
    Suite(name="laws", minutes=10),
    Suite(name="scaffold", minutes=10),
    Suite(name="git", minutes=10),
    Suite(name="adopt", minutes=5),
    Suite(name="crash", minutes=10),
    Suite(name="lint", minutes=40, workers="0", engine=True),
    Suite(name="engine", minutes=70, workers="0", engine=True),
    Suite(name="pipeline", minutes=70, workers="2", engine=True),
    Suite(name="cluster", minutes=20, workers="0", engine=True, cluster=True),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="default: all but cluster")
    known = [suite.name for suite in SUITES]
    parser.add_argument("--long", action="store_true", help="the tests that are marked `long`, and no others")
    arguments = parser.parse_args()
    wanted = arguments.suites or [suite.name for suite in SUITES if not suite.cluster]
    if unknown := set(wanted) - set(known):
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    start = time.monotonic()
    chosen = [suite for suite in SUITES if suite.name in wanted]
    marked = "long" if arguments.long else "not long"
    outcomes = [run(suite, os.environ, marked) for suite in chosen if not suite.engine]
    on_engine = [suite for suite in chosen if suite.engine and not suite.cluster]
    on_cluster = [suite for suite in chosen if suite.cluster]
    if on_engine or on_cluster:
        try:
            with running_engine():
                outcomes += run_together(on_engine, machine.environment(), marked)
                if on_cluster:
                    with running_cluster():
                        outcomes += [run(suite, machine.environment(), marked) for suite in on_cluster]
        except machine.EngineError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    print(table(outcomes, time.monotonic() - start), flush=True)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


@contextmanager
def running_engine() -> Iterator[None]:
    """Within it the test machine's engine is up."""
    started = machine.up()
    try:
        yield
    finally:
        if started:
            machine.down()


@contextmanager
def running_cluster() -> Iterator[None]:
    """Within it the test machine's Kubernetes cluster is up."""
    started = cluster.up()
    try:
        yield
    finally:
        if started:
            cluster.down()


def run_together(suites: Sequence[Suite], environment: Mapping[str, str], marked: str) -> list[Outcome]:
    """Several suites at once, each one's output in one piece when it has ended; one alone as it comes."""
    if len(suites) <= 1:
        return [run(suite, environment, marked) for suite in suites]

    def run_aside(suite: Suite) -> Outcome:
        with tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace") as output:
            outcome = run(suite, environment, marked, output)
            output.seek(0)
            print(output.read(), end="", flush=True)
        return outcome

    print(f"\nside by side, each shown when it has ended: {', '.join(suite.name for suite in suites)}", flush=True)
    with ThreadPoolExecutor(max_workers=len(suites)) as pool:
        return list(pool.map(run_aside, suites))


def run(suite: Suite, environment: Mapping[str, str], marked: str, output: IO[str] | None = None) -> Outcome:
    """Pytest on those tests of one folder that are `marked` so; what it prints goes to `output`, or as it comes."""
    print(f"\n=== {suite.name} ===", file=output, flush=True)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.xml")
        command = ["pytest", "-q", "-n", suite.workers, "-m", marked, f"--junit-xml={report}", f"tests/{suite.name}"]
        if suite.engine:
            command.append("--dist=loadfile")  # what a file's tests share is published or built once
        code = run_within([sys.executable, "-m", *command], suite.minutes * 60, environment, output)
        seconds = time.monotonic() - start
        ended = f"over its {suite.minutes} minutes" if code is None else f"pytest ended with {code}"
        if not report.is_file():
            return Outcome(suite=suite.name, ok=False, seconds=seconds, closing=ended)
        return count(suite.name, "ok" if code == 0 else ended, seconds, report)


def run_within(
    command: Sequence[str],
    seconds: float,
    environment: Mapping[str, str],
    output: IO[str] | None = None,
    grace: float = GRACE_SECONDS,
) -> int | None:
    """A program's exit code, None if it ran for too long: then it is interrupted, and killed only after the grace."""
    stderr = subprocess.STDOUT if output else None
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=stderr) as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            return None
        finally:  # a terminal's Ctrl-C reaches it too
            with suppress(subprocess.TimeoutExpired):
                process.wait(grace)
            process.kill()


def count(name: str, closing: str, seconds: float, report: Path) -> Outcome:
    """What pytest's report says; a suite in which nothing ran is not a green one."""
    total = skipped = failed = 0
    for suite in ET.parse(report).iter("testsuite"):  # noqa: S314 (pytest wrote it)
        total += int(suite.get("tests", 0))
        skipped += int(suite.get("skipped", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    passed = total - skipped - failed
    return Outcome(
        suite=name,
        ok=closing == "ok" and passed > 0,
        seconds=seconds,
        closing=closing,
        passed=passed,
        skipped=skipped,
        failed=failed,
    )


def table(outcomes: list[Outcome], seconds: float) -> str:
    """One line a suite, and their sum with the seconds that all took, some side by side and the engine included."""
    rows = [(o.suite, o.passed, o.skipped, o.failed, o.seconds, o.closing) for o in outcomes]
    total = (
        "total",
        sum(o.passed for o in outcomes),
        sum(o.skipped for o in outcomes),
        sum(o.failed for o in outcomes),
        seconds,
        "",
    )
    lines = [f"{'tests':<10}{'passed':>8}{'skipped':>9}{'failed':>8}{'seconds':>9}"]
    lines += [f"{n:<10}{p:>8}{s:>9}{f:>8}{t:>9.0f}  {end}".rstrip() for n, p, s, f, t, end in [*rows, total]]
    return "\n" + "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
