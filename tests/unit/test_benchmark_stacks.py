"""The table of stacks: what is kept of `bakegen measure`, and what is made of that."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bakegen import catalog
from benchmarks import session as sessions
from benchmarks.session import Session
from benchmarks.stacks import Row, cells, first, load, read, section
from tests.engine.services import OURS, SERVICES

STACKS = catalog.load().stacks
SESSION = Session(date="2026-11-07", system="Linux", architecture="x86_64", cores=4, turns=1)


def told(name: str) -> dict[str, Any]:
    """What `bakegen measure --json` says of a service."""
    builds = {build: {"seconds": seconds} for build, seconds in (("cold", 9.96), ("warm", 0.5), ("line", 1.25))}
    image = {"platform": "linux/amd64", "size": 80_000_000, "above_base": 2_340_000}
    return {"services": [{"service": name, "images": [image], "builds": builds}], "baseline": []}


@pytest.fixture
def row() -> Row:
    return read(SERVICES["gateway-rows"], told("gateway-rows"), 1.04)


def test_a_row_is_what_was_asked_for_and_what_was_measured(row: Row) -> None:
    assert (row.stack, row.packages, row.options) == ("nestjs", "pnpm", "needs=postgres uses=db")
    assert (row.base, row.goal, row.load) == ("node", SERVICES["gateway-rows"].above, 1.0)
    assert cells(row) == ("2.3 MB", "10.0 s", "0.5 s", "1.2 s")


def test_a_row_survives_its_file(row: Row, tmp_path: Path) -> None:
    sessions.save("x", asdict(SESSION), [asdict(row), asdict(row)], tmp_path)
    session, rows = sessions.load("x", tmp_path)
    assert (session, [Row(**each) for each in rows]) == (SESSION, [row, row])


def test_section(row: Row) -> None:
    text = section(SESSION, [row, read(SERVICES["api"], told("api"), 1.0)])
    (node,) = [line for line in text.splitlines() if line.startswith("| nestjs ")]
    assert "58.1 MB" in node, "2.34 MB + the published 55.78 MB of the official image"
    (python,) = [line for line in text.splitlines() if line.startswith("| fastapi ")]
    assert python.split("|")[7].strip() == "", "nothing is known of that official image"
    assert "on 7 November 2026" in text


def test_every_stack_was_measured_with_every_package_manager() -> None:
    _, rows = load()
    assert {(row.stack, row.packages) for row in rows} == {
        (SERVICES[name].stack, str(SERVICES[name].package_manager)) for name in OURS
    }
    assert [row for row in rows if row.above > row.goal * 1_000_000] == []


def test_the_first_row_of_a_stack_is_the_stack_without_a_choice() -> None:
    _, rows = load()
    chosen = {stack: row.options for stack, row in first(rows).items() if row.options}
    assert chosen == {"nextjs": "needs=api", "sveltekit": "needs=api"}
    defaults = {name: stack.options["package_manager"].choices[0] for name, stack in STACKS.items() if stack.options}
    assert {stack: row.packages for stack, row in first(rows).items()} == defaults
