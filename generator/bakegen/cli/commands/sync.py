"""`bakegen sync`: bring every generated file in step with bakegen.toml."""

from __future__ import annotations

import click

from bakegen.cli.session import Session, as_json, dry_run
from bakegen.cli.synchronize import synchronize


@click.command("sync")
@dry_run
@as_json
def command(*, dry_run: bool, as_json: bool) -> None:
    """Bring every generated file in step with bakegen.toml.

    Files that nobody edited are replaced. A file that you edited is kept; if it must change, that is a conflict and
    nothing at all is written (exit code 3).

    \b
    Examples:
      bakegen sync
      bakegen sync --dry-run
    """
    session = Session.here()
    session.require_this_version()
    synchronize(session, dry_run=dry_run, as_json=as_json)
