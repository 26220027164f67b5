"""What `add-host` and `remove-host` share: the change of the list of hosts, and everything that follows from it."""

from __future__ import annotations

from collections.abc import Sequence

from bakegen import project_file
from bakegen.cli.carry_out import carry_out
from bakegen.cli.resolve import Resolve
from bakegen.cli.session import Session
from bakegen.errors import UserError


def change_hosts(names: Sequence[str], *, add: bool, resolve: Resolve, dry_run: bool, as_json: bool) -> None:
    """Add hosts to the project, or remove them. UserError for one that is there already, or is not."""
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    hosts = [session.catalog.host(name) for name in dict.fromkeys(names)]
    for host in hosts:
        if (host in session.project.hosts) == add:
            known = ", ".join(each.id for each in session.project.hosts)
            message = f"{host.id} is {'one of the hosts already' if add else 'none of the hosts'}"
            raise UserError(message, hint=f"they are: {known}" if known else "there are none")
    ids = [host.id for host in hosts]
    text = (project_file.with_items if add else project_file.without_items)(session.text, "hosts", ids)
    titles = " and ".join(host.title for host in hosts)
    sentence = f"The images run on {titles} too." if add else f"{titles}: no files for it any more."
    carry_out(session, text, sentence, {"hosts": ids}, resolve=resolve, dry_run=dry_run, as_json=as_json)
