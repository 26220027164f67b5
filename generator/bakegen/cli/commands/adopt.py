"""`bakegen adopt`: a repository that bakegen did not make becomes a project, and no file of it changes."""

from __future__ import annotations

from pathlib import Path

import click

from bakegen.cli.session import as_json, dry_run


@click.command("adopt")
@click.argument("path", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", help="The project's name, that of the folder if left out.")
@click.option("--set", "given", metavar="KEY=VALUE", multiple=True, help="An answer that the repository does not give.")
@dry_run
@as_json
def command(path: Path, name: str | None, given: tuple[str, ...], *, dry_run: bool, as_json: bool) -> None:
    """Make a project of the repository in PATH, which has bake files, Compose files or Dockerfiles of its own.

    Its services are read from what is there. bakegen.toml and bakegen.lock are written; no other file changes, now or
    later, by more than what a command itself adds.

    \b
    Keys: project_name, project_slug, description, repository, images, cache,
    python_version, node_version.

    \b
    Examples:
      bakegen adopt
      bakegen adopt --dry-run
      bakegen adopt ~/shop --set images=ghcr.io/acme/shop
    """
    from bakegen.cli.adoption import adopt  # reads HCL and YAML, which no other command loads before it must

    adopt(path, name, given, dry_run=dry_run, as_json=as_json)
