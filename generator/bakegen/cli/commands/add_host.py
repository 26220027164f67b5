"""`bakegen add-host`: files for one more place where the images run."""

from __future__ import annotations

import click

from bakegen.cli.change_hosts import change_hosts
from bakegen.cli.complete import host_names
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import as_json, dry_run


@click.command("add-host")
@click.argument("names", metavar="HOST...", nargs=-1, required=True, shell_complete=host_names)
@resolving
@dry_run
@as_json
def command(names: tuple[str, ...], *, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Run the images on one more host: its files are written, and kept in step from then on.

    \b
    Examples:
      bakegen add-host fly
      bakegen add-host compose kubernetes
    """
    change_hosts(names, add=True, resolve=resolve, dry_run=dry_run, as_json=as_json)
