"""The table of Python's start, made of what was measured."""

from bakegen import catalog
from benchmarks.session import Session
from benchmarks.start_up import FIRST, Start, load, section
from tests.engine.services import SERVICES

SESSION = Session(date="2026-11-07", system="Linux", architecture="x86_64", cores=4, turns=9)
START = Start(stack="flask", module="app", with_bytecode=0.4, without=0.6, load=1.0)


def test_section() -> None:
    text = section(SESSION, [START])
    (row,) = [line for line in text.splitlines() if line.startswith("| flask ")]
    assert [cell.strip() for cell in row.split("|")[2:-1]] == ["`app`", "0.40 s", "0.60 s", "1.5"]
    assert "9 times each, of which the median counts" in text


def test_every_python_stack_was_measured_and_starts_faster_with_bytecode() -> None:
    _, starts = load()
    spoken = {stack.id for stack in catalog.load().stacks.values() if stack.language == "python"}
    assert {start.stack for start in starts} == set(FIRST) == spoken
    assert all(start.with_bytecode < start.without for start in starts)
    assert {SERVICES[name].base for name in FIRST.values()} == {"python"}
