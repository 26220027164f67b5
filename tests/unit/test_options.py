"""What a stack lets a service choose: keys of its own, files that come with them, base images, build arguments."""

import re
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

import pytest
import yaml

from bakegen import project_document, project_file, project_reader, service, versions
from bakegen.errors import UserError
from bakegen.lock import dump, load
from bakegen.model import Build, Service, Versions
from bakegen.render import render
from bakegen.rules import BUILD_VARIABLES
from bakegen.service import Request
from bakegen.stack import Option, Stack
from tests.world import BAKE, CATALOG, World, scaffold

TOY = Stack(
    id="toy",
    description="A toy",
    language="node",
    managed=("Dockerfile",),
    shared=("assets",),
    versions={"node": ("22", "24")},
    distros=CATALOG.languages["node"].distros,
    options={
        "server": Option(choices=("fast", "dev"), description="what serves"),
        "small": Option(choices=(True, False), description="whether it is small"),
        "distro": Option(choices=("alpine", "distroless"), description="flavour of the base images"),
    },
)
BASE = b"FROM << project.base(service).runtime >>\n"
FILES = {
    "toy": {PurePosixPath("Dockerfile"): BASE, PurePosixPath("a"): b"always"},
    "toy/server=dev": {PurePosixPath("a"): b"dev", PurePosixPath("d"): b"d"},
    "toy/needs=redis+server=dev": {PurePosixPath("a"): b"both"},
    "toy/small=false": {PurePosixPath("s"): b"large"},
}
TOYS = replace(CATALOG, stacks={**CATALOG.stacks, "toy": TOY}, files={**CATALOG.files, **FILES})
FRESH = World.new().files[project_document.FILE]


def toy(*options: str, needs: tuple[str, ...] = (), build: Build | None = None) -> Service:
    request = Request(name="it", stack="toy", options=options, needs=needs, build=build or Build())
    return service.add(scaffold(), TOYS, request)


def files(*options: str, needs: tuple[str, ...] = ()) -> dict[str, bytes]:
    rendered = render(scaffold().with_service(toy(*options, needs=needs)), TOYS)
    folder = PurePosixPath("services/it")
    return {str(path.relative_to(folder)): file.text for path, file in rendered.items() if path.is_relative_to(folder)}


def test_the_first_choice_is_the_default() -> None:
    assert toy().options == {"server": "fast", "small": True, "distro": "alpine"}
    assert toy("server=dev", "small=false").options == {"server": "dev", "small": False, "distro": "alpine"}


def test_files_of_a_variant_come_on_top() -> None:
    assert files() == {"Dockerfile": b"FROM node:24-alpine\n", "a": b"always"}
    assert files("server=dev") == {"Dockerfile": b"FROM node:24-alpine\n", "a": b"dev", "d": b"d"}
    assert files("small=false")["s"] == b"large"


def test_more_conditions_win() -> None:
    assert files("server=dev", needs=("redis",))["a"] == b"both"
    assert files(needs=("redis",))["a"] == b"always"


def test_base_images_have_one_c_library() -> None:
    assert files("distro=distroless")["Dockerfile"] == b"FROM gcr.io/distroless/nodejs24-debian13:nonroot\n"
    base = scaffold().base(toy("distro=distroless"))
    assert (base.build, base.program, base.libc, base.distroless) == (
        "node:24-trixie-slim",
        "/nodejs/bin/node",
        "glibc",
        True,
    )


def test_what_is_chosen_is_written_and_read_back() -> None:
    added = toy("small=false", "server=dev", build=Build(args={"INDEX": "https://x"}, secrets=("TOKEN",)))
    text = project_file.insert_service(FRESH, added, TOYS)
    assert (
        text.partition(b"[services.it]\n")[2].decode()
        == """\
stack = "toy"
path = "services/it"
server = "dev"
small = false
build_secrets = ["TOKEN"]
[services.it.build_args]
INDEX = "https://x"
"""
    )
    assert project_reader.load(text, TOYS).service("it") == added
    assert project_file.remove_service(text, added) == FRESH


def test_a_lock_knows_what_was_chosen() -> None:
    world = World.new()
    stated = replace(world.lock, services={"it": project_file.service_answers(toy("small=false"))})
    again = load(dump(stated))
    assert project_reader.from_answers(again.project or {}, again.services, TOYS).service("it") == toy("small=false")


def test_a_key_is_set_behind_the_usual_ones() -> None:
    text = project_file.insert_service(FRESH, toy(build=Build(secrets=("TOKEN",))), TOYS)
    text = project_file.set_key(text, "it", "server", "dev")
    assert b'path = "services/it"\nserver = "dev"\nbuild_secrets = ["TOKEN"]\n' in text
    assert project_file.set_key(project_file.set_key(text, "it", "small", value=False), "it", "small", None) == text


