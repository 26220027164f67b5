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


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        (r"FROM (.*) AS runtime\n((?s:.*))EXPOSE 3000\n", r"FROM \1 AS runtime\n\2", ["EXPOSE 3000 is missing"]),
        (r'"/api/health"', r'"/api/healthy"', ["no HEALTHCHECK asks for /api/health"]),
        (r'"/api/health"', r'"/old/api/health"', ["no HEALTHCHECK asks for /api/health"]),
        (
            r"(FROM .* AS runtime\n(?s:.*))USER \S+\n",
            r"\1",
            ["the image would run as root: there is no USER at its end"],
        ),
        (r"$", "\nFROM runtime AS last\n", []),
        (r"$", "\nFROM --platform=linux/amd64 Runtime\nHEALTHCHECK NONE\n", ["no HEALTHCHECK asks for /api/health"]),
        (r"\A", "FROM scratch AS first\nUSER root\nEXPOSE 1\n", []),
    ],
)
def test_the_image_is_what_the_last_stage_makes_of_those_it_is_from(old: str, new: str, messages: list[str]) -> None:
    world = World.new(requests=[Request(name="web", stack="nextjs")])
    path = world.project.service("web").dockerfile
    text, count = re.subn(old, new, world.files[path].decode(), count=1)
    assert count == 1
    assert [each.message for each in contract.check(world.project, {path: text.encode()})] == messages


@pytest.mark.parametrize("stack", ["node-worker", "python-worker"])
def test_a_worker_s_port_is_not_asked_of_its_dockerfile(stack: str) -> None:
    world = World.new(requests=[Request(name="jobs", stack=stack, port=9000, health="/up")])
    path = world.project.service("jobs").dockerfile
    assert contract.check(world.project, {path: world.files[path]}) == ()
    (found,) = contract.check(world.project, {path: world.files[path].replace(b"\nUSER ", b"\n# USER ")})
    assert "root" in found.message


@pytest.mark.parametrize(
    "address", ["localhost:8000/health", "x/health?full", "x/health || exit 1", "x$HEALTH", "x${HEALTH:-/x}"]
)
def test_health_check_that_asks_for_the_path(address: str) -> None:
    assert asked(address) == []


@pytest.mark.parametrize("address", ["x", "x/api/health", "x/health/live", "x/health-check", "x/healthy"])
def test_health_check_that_asks_for_another_path(address: str) -> None:
    assert asked(address) == ["no HEALTHCHECK asks for /health"]


def asked(address: str) -> list[str]:
    path = WORLD.project.service("api").dockerfile
    text = WORLD.files[path] + f"HEALTHCHECK CMD curl -f http://{address}\n".encode()
    return [each.message for each in contract.check(WORLD.project, {path: text})]


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


def test_what_a_dockerfile_builds_with_is_there() -> None:
    members = World.new(
        requests=[Request(name="api", stack="nestjs", options=("package_manager=pnpm",), uses=("mail",))]
    )
    for world in (WORLD, members):
        dockerfiles = {service.dockerfile: world.files[service.dockerfile] for service in world.project.services}
        folders = {parent for path in world.files for parent in path.parents}
        there = {*world.files, *folders}
        assert contract.bound(world.project, dockerfiles, there.__contains__, world.files) == ()
        for service in world.project.services:
            lost = {path for path in there if not path.is_relative_to(service.path)}
            found = contract.bound(world.project, dockerfiles, lost.__contains__, world.files)
            assert {each.where for each in found} >= {str(service.path)}


def test_a_lock_file_that_the_dockerfile_mounts_is_missing() -> None:
    dockerfile, lost = PurePosixPath("services/api/Dockerfile"), PurePosixPath("services/api/uv.lock")
    texts = {dockerfile: WORLD.files[dockerfile]}
    (found,) = contract.bound(WORLD.project, texts, lambda path: path != lost, WORLD.files)
    assert (found.where, found.message) == (str(lost), "it is not there, and services/api/Dockerfile builds with it")
    assert found.hint == f"get it back: bakegen sync --only {lost} --discard-edits"
    (found,) = contract.bound(WORLD.project, texts, lambda path: path != lost, ())
    assert found.hint == "get it back: git has it, or take it out of the Dockerfile"
