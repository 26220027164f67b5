"""`bakegen diff`: what `sync` would do, as a patch."""

from __future__ import annotations

import click

from bakegen.cli import output
from bakegen.cli.session import Session, as_json


@click.command("diff")
@as_json
def command(*, as_json: bool) -> None:
    """Print what `sync` would change as unified diffs, conflicts included. Writes nothing, exits with 0.

    \b
    Example:
      bakegen diff
    """
    planned = Session.here().plan()
    if as_json:
        output.data(output.plan_data(planned))
    else:
        output.diff(planned)
