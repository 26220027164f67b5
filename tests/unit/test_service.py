"""What `add-service` means: the stack by name and language, ports, defaults."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from bakegen import service
from bakegen.errors import UserError
from bakegen.model import Project
from bakegen.service import Request
from bakegen.stack import Defaults, Stack, Variable
from tests.world import CATALOG, World, scaffold

EMPTY = scaffold()


def stack(name: str, language: str | None, role: str, *names: str) -> Stack:
    return Stack(id=name, description="", language=language, role=role, names=names, defaults=Defaults(port=8000))


STACKS = {
    each.id: each
    for each in (
        stack("go-api", "go", "backend", "api"),
        stack("hono", "node", "backend", "api", "server"),
        stack("fastapi", "python", "backend", "api"),
        stack("node-worker", "node", "worker", "worker"),
        stack("python-worker", "python", "worker", "worker"),
        stack("nextjs", "node", "frontend", "web"),
    )
}
TWO_LANGUAGES = replace(CATALOG, stacks=STACKS)


def project(*requests: Request) -> Project:
    found = EMPTY
    for request in requests:
        added = service.add(found, TWO_LANGUAGES, request)
        found = replace(found, services=(*found.services, added))
    return found


def chosen(name: str, *requests: Request) -> str:
    return service.choose_stack(project(*requests), TWO_LANGUAGES, Request(name=name)).id


@pytest.mark.parametrize("name", [(each, name) for each in CATALOG.stacks for name in CATALOG.stacks[each].names])
def test_well_known_names(name: tuple[str, str]) -> None:
    assert service.choose_stack(EMPTY, CATALOG, Request(name=name[1])).id == name[0]


def test_python_before_node_before_others() -> None:
    assert chosen("api") == "fastapi"
    assert chosen("worker") == "python-worker"
    assert chosen("server") == "hono"


def test_language_of_the_backend_decides() -> None:
    assert chosen("worker", Request(name="server")) == "node-worker"
    assert chosen("worker", Request(name="api")) == "python-worker"


def test_frontend_decides_nothing() -> None:
    assert chosen("worker", Request(name="web")) == "python-worker"


def test_the_backend_that_answers_others_decides() -> None:
    both = (Request(name="api"), Request(name="server"), Request(name="web", needs=("server",)))
    assert chosen("worker", *both) == "node-worker"
    assert chosen("worker", *both[:2]) == "python-worker"


def test_name_that_means_nothing() -> None:
    with pytest.raises(UserError, match="no stack goes by the name of zebra") as caught:
        service.choose_stack(EMPTY, CATALOG, Request(name="zebra"))
    assert caught.value.hint == f"say which with --stack, one of: {', '.join(CATALOG.stacks)}"


def test_unknown_stack() -> None:
    for asked, hint in (("nextj", "did you mean nextjs?"), ("zzz", f"known stacks: {', '.join(CATALOG.stacks)}")):
        with pytest.raises(UserError, match=f"unknown stack: {asked}") as caught:
            service.choose_stack(EMPTY, CATALOG, Request(name="x", stack=asked))
        assert caught.value.hint == hint


def test_defaults_of_the_stack() -> None:
    added = service.add(EMPTY, CATALOG, Request(name="api"))
    assert (added.path, added.port, added.publish, added.health) == (
        PurePosixPath("services/api"),
        8000,
        8000,
        "/health",
    )
    assert added.env == (Variable(name="LOG_LEVEL", value="info"),)


def test_what_is_asked_for_wins_and_adds() -> None:
    request = Request(
        name="api",
        path=PurePosixPath("x"),
        port=1,
        publish=2,
        health="/up",
        needs=("redis", "postgres", "redis"),
        env=(Variable(name="LOG_LEVEL", value="debug"), Variable(name="A", secret=True)),
    )
    added = service.add(EMPTY, CATALOG, request)
    assert (added.path, added.port, added.publish, added.health) == (PurePosixPath("x"), 1, 2, "/up")
    assert added.needs == ("postgres", "redis")
    assert [(item.name, item.value) for item in added.env] == [("A", ""), ("LOG_LEVEL", "debug")]


def test_published_ports_are_picked_free() -> None:
    world = World.new(requests=[Request(name=f"a{i}", stack="fastapi") for i in range(3)])
    assert [each.publish for each in world.project.services] == [8000, 8001, 8002]
    assert {each.port for each in world.project.services} == {8000}


def test_no_port_publishes_nothing() -> None:
    added = service.add(EMPTY, CATALOG, Request(name="worker"))
    assert (added.port, added.publish, added.health) == (None, None, None)


def test_name_that_is_taken() -> None:
    world = World.new(requests=[Request(name="api")])
    with pytest.raises(UserError, match="there is a service api already"):
        service.add(world.project, CATALOG, Request(name="api"))
