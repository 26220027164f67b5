"""`bakegen sync`: bring every generated file in step with bakegen.toml."""

from __future__ import annotations

import click

from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run
from bakegen.cli.synchronize import synchronize


@click.command("sync")
@click.option("--only", metavar="PATH", multiple=True, help="Bring only this file in step; may be given several times.")
@resolving
@dry_run
@as_json
def command(*, only: tuple[str, ...], resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Bring every generated file in step with bakegen.toml.

    Files that nobody edited are replaced, edited ones are merged. What both sides changed is a conflict: then nothing
    at all is written (exit code 3). In an unfinished merge of git, what git could not merge is merged first.
    With --only and --discard-edits a file loses every edit, not only those in the way.

    \b
    Examples:
      bakegen sync
      bakegen sync --dry-run
      bakegen sync --only docker-bake.hcl --discard-edits
    """
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    synchronize(session, only=only, resolve=resolve, dry_run=dry_run, as_json=as_json)
