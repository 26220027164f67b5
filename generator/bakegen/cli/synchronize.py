"""What `sync` and `update` share: plan, write, and say what was done."""

from __future__ import annotations

import sys

from bakegen.cli import output
from bakegen.cli.session import Session
from bakegen.errors import RefusalError


def synchronize(session: Session, *, dry_run: bool, as_json: bool) -> None:
    """Bring the files in step; exits with 3 on a conflict or a broken contract, with 1 where a dry run has changes."""
    planned = session.plan()
    findings = session.findings(planned)
    report = {**output.plan_data(planned), "findings": output.finding_data(findings)}
    if findings and not planned.conflicts:
        if as_json:
            output.data(report)
        else:
            output.findings(findings)
        output.note("Nothing was written.")
        sys.exit(RefusalError.code)
    session.apply(planned, dry_run=dry_run, as_json=as_json)
    if as_json:
        output.data(report)
    else:
        output.changes(planned, dry_run=dry_run)
        if not planned.changes:
            output.note("Nothing to do.")
    if dry_run and planned.changes:
        sys.exit(1)
