"""bakegen's own part of adopted files: self-contained text for one more service, and what must hold of it."""

import json
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
import yaml

from bakegen import foreign
from bakegen.adopt import read_bake
from bakegen.errors import UserError
from bakegen.model import Project
from bakegen.stack import Variable
from tests.world import CATALOG, member, scaffold

HCL, JSON = PurePosixPath("docker-bake.hcl"), PurePosixPath("docker-bake.json")
COMPOSE, DOCKER_COMPOSE = PurePosixPath("compose.yaml"), PurePosixPath("docker-compose.yml")
IMAGES = CATALOG.pins.images


def project(*stacks: tuple[str, str], **fields: object) -> Project:
    made = replace(scaffold(), images="ghcr.io/acme/shop")
    for name, stack in stacks:
        made = made.with_service(member(made, name, stack, **fields))
    return made


def render(path: PurePosixPath, of: Project, ours: str = "") -> str:
    return foreign.render(path, of, ours.encode(), IMAGES).decode()


def services(of: Project, ours: str = "") -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = yaml.safe_load(render(COMPOSE, of, ours))["services"]
    return found


API = project(("api", "fastapi"))


def test_a_target_uses_nothing_of_the_file() -> None:
    assert render(HCL, API, 'variable "X" {}\n') == (
        'target "api" {\n'
        '  context    = "."\n'
        '  dockerfile = "services/api/Dockerfile"\n'
        '  tags       = ["ghcr.io/acme/shop-api:latest"]\n'
        "}\n"
    )


def test_the_group_default_only_where_there_is_one() -> None:
    for ours in ('group "default" { targets = ["x"] }\n', 'group default {\n  targets = concat(["x"], [])\n}\n'):
        assert render(HCL, API, ours).startswith(
            'group "default" {\n  targets = [\n    "api",\n  ]\n}\n\ntarget "api" {'
        )
    assert "group" not in render(HCL, API, 'group "all" { targets = ["x"] }\n')
    assert render(HCL, project(), 'group "default" { targets = ["x"] }\n') == ""


def test_json() -> None:
    document = json.loads(render(JSON, API, '{"group": {"default": {"targets": []}}}'))
    assert document["group"] == {"default": {"targets": ["api"]}}
    assert document["target"]["api"]["dockerfile"] == "services/api/Dockerfile"
    assert "group" not in json.loads(render(JSON, API, "{}"))


def test_a_dockerfile_of_one_s_own_is_relative_to_its_folder() -> None:
    own = project(("proxy", "dockerfile"), path=PurePosixPath("ops/proxy"))
    assert '  context    = "ops/proxy"\n  dockerfile = "Dockerfile"\n' in render(HCL, own)


def test_a_broken_file_is_an_error_with_its_place() -> None:
    with pytest.raises(UserError) as error:
        render(HCL, API, 'target "x" {\n')
    assert error.value.where.startswith("docker-bake.hcl")


def test_other_files_hold_nothing_of_bakegen() -> None:
    for path in (".env.example", ".gitattributes", "compose.override.yaml", ".github/workflows/images.yml"):
        assert render(PurePosixPath(path), API, "anything: at all\n") == ""


def test_a_compose_entry_has_everything_written_out() -> None:
    env = (Variable(name="LEVEL", value="a$b"), Variable(name="TOKEN", secret=True))
    assert services(project(("api", "fastapi"), env=env, publish=8001))["api"] == {
        "image": "ghcr.io/acme/shop-api:latest",
        "build": {"context": ".", "dockerfile": "services/api/Dockerfile"},
        "restart": "unless-stopped",
        "environment": {"LEVEL": "a$$b", "LOG_LEVEL": "info", "TOKEN": "${TOKEN:-}"},
        "ports": ["8001:8000"],
    }


def test_a_file_that_builds_nothing_gets_no_build() -> None:
    assert "build" not in services(API, "services: {x: {image: x}}")["api"]
    assert "build" in services(API, "services: {x: {build: x}}")["api"]


def test_the_file_s_own_databases_are_used_by_their_names() -> None:
    ours = """
services:
  store: {image: "postgres:17", environment: [POSTGRES_USER=me, "POSTGRES_PASSWORD=${PW:-x}"], healthcheck: {test: x}}
  cache: {image: "redis:8"}
"""
    found = services(project(("api", "fastapi"), needs=("postgres", "redis")), ours)
    assert list(found) == ["api"]
    assert found["api"]["environment"] == {
        "DATABASE_URL": "postgresql://me:${PW:-x}@store:5432/me",
        "LOG_LEVEL": "info",
        "REDIS_URL": "redis://cache:6379/0",
    }
    assert found["api"]["depends_on"] == {
        "store": {"condition": "service_healthy"},
        "cache": {"condition": "service_started"},
    }


