"""`bakegen check`: is everything in step?"""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from bakegen import contract, foreign, hosting, lock, project_document
from bakegen.cli import output
from bakegen.cli.findings import findings, imports, judged_variables, packages, unmerged
from bakegen.cli.session import Session, as_json
from bakegen.finding import Finding
from bakegen.plan import COPIES, Change, Plan
from bakegen.process import Tools
from bakegen.tree import layout


@click.command("check")
@as_json
def command(*, as_json: bool) -> None:
    """Say whether every generated file is in step with bakegen.toml; exit code 1 if not. Writes nothing.

    \b
    Examples:
      bakegen check
      bakegen check --json
    """
    session = Session.here()
    with Tools(session.catalog.pins.minimum) as tools:
        planned = Plan(changes=()) if session.other_version else session.plan()
        seeded = (*unmerged(session), *imports(session), *packages(session, session.project))
        judged = (*findings(session, planned), *seeded, *contract.ports(session.project))
        variables = judged_variables(session, session.project)
        found = (*_out_of_step(session, planned), *judged, *variables.findings)
        notes = (*hosting.notes(session.project), *variables.unset, *variables.unread)
        _report(session, planned, found, notes, as_json=as_json)
        tools.check()
    if found:
        sys.exit(1)


def _report(
    session: Session, planned: Plan, findings: tuple[Finding, ...], notes: tuple[str, ...], *, as_json: bool
) -> None:
    output.end_of_life(session.project, session.catalog)
    if session.other_version:
        written, ours = session.lock.version, session.catalog.version
        output.note(f"Written by bakegen {written}, this is {ours}: only what must hold in any version was checked.")
    output.notes(notes)
    if as_json:
        kept = [str(path) for path in planned.kept]
        files = _states(session, planned, findings)
        output.data({"findings": output.finding_data(findings), "kept": kept, "files": files, "notes": list(notes)})
    else:
        output.findings(findings)
        broken = _places(findings)
        for path in planned.kept:
            if str(path) not in broken:
                output.text(f"{path}: yours, and in step")
        if not findings:
            count = len(session.project.services)
            output.text(f"In step: {count} service{'s' * (count != 1)}.")


def _states(session: Session, planned: Plan, findings: tuple[Finding, ...]) -> dict[str, str]:
    """Every file that bakegen keeps in step, and how it stands."""
    project = session.project
    found = _places(findings)
    states: dict[str, str] = {}
    for path, source in layout(project, session.catalog).items():
        adopted = foreign.place(path, project.adopted)
        if source.ownership != "managed" or path == project_document.FILE:
            continue
        if path in project.unmanaged:
            state = "unmanaged"
        elif adopted is not None:
            state = "adopted"
        else:
            state = "edited" if path in planned.kept else "in step"
        name = str(adopted or path)
        states[name] = "out of step" if name in found else state
    return states


def _places(findings: tuple[Finding, ...]) -> set[str]:
    """The files that something was found in."""
    return {finding.where.partition(":")[0] for finding in findings}


def _out_of_step(session: Session, planned: Plan) -> list[Finding]:
    found = [
        Finding(
            where=str(change.path),
            message=f"is not in step: it must be {output.kind(change)}",
            hint="run: bakegen sync",
        )
        for change in planned.changes
        if not _is_bookkeeping(session, change)
    ]
    found += [
        Finding(where=f"{conflict.path}:{conflict.line}", message=conflict.message, hint=conflict.hint)
        for conflict in planned.conflicts
    ]
    return found


def _is_bookkeeping(session: Session, change: Change) -> bool:
    """Whether a change is only for the next merge: a copy of what was rendered, or new hashes in the lock.

    When git has merged two branches, the lock has the hashes of both and none of the merged files; those are right.
    """
    if change.path != lock.FILE:
        return change.path.is_relative_to(COPIES)
    after = lock.load(change.after)
    return session.lock.readable and replace(after, hashes=session.lock.hashes) == session.lock
