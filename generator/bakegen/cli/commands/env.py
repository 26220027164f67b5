"""`bakegen env`: the environment variables of the services, and where each comes from."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping

import click

from bakegen import hosting
from bakegen.cli import output
from bakegen.cli.complete import service_names
from bakegen.cli.session import Session, as_json
from bakegen.errors import UserError
from bakegen.hosting import Origin


@click.command("env")
@click.argument("name", required=False, shell_complete=service_names)
@click.option("--host", metavar="HOST", help="One of the project's hosts: where each variable comes from there.")
@click.option(
    "--dotenv",
    is_flag=True,
    help="Print a template to fill in, with what is set by hand on that host. A developer's machine has .env.example.",
)
@as_json
def command(name: str | None, host: str | None, *, dotenv: bool, as_json: bool) -> None:
    """List environment variables: of which service, of what kind, and where each comes from on each host.

    A secret has no value here, nor in any file.

    \b
    Examples:
      bakegen env
      bakegen env api --host fly
      bakegen env api --host fly --dotenv
    """
    if dotenv and as_json:
        raise UserError("--dotenv is a format, and so is --json", hint="say one of them")
    session = Session.here()
    service = session.service(name) if name is not None else None
    project = session.project
    hosts = {each.id: each for each in project.hosts}
    if host is not None and host not in hosts:
        raise UserError(f"{host} is not one of the hosts", hint=_hint(hosts))
    if dotenv and host is None:
        raise UserError("a template is of one host", hint=f"say which with --host; {_hint(hosts)}")
    services = [service] if service is not None else project.services
    found = [each for each in hosting.origins(project) if each.service in services]
    if as_json:
        output.data([_data(each, host) for each in found])
    elif dotenv and host is not None:
        for line in hosting.dotenv(project, services, hosts[host]):
            output.text(line)
    elif not found:
        output.note("No variables. Give a service one: bakegen add-env api LOG_LEVEL=info")
    else:
        _show(found, host, hosting.sources_by_host(project))


def _hint(hosts: Collection[str]) -> str:
    return f"they are: {', '.join(hosts)}" if hosts else "there is none yet: bakegen add-host compose"


def _show(found: Collection[Origin], host: str | None, hosts: Iterable[str]) -> None:
    """The variables by service and, for all hosts, where those of each kind come from."""
    rows = [
        (each.setting.name, each.setting.kind, *([each.sources.get(host, "-")] if host else []), _value(each))
        for each in found
    ]
    services = [each.service.name for each in found]
    widths = _widths(rows)
    width = shutil.get_terminal_size((0, 0)).columns  # 0: no terminal
    for number, row in enumerate(rows):
        if number == 0 or services[number] != services[number - 1]:
            output.text(click.style(services[number], bold=True))
        line = f"  {_line(row, widths)}"
        output.text(f"{line[: width - 1]}…" if 0 < width < len(line) else line)
    if host is None:
        output.text()
        table = [("WHERE", "KINDS", "FROM"), *_by_kind(found, hosts)]
        for row in table:
            output.text(_line(row, _widths(table)))


def _by_kind(found: Iterable[Origin], hosts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """For each host, the kinds that come from somewhere, and from where."""
    for host in hosts:
        kinds: dict[str, list[str]] = {}
        for kind, source in sorted({(each.setting.kind, each.sources.get(host, "-")) for each in found}):
            kinds.setdefault(source, []).append(kind)
        for number, (source, names) in enumerate(kinds.items()):
            yield host if number == 0 else "", ", ".join(names), source


def _value(origin: Origin) -> str:
    """What is good to know of a variable: its value, if it is no secret, else what it is for."""
    setting = origin.setting
    return setting.value if setting.kind == "value" else setting.description


def _data(origin: Origin, host: str | None) -> Mapping[str, object]:
    setting = origin.setting
    return {
        "service": origin.service.name,
        "name": setting.name,
        "kind": setting.kind,
        "value": setting.value if setting.kind == "value" else None,
        "description": setting.description,
        "sources": {name: source for name, source in origin.sources.items() if host in {None, name}},
    }


def _widths(rows: Collection[tuple[str, ...]]) -> list[int]:
    return [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]


def _line(row: tuple[str, ...], widths: Iterable[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
