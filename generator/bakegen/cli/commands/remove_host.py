"""`bakegen remove-host`: the files for a place where the images run no more."""

from __future__ import annotations

import click

from bakegen.cli.change_hosts import change_hosts
from bakegen.cli.complete import host_names
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import as_json, dry_run


@click.command("remove-host")
@click.argument("names", metavar="HOST...", nargs=-1, required=True, shell_complete=host_names)
@resolving
@dry_run
@as_json
def command(names: tuple[str, ...], *, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Take a host out: its files go, but for those that you edited. What runs there goes on running.

    \b
    Example:
      bakegen remove-host fly
    """
    change_hosts(names, add=False, resolve=resolve, dry_run=dry_run, as_json=as_json)