@pytest.mark.parametrize(
    ("option", "message", "hint"),
    [
        ("color=red", "toy has no option color", "its options: server, small, distro"),
        ("server=slow", "server = 'slow' is not possible", "one of: fast, dev"),
        ("server", "server = '' is not possible", "one of: fast, dev"),
        ("small=no", "small must be true or false: no", "for example: small=false"),
    ],
)
def test_impossible_options(option: str, message: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        toy(option)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('server = "slow"', 'services.it.server = "slow" is not possible'),
        ("small = 1", "services.it.small must be true or false"),
        ('color = "red"', "unknown key: services.it.color"),
        ('build_args = { lower = "x" }', "lower is not the name of a build argument"),
        ("build_args = { UPPER = 1 }", "UPPER must be one line of text"),
        ('budget = "100"', 'services.it.budget = "100" is not possible'),
        ('build_secrets = ["lower"]', 'services.it.build_secrets = ["lower"] is not possible'),
    ],
)
def test_impossible_keys(line: str, message: str) -> None:
    text = FRESH + f'\n[services.it]\nstack = "toy"\npath = "services/it"\n{line}\n'.encode()
    with pytest.raises(UserError) as caught:
        project_reader.load(text, TOYS)
    at = text.decode().splitlines().index(line) + 1
    assert (caught.value.message, caught.value.where) == (message, f"bakegen.toml:{at}")


@pytest.mark.parametrize(
    ("node", "option", "key", "message"),
    [
        ("26", "distro=alpine", "stack", "services.it: toy does not go together with node 26"),
        ("26", "distro=distroless", "distro", "services.it: distroless does not go together with node 26"),
        ("20", "distro=alpine", "stack", "services.it: toy does not go together with node 20"),
    ],
)
def test_impossible_pairs(node: str, option: str, key: str, message: str) -> None:
    project = replace(scaffold().with_service(toy(option)), versions=Versions(node=node, python="3.13", pnpm="12"))
    found = {clash.key[-1]: clash for clash in versions.clashes(project, CATALOG.languages)}
    assert found[key].message == message
    assert "22, 24" in found[key].hint
    text = project_file.insert_service(FRESH, toy(option), TOYS).replace(b'node = "24"', f'node = "{node}"'.encode())
    with pytest.raises(UserError, match=found["stack"].message):
        project_reader.load(text, TOYS)


def test_possible_pairs_say_nothing() -> None:
    assert list(versions.clashes(scaffold().with_service(toy("distro=distroless")), CATALOG.languages)) == []


def test_the_end_of_life_is_said() -> None:
    old = replace(scaffold(node_version="20").with_service(toy()), services=(toy(),))
    assert versions.notes(old, TOYS.languages, date(2026, 5, 1)) == [
        "node 20 is past its end of life (2026-04-30): no more security fixes"
    ]
    assert versions.notes(old, TOYS.languages, date(2026, 4, 30)) == []
    assert versions.notes(scaffold(node_version="20"), TOYS.languages, date(2027, 1, 1)) == []


def test_every_version_has_an_end_of_life() -> None:
    assert sorted(CATALOG.languages) == ["node", "python"]
    for language in CATALOG.languages.values():
        assert set(language.versions) == set(language.end_of_life)


def test_build_secrets_have_no_name_that_the_build_itself_reads() -> None:
    project = render(scaffold(), CATALOG)
    declared = re.findall(r'^variable "(.+)"', project[BAKE].text.decode(), re.MULTILINE)
    assert {*declared, "PATH"} == BUILD_VARIABLES
    with pytest.raises(UserError, match=r"services\.it\.build_secrets: TAGS is a variable of the build itself"):
        project_file.insert_service(FRESH, toy(build=Build(secrets=("TAGS",))), TOYS)


def test_a_build_argument_of_the_user_s_replaces_the_usual_one() -> None:
    request = Request(name="api", stack="fastapi", build=Build(args={"VERSION": "3"}))
    project = scaffold().with_service(service.add(scaffold(), CATALOG, request))
    lines = [line.split() for line in render(project, CATALOG)[BAKE].text.decode().splitlines()]
    assert [line for line in lines if line[:2] == ["VERSION", "="]] == [["VERSION", "=", '"3"']]
    assert ["REVISION", "=", "given(REVISION)"] in lines


def test_a_shared_stage_is_a_target_of_its_own() -> None:
    added = toy(build=Build(args={"INDEX": "https://x"}, secrets=("TOKEN",)))
    text = render(scaffold().with_service(added), TOYS)[BAKE].text.decode()
    assert '\n    assets = "target:it-assets"\n' in text
    shared = text.partition('target "it-assets" {')[2].partition("\n}\n")[0]
    assert 'target      = "assets"' in shared
    assert 'INDEX = "https://x"' in shared
    assert '"type=env,id=TOKEN,env=TOKEN"' in shared
    assert "contexts" not in shared


def test_compose_knows_every_secret_that_a_service_is_built_with() -> None:
    key = "NEXT_SERVER_ACTIONS_ENCRYPTION_KEY"
    request = Request(name="web", stack="nextjs", build=Build(secrets=(key, "NPM_TOKEN")))
    project = scaffold().with_service(service.add(scaffold(), CATALOG, request))
    text = yaml.safe_load(render(project, CATALOG)[PurePosixPath("compose.override.yaml")].text)
    assert text["services"]["web"]["build"]["secrets"] == [key, "NPM_TOKEN"]
    assert text["secrets"] == {key: {"environment": key}, "NPM_TOKEN": {"environment": "NPM_TOKEN"}}


def test_a_shared_stage_keeps_its_name() -> None:
    text = project_file.insert_service(FRESH, toy(), TOYS)
    text += b'\n[services.it-assets]\nstack = "toy"\npath = "services/assets"\n'
    with pytest.raises(UserError, match="it-assets is the bake target that builds a stage of it"):
        project_reader.load(text, TOYS)
