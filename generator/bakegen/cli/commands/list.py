"""`bakegen list`: the services of the project."""

from __future__ import annotations

import click

from bakegen import project_file
from bakegen.cli import output
from bakegen.cli.session import Session, as_json


@click.command("list")
@as_json
def command(*, as_json: bool) -> None:
    """List the services: name, stack, folder, port, what each needs, image.

    \b
    Example:
      bakegen list
    """
    project = Session.here().project
    if as_json:
        output.data([{"name": each.name, **project_file.service_answers(each)} for each in project.services])
        return
    if not project.services:
        output.note("No services yet. Add one: bakegen add-service api")
        return
    rows = [("NAME", "STACK", "PATH", "PORT", "NEEDS", "IMAGE")]
    for each in project.services:
        port = f"{each.publish}:{each.port}" if each.publish else str(each.port or "-")
        image = f"{project.images}-{each.name}"
        rows.append((each.name, each.stack.id, str(each.path), port, ",".join(each.needs) or "-", image))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        output.text("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
