"""The contract: what must hold in surfaces that bakegen no longer writes alone."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from bakegen import contract
from bakegen.contract import BAKE, COMPOSE
from bakegen.model import Project
from bakegen.service import Request
from tests.world import World, member, scaffold

WORLD = World.new(requests=[Request(name="api"), Request(name="jobs", stack="python-worker")])
HINT = "put it back, or let bakegen do it: bakegen sync --only {} --discard-edits"


def check_found(path: PurePosixPath, old: bytes, new: bytes, *messages: str) -> None:
    """The findings of a generated file in which `old` has become `new`."""
    text = WORLD.files[path]
    assert old in text
    found = contract.check(WORLD.project, {path: text.replace(old, new)})
    assert [(each.message, each.where, each.hint) for each in found] == [
        (message, str(path), HINT.format(path)) for message in messages
    ]


def test_generated_files_keep_it() -> None:
    assert contract.check(WORLD.project, {path: WORLD.files[path] for path in (BAKE, COMPOSE)}) == ()


def test_only_given_files_are_judged() -> None:
    assert contract.check(WORLD.project, {}) == ()


def test_what_a_target_inherits_and_calls_is_there() -> None:
    lost = [f'target "{name}" inherits from "_common", which is not there' for name in ("api", "jobs")]
    check_found(BAKE, b'target "_common"', b'target "_base"', *lost)
    calls = [f'target "{name}" calls tags(), which is not there' for name in ("api", "jobs")]
    check_found(BAKE, b'function "tags"', b'function "names"', *calls)


@pytest.mark.parametrize(
    "override", [b'target "_common" {\n}\n', b'target "x" {\n  matrix = { a = ["_common"] }\n}\n', b"{"]
)
def test_what_a_target_inherits_may_stand_in_the_override_file(override: bytes) -> None:
    text = WORLD.files[BAKE].replace(b'target "_common"', b'target "_base"')
    assert contract.check(WORLD.project, {BAKE: text, contract.OVERRIDE: override}) == ()


@pytest.mark.parametrize("path", [BAKE, COMPOSE])
def test_file_that_is_gone(path: PurePosixPath) -> None:
    (found,) = contract.check(WORLD.project, {path: None})
    assert (found.where, found.message) == (str(path), "the file is gone")
    assert found.hint == f"get it back: bakegen sync --only {path} --discard-edits"


@pytest.mark.parametrize(("path", "text"), [(BAKE, None), (BAKE, b""), (COMPOSE, b"services: {}\n")])
def test_of_an_unmanaged_file_the_way_out_is_manage(path: PurePosixPath, text: bytes | None) -> None:
    found = contract.check(replace(WORLD.project, unmanaged=(path,)), {path: text})
    assert found
    assert all(each.hint.endswith(f"bakegen manage {path} --discard-edits") for each in found)


@pytest.mark.parametrize(
    ("keyword", "message"),
    [
        ("USER", "the image would run as root: there is no USER at its end"),
        ("EXPOSE", "EXPOSE 8000 is missing"),
        ("HEALTHCHECK", "no HEALTHCHECK asks for /health"),
    ],
)
@pytest.mark.parametrize("form", ["# {}", "RUN cat <<EOF > /x\n{}\nEOF", "RUN <<-'A'\n\t{}\n\tA"])
def test_instruction_that_only_looks_like_one(keyword: str, message: str, form: str) -> None:
    path = WORLD.project.service("api").dockerfile
    text = re.sub(rf"(?m)^{keyword} (.*\\\n)*.*$", lambda match: form.format(match[0]), WORLD.files[path].decode())
    assert [each.message for each in contract.check(WORLD.project, {path: text.encode()})] == [message]


def test_lost_target() -> None:
    check_found(BAKE, b'target "api" {', b'target "other" {', 'target "api" is missing')


def test_lost_test_target() -> None:
    check_found(BAKE, b'target "jobs-test" {', b'target "x" {', 'target "jobs-test" is missing')


def test_lost_member() -> None:
    check_found(BAKE, b'    "api",\n', b"", '"api" is not in the group "default"')


def test_lost_member_of_the_tests() -> None:
    check_found(BAKE, b'    "jobs-test",\n', b"", '"jobs-test" is not in the group "test"')


def test_lost_group() -> None:
    messages = [f'"{name}" is not in the group "default"' for name in ("api", "jobs")]
    check_found(BAKE, b'group "default" {', b'group "all" {', *messages)


def test_extra_target_and_member() -> None:
    check_found(BAKE, b'    "api",\n', b'    "api",\n    "docs",\n')


def test_members_by_an_expression_are_taken_on_trust() -> None:
    check_found(BAKE, b'  targets = [\n    "api",\n    "jobs",\n  ]', b"  targets = NAMES")


def test_lost_service() -> None:
    check_found(COMPOSE, b"\n  jobs:\n", b"\n  other:\n", "services.jobs is missing")


@pytest.mark.parametrize("path", [BAKE, COMPOSE])
def test_file_that_cannot_be_read(path: PurePosixPath) -> None:
    (found,) = contract.check(WORLD.project, {path: b"{[("})
    assert found.where.startswith(str(path))
    assert "can be read" in found.message


def publishing(*numbers: int) -> Project:
    project = scaffold()
    world = World.new(project)
    for index, number in enumerate(numbers):
        world.add(Request(name=f"s{index}", stack="fastapi", publish=number))
    return world.project


def test_ports_of_their_own() -> None:
    assert contract.ports(publishing(1, 2, 3)) == ()


def test_ports_published_twice() -> None:
    found = contract.ports(publishing(1, 2, 1, 1))
    assert [each.message for each in found] == ["s2 and s0 both publish 1", "s3 and s0 both publish 1"]
    assert {(each.where, each.hint) for each in found} == {("bakegen.toml", "change `publish` of one of them")}


def test_services_without_a_port_publish_nothing() -> None:
    world = World.new(requests=[Request(name="a", stack="python-worker"), Request(name="b", stack="python-worker")])
    assert contract.ports(world.project) == ()


def test_dockerfiles() -> None:
    project = WORLD.project
    present = [PurePosixPath("services/api/Dockerfile")]
    (found,) = contract.dockerfiles(project, present)
    assert (found.where, found.message) == ("services/jobs/Dockerfile", "the Dockerfile of jobs is missing")
    assert contract.dockerfiles(project, [*present, PurePosixPath("services/jobs/Dockerfile")]) == ()


def test_member_is_what_add_service_would_make() -> None:
    assert member(scaffold(), "api") == WORLD.project.service("api")
