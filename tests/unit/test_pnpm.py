"""The pnpm workspace: its lock file is cut out of a shipped one, and its files move together."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, product
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from bakegen import pnpm, project_reader
from bakegen.errors import UserError
from bakegen.merge.pnpm_lock import closed, read, write
from bakegen.model import Service
from bakegen.plan import Plan
from bakegen.render import one
from bakegen.rules import BACKING
from bakegen.service import Request
from bakegen.stack import Stack
from bakegen.tree import PACKAGE_JSON, PNPM_LOCK
from tests.world import CACHE, CATALOG, TOML, World, member, rendered, scaffold

SHIPPED = CATALOG.files["/workspace"][PNPM_LOCK]
PACKAGES = CATALOG.packages
STACKS = tuple(
    stack
    for stack in CATALOG.stacks.values()
    if "package_manager" in stack.options and "pnpm" in stack.options["package_manager"].choices
)
GROUPS = ("dependencies", "devDependencies", "optionalDependencies")
PNPM = ("package_manager=pnpm",)
API = Request(name="api", stack="nestjs", options=PNPM, uses=("shared",))
WEB = Request(name="web", stack="nextjs", options=PNPM, uses=("shared", "ui"))
WORKER = Request(name="worker", stack="node-worker", options=PNPM)


def subsets(items: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [chosen for size in range(len(items) + 1) for chosen in combinations(items, size)]


def files(*services: Service) -> dict[PurePosixPath, bytes]:
    project = scaffold()
    for service in services:
        project = project.with_service(service)
    return {path: file.text for path, file in rendered(project).items()}


def in_workspace(stack: Stack, **fields: Any) -> Service:
    return member(scaffold(), f"a-{stack.id}", stack.id, options=PNPM, **fields)


def ways(stack: Stack) -> Iterator[Service]:
    """The stack with every value of its options, and all that it can need and use."""
    names = [name for name in stack.options if name != "package_manager"]
    values = [[f"{name}={str(choice).lower()}" for choice in stack.options[name].choices] for name in names]
    for *chosen, needs, uses in product(*values, subsets(BACKING), subsets(PACKAGES)):
        yield member(scaffold(), "one", stack.id, options=(*PNPM, *chosen), needs=needs, uses=uses)


def agrees(texts: dict[PurePosixPath, bytes]) -> bool:
    """Whether the lock file has exactly the importers, and what they reach, that the package.json files want."""
    text = texts[PNPM_LOCK].decode()
    lock = read(text)
    assert lock is not None
    importers: dict[str, Any] = yaml.safe_load(text)["importers"]
    manifests = {str(path.parent): json.loads(texts[path]) for path in texts if path.name == "package.json"}
    found = {path: {name: specifiers(group) for name, group in groups.items()} for path, groups in importers.items()}
    wanted = {path: {name: each[name] for name in GROUPS if name in each} for path, each in manifests.items()}
    return found == wanted and write(closed(lock.head, lock.importers, [lock])) == text


def specifiers(group: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: entry["specifier"] for name, entry in group.items()}


def test_there_is_something_to_cut() -> None:
    assert {stack.id for stack in STACKS} >= {"nestjs", "nextjs", "node-worker"}
    assert set(PACKAGES) == {"db", "shared", "ui"}


@pytest.mark.parametrize("uses", subsets(PACKAGES), ids=lambda uses: "+".join(uses) or "none")
def test_the_lock_file_of_every_selection_is_complete_and_no_larger(uses: tuple[str, ...]) -> None:
    for stacks in subsets(STACKS)[1:]:
        assert agrees(files(*(in_workspace(stack, uses=uses) for stack in stacks)))


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.id)
def test_every_way_to_set_up_a_member_is_shipped(stack: Stack) -> None:
    manifests = {
        one(scaffold().with_service(service), CATALOG, service.path / PACKAGE_JSON, CACHE) for service in ways(stack)
    }
    assert len(manifests) >= len(subsets(PACKAGES))
    for manifest in manifests:
        importers = yaml.safe_load(pnpm.lock(SHIPPED, {"a": manifest}))["importers"]
        assert set(importers["a"]["devDependencies"]) == set(json.loads(manifest)["devDependencies"])


def test_links_lead_from_wherever_a_member_is() -> None:
    services = [in_workspace(stack, uses=("shared",)) for stack in STACKS[:2]]
    deep, flat = (replace(each, path=PurePosixPath(path)) for each, path in zip(services, ("a/b/c", "d"), strict=True))
    importers = yaml.safe_load(files(deep, flat)[PNPM_LOCK])["importers"]
    links = {path: importers[path]["dependencies"]["@shop/shared"]["version"] for path in ("a/b/c", "d")}
    assert links == {"a/b/c": "link:../../../packages/shared", "d": "link:../packages/shared"}


def test_a_package_of_one_s_own_is_linked_and_nothing_is_seeded_for_it() -> None:
    texts = files(in_workspace(STACKS[0], uses=("mail",)))
    path = f"services/a-{STACKS[0].id}"
    importer = yaml.safe_load(texts[PNPM_LOCK])["importers"][path]
    assert importer["dependencies"]["@shop/mail"] == {
        "specifier": "workspace:*",
        "version": "link:../../packages/mail",
    }
    assert not any(path.is_relative_to("packages") for path in texts)


def test_dependencies_that_are_not_shipped_are_an_error() -> None:
    manifest = b'{"name": "own", "dependencies": {"left-pad": "1.3.0"}}'
    with pytest.raises(LookupError, match="the dependencies of services/own"):
        pnpm.lock(SHIPPED, {"services/own": manifest})


def test_a_shipped_lock_that_pnpm_did_not_write_is_an_error() -> None:
    with pytest.raises(LookupError, match="not as pnpm writes it"):
        pnpm.lock(b"importers: {}\n", {})


def test_a_project_without_members_has_no_workspace() -> None:
    names = {path.name for path in files(member(scaffold(), "web", "nextjs"))}
    assert not names & {"pnpm-lock.yaml", "pnpm-workspace.yaml", "workspace.Dockerfile"}


def test_the_stage_workspace_is_the_same_in_every_dockerfile() -> None:
    texts = files(*(in_workspace(stack) for stack in STACKS))
    dockerfiles = [text.decode() for path, text in texts.items() if path.name.endswith("Dockerfile")]
    stages = {
        text[text.index("\n# The packages of the whole workspace") :].split("\n\nFROM")[0].strip()
        for text in dockerfiles
    }
    assert len(dockerfiles) == len(STACKS) + 1
    assert len(stages) == 1


@pytest.mark.parametrize(
    ("uses", "own", "hint"),
    [
        ("sharde", (), "did you mean shared?"),
        ("nope", ("mail",), "packages: db, mail, shared, ui"),
    ],
)
def test_a_package_that_nobody_wrote_is_refused(uses: str, own: tuple[str, ...], hint: str) -> None:
    text = World.new(requests=[replace(API, uses=(uses,))]).files[TOML]
    line = text[: text.index(b"uses =")].count(b"\n") + 1
    with pytest.raises(UserError, match=f"services.api uses {uses}, which is no package") as caught:
        project_reader.load(text, CATALOG, own)
    assert caught.value.where == f"bakegen.toml:{line}"
    assert caught.value.hint.startswith(hint)
    assert project_reader.load(text, CATALOG, (*own, uses)).packages == (uses,)


@pytest.mark.parametrize("path", ["packages/shared", "packages/shared/api", "packages"])
def test_the_folder_of_a_package_is_none_for_a_service(path: str) -> None:
    world = World.new()
    with pytest.raises(UserError, match=f"{path} is not a folder for a service: packages/shared is a package"):
        world.add(replace(API, path=PurePosixPath(path)))
    world.add(replace(API, path=PurePosixPath("packages/api")))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('uses = ["shared"]', "only a member of the pnpm workspace uses its packages"),
        ('package_manager = "pnpm"', "a pnpm workspace does not go together with node 20"),
    ],
)
def test_what_does_not_go_together_is_refused(line: str, message: str) -> None:
    text = World.new(scaffold(node_version="20"), [Request(name="api", stack="node-worker")]).files[TOML]
    changed = text.replace(b'stack = "node-worker"\n', f'stack = "nestjs"\n{line}\n'.encode())
    with pytest.raises(UserError, match=message):
        project_reader.load(changed, CATALOG)


def test_what_comes_with_a_member_goes_with_it() -> None:
    world = World.new()
    before = dict(world.files)
    world.add(WEB)
    assert PurePosixPath("packages/ui/src/card.tsx") in world.files
    world.remove("web", delete=True)
    assert world.files == before


def test_members_in_any_order_give_the_same_files() -> None:
    assert World.new(requests=[API, WEB, WORKER]).files == World.new(requests=[WORKER, WEB, API]).files


def test_a_package_stays_where_a_member_is_removed_and_its_files_are_not() -> None:
    world = World.new(requests=[API, WEB])
    world.remove("web")
    assert PurePosixPath("packages/ui/src/card.tsx") in world.files
    assert "packages/ui" not in world.files[PNPM_LOCK].decode()


def out_of_lock(world: World) -> set[str]:
    """The folders with a package.json that pnpm-workspace.yaml names, and the lock file does not."""
    listed = yaml.safe_load(world.files[PurePosixPath("pnpm-workspace.yaml")])["packages"]
    importers = yaml.safe_load(world.files[PNPM_LOCK])["importers"]
    folders = {path.parent for path in world.files if path.name == "package.json"}
    return {str(folder) for folder in folders if any(folder.match(each) for each in listed)} - set(importers)


def test_a_folder_that_is_left_is_no_member() -> None:
    world = World.new(requests=[API, replace(WEB, uses=("db", "shared", "ui")), WORKER])
    mine = PurePosixPath("tools/gen/package.json")
    world.files[mine] = b'{"name": "gen"}'
    workspace = PurePosixPath("pnpm-workspace.yaml")
    world.files[workspace] = world.files[workspace].replace(b"  - services/api\n", b"  - services/api\n  - tools/*\n")
    world.files[PNPM_LOCK] = world.files[PNPM_LOCK].replace(
        b"\n\npackages:\n", b"\n\n  tools/gen: {}\n\npackages:\n", 1
    )
    steps: tuple[Callable[[], Plan], ...] = (
        lambda: world.set("web", {"uses": ["shared", "ui"]}),
        lambda: world.remove("web"),
        lambda: world.set("api", {"uses": None, "package_manager": "npm"}),
    )
    for step in steps:
        assert step().conflicts == ()
        assert out_of_lock(world) == set()
        assert b"- tools/*" in world.files[workspace]
        assert b"tools/gen: {}" in world.files[PNPM_LOCK]
    assert {str(path.parent) for path in world.files if path.name == "package.json"} >= {"packages/db", "services/web"}


def test_a_package_that_comes_again_is_not_seeded_over_what_is_there() -> None:
    world = World.new(requests=[API, WEB])
    world.remove("web")
    card = PurePosixPath("packages/ui/src/card.tsx")
    world.files[card] = b"// mine\n"
    world.files = {path: text for path, text in world.files.items() if not path.is_relative_to("services/web")}
    world.add(WEB)
    assert world.files[card] == b"// mine\n"


def test_a_member_is_renamed_there_and_back_without_a_trace() -> None:
    world = World.new(requests=[API, WEB])
    before = dict(world.files)
    world.rename("web", "shop")
    assert "services/shop" in world.files[PNPM_LOCK].decode()
    world.rename("shop", "web")
    assert world.files == before


def add_dependency(world: World, folder: str, name: str, version: str) -> None:
    """What `pnpm add` does to package.json and the lock file."""
    path = PurePosixPath(folder, PACKAGE_JSON)
    manifest = json.loads(world.files[path])
    manifest["dependencies"] = dict(sorted({**manifest["dependencies"], name: version}.items()))
    world.files[path] = (json.dumps(manifest, indent=2) + "\n").encode()
    lock = read(world.files[PNPM_LOCK].decode())
    assert lock is not None
    entry = f"    dependencies:\n      {name}:\n        specifier: {version}\n        version: {version}\n"
    block = lock.importers[folder].replace("    dependencies:\n", entry, 1)
    changed = replace(
        lock,
        importers=dict(lock.importers) | {folder: block},
        packages=dict(lock.packages)
        | {f"{name}@{version}": f"\n  {name}@{version}:\n    resolution: {{integrity: sha512-mine}}\n"},
        snapshots=dict(lock.snapshots) | {f"{name}@{version}": f"\n  {name}@{version}: {{}}\n"},
    )
    world.files[PNPM_LOCK] = write(changed).encode()


@pytest.mark.parametrize("step", ["add", "remove", "rename"])
def test_what_pnpm_added_survives(step: str) -> None:
    world = World.new(requests=[API, WORKER])
    add_dependency(world, "services/api", "a-package", "1.2.3")
    if step == "add":
        plan = world.add(WEB)
    elif step == "remove":
        plan = world.remove("worker", delete=True)
    else:
        plan = world.rename("api", "gateway")
    assert plan.conflicts == ()
    texts = {
        path: text
        for path, text in world.files.items()
        if path.parts[0] in {"package.json", "packages", "services", "pnpm-lock.yaml"}
    }
    assert "a-package" in texts[PNPM_LOCK].decode()
    assert agrees(texts)


def test_edits_of_the_workspace_s_own_files_survive() -> None:
    world = World.new(requests=[API])
    workspace = PurePosixPath("pnpm-workspace.yaml")
    world.files[workspace] = (
        world.files[workspace].replace(b"  sharp: false", b"  sharp: true # ours") + b"catalog: {}\n"
    )
    world.files[PACKAGE_JSON] = world.files[PACKAGE_JSON].replace(b'"typecheck"', b'"release": "x",\n    "typecheck"')
    references = PurePosixPath("tsconfig.json")
    world.files[references] = world.files[references].replace(b'  "files": [],', b'  // ours\n  "files": [],')
    assert world.add(WEB).conflicts == ()
    text = world.files[workspace].decode()
    assert "sharp: true # ours" in text
    assert "catalog: {}" in text
    assert "  - services/web\n" in text
    assert b'"release": "x"' in world.files[PACKAGE_JSON]
    assert b"// ours" in world.files[references]
    assert b"services/web" in world.files[references]
