"""How long a suite of tests may run, and what is left of one that runs for too long."""

import os
import sys
import tempfile
import time

import pytest

from tools import suites

STUCK = """
import signal, time
signal.signal(signal.SIGINT, {handler})
print("failed: test_one", flush=True)
try:
    time.sleep(60)
finally:
    print("stopped what it started")
"""


def within(seconds: float, source: str) -> tuple[int | None, str]:
    """The exit code, and what it printed."""
    with tempfile.TemporaryFile(mode="w+") as output:
        code = suites.run_within([sys.executable, "-c", source], seconds, os.environ, output, grace=1)
        output.seek(0)
        return code, output.read()


@pytest.mark.parametrize("code", [0, 5])
def test_one_that_ends_says_how(code: int) -> None:
    assert within(30, f"print('x'); raise SystemExit({code})") == (code, "x\n")


def test_one_that_runs_for_too_long_cleans_up_and_its_output_is_kept() -> None:
    code, output = within(2, STUCK.format(handler="signal.default_int_handler"))
    assert code is None
    assert "failed: test_one\n" in output
    assert "stopped what it started\n" in output


def test_one_that_does_not_listen_is_killed() -> None:
    start = time.monotonic()
    assert within(2, STUCK.format(handler="signal.SIG_IGN")) == (None, "failed: test_one\n")
    assert time.monotonic() - start < 30


def test_a_suite_that_is_not_there_is_not_green() -> None:
    suite = suites.Suite(name="nowhere", minutes=1, workers="0")
    with tempfile.TemporaryFile(mode="w+") as output:
        outcome = suites.run(suite, os.environ, "not long", output)
    assert not outcome.ok
    assert outcome.closing == "pytest ended with 4"
