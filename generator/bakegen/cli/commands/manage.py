"""`bakegen manage`: a file that the user took over goes back to bakegen."""

from __future__ import annotations

import click

from bakegen import project_file
from bakegen.cli.carry_out import carry_out
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run


@click.command("manage")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@resolving
@dry_run
@as_json
def command(paths: tuple[str, ...], *, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Give files back that you took over with `unmanage`; where they differ, say whose version is to stay.

    \b
    Examples:
      bakegen manage .github/workflows/images.yml
      bakegen manage compose.yaml --discard-edits
    """
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    files = sorted({session.generated(path) for path in paths})
    text = project_file.without_items(session.text, "unmanaged", files)
    names = ", ".join(map(str, files))
    report = {"managed": [str(path) for path in files]}
    sentence = f"{names}: bakegen keeps it in step again."
    carry_out(session, text, sentence, report, resolve=resolve, dry_run=dry_run, as_json=as_json)
