"""What the commands share that change bakegen.toml and everything that follows from it in one step."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from bakegen.cli import output
from bakegen.cli.findings import findings, news, packages
from bakegen.cli.resolve import Resolve
from bakegen.cli.session import Session
from bakegen.plan import Wish


def carry_out(
    session: Session,
    text: bytes,
    sentence: str,
    report: Mapping[str, Any],
    *,
    resolve: Resolve,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Plan with this bakegen.toml, write, and say it: the sentence, or as JSON the report with the plan.

    Exits with 3 on a conflict, with 1 where a dry run has changes.
    """
    planned = session.plan(text, Wish(favor=resolve.favor))
    project = session.possible(text)
    unset, notes = news(session, project)
    found = (*findings(session, planned, project), *packages(session, project), *unset)
    session.apply(planned, dry_run=dry_run, as_json=as_json, resolve=resolve)
    if as_json:
        output.data({**report, **output.plan_data(planned, notes), "findings": output.finding_data(found)})
    elif planned.visible:
        output.text(sentence)
        output.changes(planned, dry_run=dry_run)
        output.warnings(found)
        output.notes(notes)
    else:
        output.note("Nothing to do.")
    if dry_run and planned.visible:
        sys.exit(1)
