"""`bakegen remove-env`: an environment variable goes, from every file."""

from __future__ import annotations

import click

from bakegen import project_file
from bakegen.cli.carry_out import carry_out
from bakegen.cli.complete import service_names
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run
from bakegen.errors import UserError


@click.command("remove-env")
@click.argument("name", shell_complete=service_names)
@click.argument("env", metavar="KEY...", nargs=-1, required=True)
@resolving
@dry_run
@as_json
def command(name: str, env: tuple[str, ...], *, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Take environment variables from a service.

    \b
    Example:
      bakegen remove-env api STRIPE_API_KEY
    """
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    known = [variable.name for variable in session.service(name).env]
    text = session.text
    for variable in dict.fromkeys(env):
        if variable not in known:
            hint = f"it has: {', '.join(known) or 'none'}"
            raise UserError(f"{name} has no variable {variable}", hint=hint)
        text = project_file.set_variable(text, name, variable, None, discard=resolve.favor == "theirs")
    sentence = f"{name} has {', '.join(env)} no longer."
    report = {"service": name, "env": list(env)}
    carry_out(session, text, sentence, report, resolve=resolve, dry_run=dry_run, as_json=as_json)
