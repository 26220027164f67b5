"""`bakegen update`: move the project to this version of bakegen."""

from __future__ import annotations

import click

from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run
from bakegen.cli.synchronize import synchronize


@click.command("update")
@resolving
@dry_run
@as_json
def command(*, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Move a project that another version of bakegen wrote to this version.

    The same as `sync`, which refuses to do it by accident. Edits are kept or reported in the same way.

    \b
    Examples:
      bakegen update --dry-run
      bakegen update
    """
    synchronize(Session.writing(dry_run=dry_run), resolve=resolve, dry_run=dry_run, as_json=as_json)
