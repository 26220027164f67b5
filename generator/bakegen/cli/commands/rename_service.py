"""`bakegen rename-service`: another name, everywhere it stands."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath

import click

from bakegen import project_rename, rename, service
from bakegen.cli import output
from bakegen.cli.complete import service_names
from bakegen.cli.findings import news
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run
from bakegen.errors import UserError
from bakegen.model import Service
from bakegen.plan import Move, Wish
from bakegen.tree import named_after


@click.command("rename-service")
@click.argument("old", shell_complete=service_names)
@click.argument("new")
@click.option("--path", help="Its new folder; left out, services/OLD becomes services/NEW and any other stays.")
@resolving
@dry_run
@as_json
def command(old: str, new: str, *, path: str | None, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Rename a service: targets, groups, Compose entries, variables and its folder, with your edits in them.

    \b
    Examples:
      bakegen rename-service worker jobs
      bakegen rename-service api backend --path apps/backend
    """
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    before = session.service(old)
    if new != old or path is None:
        service.check_new(session.project, new)
    folder = PurePosixPath(path) if path else before.path
    if path is None and session.workspace.exists(before.path):  # an adopted service may have no folder of its own
        folder = _folder(before.path, old, new)
    text = project_rename.rename(session.text, old, new, str(folder) if folder != before.path else None)
    moves: tuple[Move, ...] = (Move(source=before.path, target=folder),) if folder != before.path else ()
    if moves and session.workspace.exists(folder):
        raise UserError("the folder is there already", where=str(folder), hint="say another one with --path")
    moves += _files(session, before, new) if new != old else ()
    planned = session.plan(text, Wish(moves=moves, favor=resolve.favor, said=frozenset({new})))
    project = session.possible(text)
    unset, notes = news(session, project, rename.project(session.project, [(before, project.service(new))]))
    session.apply(planned, dry_run=dry_run, as_json=as_json, resolve=resolve)
    if as_json:
        report = {"service": new, "path": str(folder), **output.plan_data(planned, notes)}
        output.data({**report, "findings": output.finding_data(unset)})
    else:
        output.text(
            f"{old} is {new} now{f', in {folder}' if moves else ''}." if new != old else f"{old} is in {folder} now."
        )
        output.changes(planned, dry_run=dry_run)
        output.warnings(unset)
        output.notes(notes)
    if dry_run and planned.changes:
        sys.exit(1)


def _files(session: Session, before: Service, new: str) -> tuple[Move, ...]:
    """The files elsewhere than in its folder that bear its name, under the new one."""
    named = named_after(session.project, session.catalog, before, new)
    there = {path: target for path, target in named.items() if session.workspace.exists(path)}
    for target in there.values():
        if session.workspace.exists(target):
            raise UserError("the file is there already", where=str(target), hint="move it out of the way")
    return tuple(Move(source=path, target=target) for path, target in there.items())


def _folder(path: PurePosixPath, old: str, new: str) -> PurePosixPath:
    """The new folder: one that bears the name of the service takes the new one."""
    return path.with_name(new) if path.name == old else path
