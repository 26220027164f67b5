"""What a host brings: files of the project, files for each service, and what becomes of them."""

import re
from dataclasses import replace
from difflib import unified_diff
from pathlib import PurePosixPath

import pytest

from bakegen import answers, hosting
from bakegen.errors import UserError
from bakegen.extras import Host
from bakegen.service import Request
from bakegen.tree import HOSTS, layout
from tests.world import CATALOG, TOML, World, rendered, scaffold

PER_SERVICE = (
    b"# << service.name >> is in << service.path >>, in << project.host('toy').regions[project.region] >>\n\nsize = 1\n"
)
TEXTS = {
    PurePosixPath("toy.txt"): b"<% for process in project.processes %><< process.name >>\n<% endfor %>",
    PurePosixPath("{path}/toy.toml"): PER_SERVICE,
    PurePosixPath("toy/{name}.toml"): PER_SERVICE,
}
TOY = Host(id="toy", title="Toy", description="For tests", deploys=False, beside=("toy.toml",), regions={"eu": "fra"})
OF_API = (PurePosixPath("services/api/toy.toml"), PurePosixPath("toy/api.toml"))


@pytest.fixture
def world() -> World:
    """A project with the service `api`, where there is a host `toy`."""
    files = {**CATALOG.files, "/hosts/toy": TEXTS}
    catalog = replace(CATALOG, hosts={**CATALOG.hosts, "toy": TOY}, files=files)
    return World.new(requests=[Request(name="api", stack="fastapi")], catalog=catalog)


def test_files_of_a_host(world: World) -> None:
    world.add_hosts("toy")
    assert world.files[PurePosixPath("toy.txt")] == b"api\n"
    assert [world.files[path] for path in OF_API] == [b"# api is in services/api, in fra\n\nsize = 1\n"] * 2
    assert b'hosts = ["toy"]' in world.files[TOML]


@pytest.mark.parametrize("stack", ["fastapi", "nestjs"])
def test_what_is_in_the_folder_of_a_service_is_not_in_its_builds(world: World, stack: str) -> None:
    world.add(Request(name="other", stack=stack))
    ignored = PurePosixPath("services/other/Dockerfile.dockerignore")
    before = world.files[ignored].splitlines()
    world.add_hosts("toy")
    assert {*world.files[ignored].splitlines()} - {*before} == {b"services/other/toy.toml"}


def test_they_come_and_go_with_the_service(world: World) -> None:
    world.add_hosts("toy")
    before = world.copy()
    world.add(Request(name="jobs", stack="python-worker"))
    assert world.files[PurePosixPath("toy/jobs.toml")] == b"# jobs is in services/jobs, in fra\n\nsize = 1\n"
    assert world.files[PurePosixPath("toy.txt")] == b"api\njobs\n"
    world.remove("jobs", delete=True)
    assert world.files == before.files


def test_they_take_the_new_name_of_the_service_with_their_edits(world: World) -> None:
    world.add_hosts("toy")
    for path in OF_API:
        world.files[path] += b"mine = true\n"
    assert not world.rename("api", "server").conflicts
    for path in (PurePosixPath("services/server/toy.toml"), PurePosixPath("toy/server.toml")):
        assert world.files[path] == b"# server is in services/server, in fra\n\nsize = 1\nmine = true\n"
    assert not set(OF_API) & world.files.keys()


def test_they_go_with_the_host_but_for_what_is_edited(world: World) -> None:
    before = world.copy()
    world.add_hosts("toy")
    edited = world.copy()
    world.remove_hosts("toy")
    assert world.files == before.files
    edited.files[OF_API[0]] += b"mine = true\n"
    planned = edited.remove_hosts("toy")
    assert edited.files.keys() - before.files.keys() == {OF_API[0]}
    assert planned.kept == (OF_API[0],)


@pytest.mark.parametrize(
    ("answer", "preset", "hosts"),
    [
        ("", "empty", []),
        ("", "nextjs-dokploy", ["dokploy"]),
        ("none", "nextjs-dokploy", []),
        (" toy, dokploy,toy ", "empty", ["dokploy", "toy"]),
    ],
)
def test_the_question_of_a_scaffold(world: World, answer: str, preset: str, hosts: list[str]) -> None:
    assert [host.id for host in scaffold(world.catalog, hosts=answer, preset=preset).hosts] == hosts
    assert b"toy" not in world.files[TOML]


def test_a_port_is_changed_where_it_stands_and_nowhere_else() -> None:
    """As `bakegen set api port=4100`: also in the address that `web` has. What a laptop publishes and says stays."""
    world = World.new(scaffold(preset="pnpm-monorepo", hosts=",".join(CATALOG.hosts)))
    before = world.copy()
    assert not world.set("api", {"port": 4100}).conflicts
    changed = set()
    for path, source in layout(world.project, CATALOG).items():
        old, new = before.files[path], world.files[path]
        if source.folder.startswith(f"{HOSTS}/") and new != old:
            assert new == re.sub(rb"\b(?<!localhost:)(?<!_PORT:-)4000\b", b"4100", old)
            changed.add(source.folder)
            was, now = (text.decode().splitlines(keepends=True) for text in (old, new))
            print(*unified_diff(was, now, str(path), str(path), n=1), sep="")
    assert changed == {f"{HOSTS}/{host}" for host in CATALOG.hosts}


@pytest.mark.parametrize("name", CATALOG.hosts)
def test_the_tables_of_a_preset_are_there_before_its_services(name: str) -> None:
    """Every host has the command of the preset's migrations among the files of its service, or says that it cannot."""
    project = scaffold(preset="pnpm-monorepo", hosts=name)
    files = rendered(project)
    own = [path for path, source in layout(project, CATALOG).items() if source.folder == f"{HOSTS}/{name}"]
    runs = [path for path in own if b"node_modules/@shop/db/dist/migrate.js" in files[path].text]
    said = [note for note in hosting.notes(project) if note.startswith(f"{name}: api: pre_deploy: ")]
    assert (len(runs), len(said)) == ((0, 1) if "pre_deploy" in CATALOG.hosts[name].cannot else (1, 0))


def test_a_host_that_nobody_knows() -> None:
    with pytest.raises(UserError) as caught:
        scaffold(hosts="dokply")
    assert (caught.value.message, caught.value.hint) == ("unknown host: dokply", "did you mean dokploy?")
    assert "hosts" in answers.NAMES
