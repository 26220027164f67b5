"""`bakegen add-service`: one more image, everywhere it must appear."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import PurePosixPath

import click

from bakegen import assignments, hosting, project_file, service
from bakegen.cli import output
from bakegen.cli.complete import stack_names
from bakegen.cli.findings import findings, judged
from bakegen.cli.resolve import Resolve, resolving
from bakegen.cli.session import Session, as_json, dry_run
from bakegen.cli.variables import variables
from bakegen.errors import UserError
from bakegen.model import Build, Project, Service
from bakegen.plan import Wish
from bakegen.rules import PATH
from bakegen.service import Request


@click.command("add-service")
@click.argument("name")
@click.option("--stack", shell_complete=stack_names, help="The kind of the service; left out, the name decides.")
@click.option("--path", help="Its folder, services/NAME if left out.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port in the container.")
@click.option("--publish", type=click.IntRange(1, 65535), help="The port on your machine; a free one if left out.")
@click.option("--health", metavar="PATH", help="The path of its health check, such as /health.")
@click.option("--needs", metavar="NAME,...", help="Databases, queues and services: postgres,redis,api.")
@click.option("--budget", metavar="SIZE", help="What its image may weigh, compressed: 100MB.")
@click.option("--option", "options", metavar="KEY=VALUE", multiple=True, help="An option of its stack: server=dev.")
@click.option("--uses", metavar="NAME,...", help="Packages of the pnpm workspace: db,shared.")
@click.option("--build-arg", "args", metavar="KEY=VALUE", multiple=True, help="A build argument.")
@click.option("--build-secret", metavar="KEY", multiple=True, help="A variable that its build gets as a secret.")
@click.option("--env", "env", metavar="KEY[=VALUE]", multiple=True, help="An environment variable.")
@click.option("--secret", "secrets", metavar="KEY", multiple=True, help="A variable without a value in any file.")
@resolving
@dry_run
@as_json
def command(
    name: str,
    stack: str | None,
    path: str | None,
    port: int | None,
    publish: int | None,
    health: str | None,
    needs: str | None,
    budget: str | None,
    options: tuple[str, ...],
    uses: str | None,
    args: tuple[str, ...],
    build_secret: tuple[str, ...],
    env: tuple[str, ...],
    secrets: tuple[str, ...],
    *,
    resolve: Resolve,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add a service: its folder, bake targets, Compose entries and README line.

    \b
    Examples:
      bakegen add-service worker
      bakegen add-service admin --stack nextjs --needs api
      bakegen add-service backend --stack flask --option server=dev
      bakegen add-service proxy --stack dockerfile --path services/proxy --port 8080
    """
    session = Session.writing(dry_run=dry_run)
    session.require_this_version()
    path = str(PurePosixPath(path)) if path else None  # the tab key ends a folder with a slash
    service.check_new(session.project, name)
    request = Request(
        name=name,
        stack=stack or (_own_dockerfile(session, PurePosixPath(path)) if path else None),
        path=PurePosixPath(path) if path else None,
        port=port,
        publish=publish,
        health=health,
        needs=_names(needs),
        budget=budget,
        env=variables(env, secrets),
        uses=_names(uses),
        options=options,
        build=Build(args=assignments.build_args(args), secrets=tuple(sorted(set(build_secret)))),
    )
    request = _ask_for_stack(session, request)
    added = service.add(session.project, session.catalog, request)
    text = project_file.insert_service(session.text, added, session.catalog)
    _require_dockerfile(session, added)
    planned = session.plan(text, Wish(favor=resolve.favor))
    after = session.project.with_service(added)
    found, notes = findings(session, planned, after), hosting.notes(after, session.project)
    session.apply(planned, dry_run=dry_run, as_json=as_json, resolve=resolve)
    output.end_of_life(after, session.catalog)
    follow = [f"docker buildx bake {name}", "docker compose up --build --wait"]
    if as_json:
        answers = {"name": name, **project_file.service_answers(added)}
        output.data(
            {
                "service": answers,
                **output.plan_data(planned, notes),
                "findings": output.finding_data(found),
                "next": follow,
            }
        )
    else:
        output.text(f"{name} is a {added.stack.id} service in {added.path}{_why(session.project, request, added)}")
        output.changes(planned, dry_run=dry_run)
        for kept in sorted(set(planned.kept) & set(after.unmanaged) - judged(session, after)):
            output.note(f"{kept} is unmanaged: bring {name} into it by hand.")
        output.warnings(found)
        output.notes(notes)
        if not dry_run:
            output.text("\nNext:")
            for line in follow:
                output.text(f"  {line}")
    if dry_run and planned.changes:
        sys.exit(1)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _own_dockerfile(session: Session, folder: PurePosixPath) -> str | None:
    """A folder with a Dockerfile in it means: take that as it is."""
    inside = PATH.fullmatch(str(folder)) and ".." not in folder.parts
    return "dockerfile" if inside and session.workspace.read(folder / "Dockerfile") is not None else None


def _require_dockerfile(session: Session, added: Service) -> None:
    """A stack that brings no Dockerfile needs one that is there."""
    brought = PurePosixPath("Dockerfile") in session.catalog.files[added.stack.id]
    if not brought and session.workspace.read(added.dockerfile) is None:
        hint = "write it first, say where it is with --path, or choose another --stack"
        raise UserError("there is no Dockerfile", where=str(added.dockerfile), hint=hint)


def _ask_for_stack(session: Session, request: Request) -> Request:
    """The request with a stack: a name that means none may have a Dockerfile, and on a terminal is asked about."""
    try:
        service.choose_stack(session.project, session.catalog, request)
    except UserError:
        own = _own_dockerfile(session, request.path or service.default_path(request.name))
        if request.stack is None and own:
            return replace(request, stack=own)
        if request.stack is not None or not sys.stdin.isatty():
            raise
        for stack in session.catalog.stacks.values():
            output.note(f"  {stack.id:16}{stack.description}")
        choice = click.Choice(list(session.catalog.stacks))
        return replace(request, stack=click.prompt(f"Stack of {request.name}", type=choice, err=True))
    return request


def _why(project: Project, request: Request, added: Service) -> str:
    if request.stack is not None:
        return ""
    language = service.backend_language(project)
    if language and added.stack.language == language and added.stack.role != "frontend":
        return f" (by its name, and in the language of the project's backend: {language})"
    return " (by its name)"
