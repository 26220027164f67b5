"""`bakegen unmanage`: a generated file becomes the user's own."""

from __future__ import annotations

import click

from bakegen import project_document, project_file
from bakegen.cli.carry_out import carry_out
from bakegen.cli.findings import judged
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run
from bakegen.errors import UserError


@click.command("unmanage")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@resolving
@dry_run
@as_json
def command(paths: tuple[str, ...], *, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Take generated files over: bakegen never writes them again.

    `check` still says what must be in the bake file, compose.yaml, Dockerfiles and the files of hosts and of a pnpm workspace.

    \b
    Examples:
      bakegen unmanage .github/workflows/images.yml
      bakegen manage .github/workflows/images.yml
    """
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    files = sorted({session.generated(path) for path in paths})
    if project_document.FILE in files:
        hint = "edit it as you like, and run: bakegen sync"
        raise UserError("your answers stand in this file", where=str(project_document.FILE), hint=hint)
    text = project_file.with_items(session.text, "unmanaged", files)
    names = ", ".join(map(str, files))
    report = {"unmanaged": [str(path) for path in files]}
    unjudged = sorted(set(files) - judged(session, session.project))
    rest = f" No check looks at {', '.join(map(str, unjudged))}: a change of the project is yours to bring in."
    sentence = f"{names}: yours from now on.{rest if unjudged else ''}"
    carry_out(session, text, sentence, report, resolve=resolve, dry_run=dry_run, as_json=as_json)
