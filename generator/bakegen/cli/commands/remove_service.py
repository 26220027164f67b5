"""`bakegen remove-service`: an image goes, from everywhere but, unless asked for, its own folder."""

from __future__ import annotations

import sys

import click

from bakegen import project_file
from bakegen.cli import output
from bakegen.cli.complete import service_names
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run
from bakegen.errors import UserError
from bakegen.plan import Wish


@click.command("remove-service")
@click.argument("name", shell_complete=service_names)
@click.option("--delete-files", is_flag=True, help="Delete those files of its folder that nobody has edited.")
@resolving
@dry_run
@as_json
def command(name: str, *, delete_files: bool, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Remove a service from all files; its own folder stays and is yours from then on.

    What you edited of it is a conflict: keep it as your own, or let it go too.

    \b
    Examples:
      bakegen remove-service worker
      bakegen remove-service worker --delete-files
      bakegen remove-service worker --discard-edits
    """
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    service = session.service(name)
    users = [other.name for other in session.project.services if name in other.needs]
    if users:
        raise UserError(f"{name} is needed by {', '.join(users)}", hint="take it out of their `needs` first")
    text = project_file.remove_service(session.text, service, discard=resolve.favor == "theirs")
    wish = Wish(delete=frozenset({name} if delete_files else ()), favor=resolve.favor)
    planned = session.plan(text, wish)
    session.apply(planned, dry_run=dry_run, as_json=as_json, resolve=resolve)
    if as_json:
        output.data({"service": name, **output.plan_data(planned)})
    else:
        output.text(f"{name} is removed.")
        output.changes(planned, dry_run=dry_run)
    if dry_run and planned.changes:
        sys.exit(1)
