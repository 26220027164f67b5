"""`bakegen remove-service`: an image goes, from everywhere but, unless asked for, its own folder."""

from __future__ import annotations

import sys

import click

from bakegen import project_file
from bakegen.cli import output
from bakegen.cli.complete import service_names
from bakegen.cli.session import Session, as_json, dry_run
from bakegen.errors import UserError


@click.command("remove-service")
@click.argument("name", shell_complete=service_names)
@click.option("--delete-files", is_flag=True, help="Delete those files of its folder that nobody has edited.")
@dry_run
@as_json
def command(name: str, *, delete_files: bool, dry_run: bool, as_json: bool) -> None:
    """Remove a service from all files; its own folder stays and is yours from then on.

    \b
    Examples:
      bakegen remove-service worker
      bakegen remove-service worker --delete-files
    """
    session = Session.here()
    session.require_this_version()
    names = [service.name for service in session.project.services]
    if name not in names:
        raise UserError(f"there is no service {name}", hint=f"services: {', '.join(names) or 'none'}")
    users = [service.name for service in session.project.services if name in service.needs]
    if users:
        raise UserError(f"{name} is needed by {', '.join(users)}", hint="take it out of their `needs` first")
    text = project_file.remove_service(session.text, session.project.service(name))
    planned = session.plan(text, delete=frozenset({name} if delete_files else ()))
    session.apply(planned, dry_run=dry_run, as_json=as_json)
    if as_json:
        output.data({"service": name, **output.plan_data(planned)})
    else:
        output.text(f"{name} is removed.")
        output.changes(planned, dry_run=dry_run)
    if dry_run and planned.changes:
        sys.exit(1)
