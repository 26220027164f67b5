"""What `sync` and `update` share: plan, write, and say what was done."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from bakegen import foreign, project_file
from bakegen.cli import output
from bakegen.cli.findings import findings
from bakegen.cli.resolve import Resolve
from bakegen.cli.session import Session
from bakegen.cli.unfinished import Merging
from bakegen.errors import RefusalError, UserError
from bakegen.finding import Finding
from bakegen.plan import Plan, Wish
from bakegen.tree import layout


def synchronize(session: Session, *, only: Sequence[str] = (), resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Bring the files in step; exits with 3 on a conflict or a broken contract, with 1 where a dry run has changes.

    With `only`, paths relative to the working directory, no other file changes; an adopted one is adopted no longer.
    """
    merging = Merging.find(session)
    planned, found = _plan(merging.session if merging else session, only, resolve, merging)
    report = {**output.plan_data(planned), "findings": output.finding_data(found)}
    if found and not planned.conflicts:
        if as_json:
            output.data(report)
        else:
            output.findings(found)
        output.note("Nothing was written.")
        sys.exit(RefusalError.code)
    session.apply(planned, dry_run=dry_run, as_json=as_json, resolve=resolve)
    if as_json:
        output.data(report)
    else:
        output.changes(planned, dry_run=dry_run)
        if not planned.visible:
            output.note("Nothing to do.")
    if merging is not None and not dry_run:
        for sentence in merging.stage(planned):
            output.note(sentence)
    if dry_run and planned.visible:
        sys.exit(1)


def _refuse_other_names(session: Session, paths: frozenset[PurePosixPath]) -> None:
    """An adopted file under a name that bakegen does not use cannot become a generated one: there would be two."""
    generated = layout(session.project, session.catalog)
    for path in sorted(paths):
        if path in session.project.adopted and path not in generated:
            name = next(each for each in generated if foreign.place(each, session.project.adopted) == path)
            hint = f"git mv {path} {name}, and write that name under `adopted` in bakegen.toml"
            raise UserError(f"bakegen calls this file {name}", where=str(path), hint=hint)


def _plan(
    session: Session, only: Sequence[str], resolve: Resolve, merging: Merging | None
) -> tuple[Plan, tuple[Finding, ...]]:
    """The plan and what its result would break.

    Where edits are to be discarded, those that break something go too, and every edit in a file that is named.
    """
    if merging is not None and merging.blocked:
        return merging.complete(Plan(changes=())), ()
    paths = frozenset(session.generated(path) for path in only)
    _refuse_other_names(session, paths)
    text = project_file.without_items(session.text, "adopted", paths & set(session.project.adopted))
    wish = Wish(only=paths or None, favor=resolve.favor, anew=paths if resolve.favor == "theirs" else frozenset())
    planned = session.plan(text, wish)
    found = findings(session, planned)
    if found and wish.favor == "theirs":
        broken = frozenset(PurePosixPath(finding.where.partition(":")[0]) for finding in found)
        planned = session.plan(text, replace(wish, anew=wish.anew | broken))
        found = findings(session, planned)
    if wish.only is not None:
        found = tuple(each for each in found if PurePosixPath(each.where.partition(":")[0]) in wish.only)
    return merging.complete(planned) if merging else planned, found
