"""What `add-service` means: a request with gaps -> a Service, by the name, the stack's defaults and the project."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bakegen import assignments
from bakegen.catalog import Catalog
from bakegen.errors import UserError
from bakegen.model import Build, Project, Service
from bakegen.project_reader import check_name
from bakegen.running import Run
from bakegen.stack import Stack, Variable


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked for. None and empty leave the choice to the stack's defaults; an option is `NAME=VALUE`."""

    name: str
    stack: str | None = None
    path: PurePosixPath | None = None
    port: int | None = None
    publish: int | None = None
    health: str | None = None
    needs: tuple[str, ...] = ()
    budget: str | None = None
    env: tuple[Variable, ...] = ()
    uses: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    build: Build = field(default_factory=Build)
    run: Run = field(default_factory=Run)


def add(project: Project, catalog: Catalog, request: Request) -> Service:
    """The service to add to the project; the project file checks it against the others when it is inserted.

    Raises UserError if the name is taken or impossible, or no stack can be told.
    """
    check_new(project, request.name)
    stack = choose_stack(project, catalog, request)
    port = request.port or stack.defaults.port
    env = {item.name: item for item in (*stack.defaults.env, *request.env)}
    return Service(
        name=request.name,
        stack=stack,
        path=request.path or default_path(request.name),
        slug=project.slug,
        port=port,
        publish=request.publish or (port and free_port(project, port)),
        health=request.health or (stack.defaults.health if port else None),
        needs=tuple(sorted({*stack.defaults.needs, *request.needs})),
        budget=request.budget,
        env=tuple(sorted(env.values(), key=lambda item: item.name)),
        uses=tuple(sorted(set(request.uses))),
        chosen=assignments.options(request.options, stack),
        build=request.build,
        run=request.run,
    )


def default_path(name: str) -> PurePosixPath:
    """The folder of a service that was given none."""
    return PurePosixPath("services", name)


def check_new(project: Project, name: str) -> None:
    """Raise UserError unless a new service can have this name."""
    check_name(name)
    if any(name == service.name for service in project.services):
        raise UserError(f"there is a service {name} already", hint="see them with: bakegen list")


def choose_stack(project: Project, catalog: Catalog, request: Request) -> Stack:
    """The stack asked for, or the one that the service's name means.

    Where several languages could serve, that of the project's backend decides, and Python comes before Node.
    Raises UserError if the stack is unknown or the name means none.
    """
    if request.stack is not None:
        return catalog.stack(request.stack)
    candidates = [stack for stack in catalog.stacks.values() if request.name in stack.names]
    if not candidates:
        hint = f"say which with --stack, one of: {', '.join(catalog.stacks)}"
        raise UserError(f"no stack goes by the name of {request.name}", hint=hint)
    order: dict[str | None, int] = {"python": 1, "node": 2}
    if preferred := backend_language(project):
        order[preferred] = 0
    return min(candidates, key=lambda stack: (order.get(stack.language, 3), stack.id))


def backend_language(project: Project) -> str | None:
    """The language of the service that answers requests of others; else of any backend; Python before Node."""
    needed = {need for service in project.services for need in service.needs}
    answering = [service for service in project.services if service.name in needed]
    backends = [service for service in project.services if service.stack.role == "backend"]
    languages = {service.stack.language for service in answering or backends}
    return next((language for language in ("python", "node") if language in languages), None)


def free_port(project: Project, port: int) -> int:
    """The first port from `port` on that no service publishes."""
    taken = {service.publish for service in project.services}
    while port in taken:
        port += 1
    return port
