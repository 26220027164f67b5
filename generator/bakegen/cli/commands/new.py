"""`bakegen new`: the scaffold without cookiecutter, byte for byte the same."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bakegen import answers as questions
from bakegen import catalog as catalogs
from bakegen.cli import output
from bakegen.cli.complete import preset_names
from bakegen.cli.scaffold import scaffold
from bakegen.cli.session import as_json
from bakegen.errors import UserError


@click.command("new")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--preset", shell_complete=preset_names, help="The services to begin with, api-web if left out.")
@click.option("--set", "answers", metavar="KEY=VALUE", multiple=True, help="An answer, as cookiecutter asks for it.")
@as_json
def command(folder: Path, preset: str | None, answers: tuple[str, ...], *, as_json: bool) -> None:
    """Scaffold a project in DIR.

    \b
    Keys: project_name, project_slug, description, owner, images, preset, hosts,
    cache, python_version, node_version, pnpm_version, git_init.

    \b
    Examples:
      bakegen new shop
      bakegen new shop --preset empty --set owner=acme --set cache=registry
      bakegen new shop --set hosts=compose,fly
    """
    given: dict[str, str] = {}
    for answer in answers:
        key, equals, value = answer.partition("=")
        if not equals:
            raise UserError(f"--set {answer} has no value", hint="write it as KEY=VALUE")
        if key in given:
            raise UserError(f"{key} is given more than once", hint="say it once")
        given[key] = value
    if preset is not None and given.setdefault("preset", preset) != preset:
        raise UserError("preset is given more than once", hint="say it once")
    given.setdefault("project_name", folder.resolve().name)
    catalog = catalogs.load()
    full = questions.complete(given, catalog)
    project = questions.project(full, catalog)
    planned, commit = scaffold(folder, project, commit=full["git_init"] == "true", as_json=as_json)
    output.end_of_life(project, catalog)
    if as_json:
        output.data({**output.plan_data(planned), "commit": commit})
        return
    count = len(planned.changes)
    output.text(f"{full['project_name']} is in {folder}: {count} files. {commit}".rstrip())
    output.text("\nNext:")
    for line in (f"cd {os.fspath(folder)}", "docker buildx bake", "docker compose up --build --wait"):
        output.text(f"  {line}")
