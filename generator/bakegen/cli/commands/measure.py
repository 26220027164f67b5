"""`bakegen measure`: how large the images are, and how long they take to build."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from bakegen import measure, project_document, project_reader
from bakegen.cli import output
from bakegen.cli.complete import service_names
from bakegen.cli.session import Session, as_json
from bakegen.errors import UserError
from bakegen.measure import details
from bakegen.measure.builder import Figures
from bakegen.model import Project
from bakegen.rules import PLATFORMS


@click.command("measure")
@click.argument("names", metavar="[SERVICE]...", nargs=-1, shell_complete=service_names)
@click.option("--platform", "platforms", multiple=True, type=click.Choice(PLATFORMS), help="The builder's if left out.")
@click.option("--baseline", metavar="REF", help="A commit to compare with: main, v1.2.0, HEAD~1.")
@click.option("--summary", is_flag=True, help="Leave out the tables of layers and steps.")
@click.option("--markdown", is_flag=True, help="Print the result as Markdown, layers and steps folded away.")
@as_json
def command(
    names: tuple[str, ...],
    platforms: tuple[str, ...],
    baseline: str | None,
    *,
    summary: bool,
    markdown: bool,
    as_json: bool,
) -> None:
    """Build images and say how large they are, in all and above their base image, and how long that took.

    \b
    Each is built three times, from a copy of the project as it is, committed or not:
    without a cache, again, and with one line of its source changed. Below the summary
    are the layers of each image and the seconds of each step of its three builds.
    Exit code 1 if an image is over its budget.

    \b
    Examples:
      bakegen measure
      bakegen measure api web --platform linux/arm64
      bakegen measure --baseline main --markdown
    """
    session = Session.here()
    for name in names:
        session.service(name)
    wanted = names or tuple(service.name for service in session.project.services)
    with tempfile.TemporaryDirectory() as folder:
        now = Path(folder, "now")
        before: dict[str, Figures] = {}
        if baseline is not None:
            then = Path(folder, "before")
            measure.commit(session.workspace.root, baseline, then)
            earlier = _project(session, then, baseline)
            known = {service.name for service in earlier.services}
            before = {
                name: _measure(then, earlier, name, platforms, f" at {baseline}") for name in wanted if name in known
            }
        measure.copy(session.workspace.root, now)
        figures = [_measure(now, session.project, name, platforms) for name in wanted]
    over = measure.over_budget(session.project, figures)
    if as_json:
        output.data({"services": measure.data(figures), "baseline": measure.data(list(before.values()))})
    else:
        for line in _lines(figures, before, baseline, markdown=markdown, summary=summary):
            output.text(line)
    for sentence in over:
        output.note(sentence)
    if over:
        sys.exit(1)


def _measure(folder: Path, project: Project, name: str, platforms: tuple[str, ...], where: str = "") -> Figures:
    output.note(f"measuring {name}{where} ...")
    return measure.measure(folder, project.service(name), platforms)


def _lines(
    figures: Sequence[Figures], before: Mapping[str, Figures], baseline: str | None, *, markdown: bool, summary: bool
) -> list[str]:
    """The table of all services; below it what each is made of, now and before."""
    lines = (measure.markdown if markdown else measure.table)(figures, before)
    if summary:
        return lines
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for now in figures:
        for each, where in ((now, ""), (before.get(now.service), f" at {baseline}")):
            if each is not None:
                lines += details.markdown(each, where) if markdown else details.text(each, where, width)
    return lines


def _project(session: Session, folder: Path, reference: str) -> Project:
    file = folder / project_document.FILE
    if not file.is_file():
        raise UserError(f"{reference} has no {project_document.FILE}", hint="name a commit that bakegen has made")
    return project_reader.load(file.read_bytes(), session.catalog)
