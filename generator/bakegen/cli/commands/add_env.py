"""`bakegen add-env`: environment variables of a service, in every file that names them."""

from __future__ import annotations

import click

from bakegen import project_file
from bakegen.cli.carry_out import carry_out
from bakegen.cli.complete import service_names
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run
from bakegen.cli.variables import variables
from bakegen.errors import UserError


@click.command("add-env")
@click.argument("name", shell_complete=service_names)
@click.argument("env", metavar="[KEY[=VALUE]]...", nargs=-1)
@click.option("--secret", "secrets", metavar="KEY", multiple=True, help="A variable without a value in any file.")
@click.option("--description", default="", help="What the variables are for, a comment in .env.example.")
@resolving
@dry_run
@as_json
def command(
    name: str,
    env: tuple[str, ...],
    secrets: tuple[str, ...],
    description: str,
    *,
    resolve: Resolve,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Give a service environment variables, or new values to those that it has.

    \b
    Examples:
      bakegen add-env api LOG_LEVEL=debug
      bakegen add-env api --secret STRIPE_API_KEY --description "Stripe API key"
    """
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    session.service(name)
    added = variables(env, secrets, description)
    if not added:
        raise UserError("no variable was given", hint="for example: bakegen add-env api LOG_LEVEL=debug")
    text = session.text
    for variable in added:
        text = project_file.set_variable(text, name, variable.name, variable)
    names = [variable.name for variable in added]
    sentence = f"{name} has {', '.join(names)}."
    report = {"service": name, "env": names}
    carry_out(session, text, sentence, report, resolve=resolve, dry_run=dry_run, as_json=as_json)
