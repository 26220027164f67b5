"""`bakegen set`: change keys of a service, and everything that follows from them."""

from __future__ import annotations

import click

from bakegen import assignments, project_file
from bakegen.cli.carry_out import carry_out
from bakegen.cli.complete import service_names
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run


@click.command("set")
@click.argument("name", shell_complete=service_names)
@click.argument("given", metavar="KEY=VALUE...", nargs=-1, required=True)
@resolving
@dry_run
@as_json
def command(name: str, given: tuple[str, ...], *, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Change keys of a service: ports, health, needs, processes, its stack's options, and those of a Dockerfile of your own.

    An empty value takes the key out. Variables are for `add-env`, the name and the folder for `rename-service`.

    \b
    Examples:
      bakegen set api port=9000 health=/up
      bakegen set worker needs=postgres,redis
      bakegen set web distro=slim
      bakegen set api publish=
      bakegen set api processes.mail="python -m app.mail"
    """
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    stack = session.service(name).stack
    text, answers = session.text, assignments.read(given, stack)
    for key, value in answers.items():
        text = project_file.set_key(text, name, key, value, discard=resolve.favor == "theirs")
    shown = ", ".join(given)
    carry_out(
        session,
        text,
        f"{name}: {shown}",
        {"service": name, "set": answers},
        resolve=resolve,
        dry_run=dry_run,
        as_json=as_json,
    )