def test_a_database_that_is_not_there_comes_with_the_service_and_stays_bakegen_s() -> None:
    needing = project(("api", "fastapi"), needs=("postgres", "redis"))
    first = render(COMPOSE, needing, "services: {x: {image: x}}\n")
    document = yaml.safe_load(first)
    assert list(document["services"]) == ["api", "postgres", "redis"]
    assert document["volumes"] == {"postgres": None, "redis": None}
    assert document["services"]["redis"]["image"] == f"redis:{IMAGES['redis']}"
    assert render(COMPOSE, needing, first.replace("services:", "services:\n  x:\n    image: x")) == first


def test_what_is_needed_of_other_services() -> None:
    both = project(("api", "fastapi")).with_service(member(API, "web", "nextjs", needs=("api",)))
    assert services(both)["web"]["depends_on"] == {"api": {"condition": "service_started"}}
    known = "services: {api: {build: x, healthcheck: {test: x}}}"
    assert services(both, known)["web"]["depends_on"] == {"api": {"condition": "service_healthy"}}
    own = project(("api", "dockerfile"), port=8000)
    apart = own.with_service(member(own, "web", "nextjs", needs=("api",)))
    assert "depends_on" not in services(apart, "services: {backend: {build: api}}")["web"]
    assert services(apart)["web"]["environment"]["API_URL"] == "http://api:8000"  # type: ignore[index]


def test_surfaces_by_the_names_that_they_have() -> None:
    generated = [HCL, COMPOSE, PurePosixPath("compose.override.yaml"), PurePosixPath(".env.example")]
    present = {DOCKER_COMPOSE, JSON, PurePosixPath("docker-compose.override.yml")}
    assert [str(path) for path in foreign.surfaces(generated, present)] == [
        ".env.example",
        "docker-bake.json",
        "docker-compose.override.yml",
        "docker-compose.yml",
    ]
    assert foreign.surfaces([HCL], {HCL, JSON}) == (HCL,)


def test_where_a_generated_file_is() -> None:
    assert foreign.place(COMPOSE, [DOCKER_COMPOSE]) == DOCKER_COMPOSE
    assert foreign.place(COMPOSE, [HCL]) is None
    assert foreign.place(PurePosixPath("x"), [PurePosixPath("x")]) == PurePosixPath("x")


def missing(of: Project, **texts: str | None) -> list[str]:
    paths = {"hcl": HCL, "compose": COMPOSE}
    given = {paths[name]: None if text is None else text.encode() for name, text in texts.items()}
    return [f"{path}: {message}" for path, message in foreign.missing(of, given)]


OWN = project(("api", "dockerfile"))


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"hcl": 'target "api" {}'}, []),
        ({"hcl": 'target "api" {}\ngroup "default" { targets = [] }'}, []),
        ({"hcl": 'target "x" {\n  name = n\n  matrix = { n = ["api"] }\n}'}, []),
        ({"hcl": 'target "x" {\n  name = n\n  matrix = { n = LIST }\n}'}, []),
        ({"hcl": "", "compose": "services: {api: {build: .}}"}, []),
        ({"hcl": None, "compose": None}, []),
        ({"hcl": 'target "b" {}'}, ['docker-bake.hcl: target "api" is missing']),
        ({"compose": "services: {b: {build: .}}"}, ["compose.yaml: services.api is missing"]),
        ({"hcl": "# nothing\n", "compose": "services: {redis: {image: redis}}"}, []),
    ],
)
def test_contract_of_a_service_that_was_there(texts: dict[str, str | None], found: list[str]) -> None:
    assert missing(OWN, **texts) == found


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"hcl": 'target "api" {}'}, []),
        ({"hcl": 'target "api" {}\ngroup "default" { targets = concat([], []) }'}, []),
        (
            {"hcl": 'target "api" {}\ngroup "default" { targets = [] }'},
            ['docker-bake.hcl: "api" is not in the group "default"'],
        ),
        (
            {"hcl": "", "compose": "services: {api: {build: .}}"},
            ['docker-bake.hcl: target "api" is missing'],
        ),
        ({"hcl": 'target "api" {}', "compose": "services: {}"}, ["compose.yaml: services.api is missing"]),
    ],
)
def test_contract_of_a_service_that_bakegen_brought(texts: dict[str, str | None], found: list[str]) -> None:
    assert missing(API, **texts) == found


def test_of_a_service_that_the_file_never_had_nothing_is_rendered() -> None:
    both = OWN.with_service(member(OWN, "notes", "fastapi"))
    for path in (HCL, JSON, COMPOSE):
        ours = b"{}" if path == JSON else b""
        base, after = (foreign.render(path, one, ours, IMAGES, other) for one, other in ((OWN, both), (both, OWN)))
        assert b"api" not in base
        assert b"notes" in after
        assert b'"api"' not in after


def test_what_is_rendered_keeps_the_contract() -> None:
    made = project(("api", "fastapi"), ("worker", "python-worker"), ("web", "nextjs"))
    hcl = render(HCL, made, 'group "default" { targets = [] }')
    assert missing(made, hcl=hcl, compose=render(COMPOSE, made)) == []
    assert [each.name for each in read_bake.read({HCL: hcl.encode()}).targets] == ["api", "web", "worker"]
