"""The contract of a pnpm workspace: its files are there, can be read, and name each other."""

from pathlib import PurePosixPath

import pytest

from bakegen import contract, pnpm_contract
from bakegen.contract import BAKE, COMPOSE
from bakegen.service import Request
from bakegen.tree import PACKAGE_JSON, PNPM_LOCK
from tests.world import TOML, World

PNPM = ("package_manager=pnpm",)
MEMBERS = World.new(
    requests=[
        Request(name="api", stack="nestjs", options=PNPM, uses=("shared", "mail")),
        Request(name="web", stack="nextjs", options=PNPM),
    ]
)
API_JSON, ROOT_JSON, SHARED_JSON = (
    PurePosixPath(folder, PACKAGE_JSON) for folder in ("services/api", "", "packages/shared")
)

WORKSPACE = sorted(
    path
    for path in contract.judged(MEMBERS.project, ("shared",))
    if path not in (BAKE, COMPOSE) and path.name != "Dockerfile"
)


def of_workspace(world: World, edits: dict[PurePosixPath, bytes | None]) -> list[tuple[str, str, str]]:
    return [
        (each.where, each.message, each.hint) for each in contract.check(world.project, edits, world_packages(world))
    ]


def world_packages(world: World) -> tuple[str, ...]:
    return tuple(
        name for name in world.project.packages if PurePosixPath("packages", name, PACKAGE_JSON) in world.files
    )


def test_a_generated_workspace_keeps_it() -> None:
    paths = WORKSPACE
    assert {str(path) for path in paths} == {
        "package.json",
        "packages/shared/package.json",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        "services/api/package.json",
        "services/web/package.json",
        "tsconfig.json",
        "workspace.Dockerfile",
    }
    assert of_workspace(MEMBERS, {path: MEMBERS.files[path] for path in paths}) == []


@pytest.mark.parametrize("path", WORKSPACE, ids=str)
def test_a_file_of_the_workspace_that_is_gone_or_empty(path: PurePosixPath) -> None:
    gone = f"get it back: bakegen sync --only {path} --discard-edits"
    assert of_workspace(MEMBERS, {path: None}) == [(str(path), "the file is gone", gone)]
    assert {where.partition(":")[0] for where, _, _ in of_workspace(MEMBERS, {path: b""})} == {str(path)}


@pytest.mark.parametrize(
    ("path", "old", "new", "messages"),
    [
        (pnpm_contract.PNPM_WORKSPACE, b"  - services/web\n", b"", ["services/web is not among its packages"]),
        (pnpm_contract.PNPM_WORKSPACE, b"  - services/web\n", b"  - './services/*/'\n", []),
        (pnpm_contract.PNPM_WORKSPACE, b"  - services/web\n", b"  - '**'\n", []),
        (pnpm_contract.PNPM_WORKSPACE, b"packages:\n", b"packages: [\n", ["not YAML that can be read"]),
        (PNPM_LOCK, b"\n  services/web:\n", b"\n  services/site:\n", ["there is no importer services/web in it"]),
        (PNPM_LOCK, b"\nimporters:\n", b"\n# ours\nimporters:\n\n", []),
        (ROOT_JSON, b'"private": true,', b'"private": true', ["not JSON that can be read"]),
        (ROOT_JSON, b'"name": "shop"', b'"name": "ours"', []),
        (API_JSON, b'"name": "shop-api"', b'"name": "api"', ['its "name" is not "shop-api"']),
        (API_JSON, b'    "@shop/shared": "workspace:*",\n', b"", ["@shop/shared is not among its dependencies"]),
        (SHARED_JSON, b'"name": "@shop/shared"', b'"name": "shared"', ['its "name" is not "@shop/shared"']),
        (pnpm_contract.TSCONFIG, b'  "files": [],', b'  // ours\n  "files": [],', []),
        (pnpm_contract.TSCONFIG, b'"files": [],', b'"files": []', ["`,` or a closing bracket was expected"]),
        (pnpm_contract.STAGE, b" AS workspace", b" AS install", ["there is no stage workspace in it"]),
    ],
)
def test_files_of_a_workspace(path: PurePosixPath, old: bytes, new: bytes, messages: list[str]) -> None:
    text = MEMBERS.files[path]
    assert old in text
    found = of_workspace(MEMBERS, {path: text.replace(old, new)})
    assert [(where.partition(":")[0], message) for where, message, _ in found] == [
        (str(path), each) for each in messages
    ]
    assert all(f"bakegen sync --only {path} --discard-edits" in hint for _, _, hint in found)


def test_sources_that_name_a_package_by_another_slug() -> None:
    source, manifest = PurePosixPath("services/api/src/a.ts"), PurePosixPath("services/api/package.json")
    text = b'import a from "@shop/shared"\nimport b from \'@store/shared/x\'\nimport c from "@store/other"\n'
    (found,) = pnpm_contract.imports(MEMBERS.project, {source: text, manifest: MEMBERS.files[manifest]})
    assert (found.where, found.message) == (f"{source}:2", "@store/shared is @shop/shared now")
    assert (
        pnpm_contract.imports(MEMBERS.project, {source: text, manifest: b'{"dependencies": {"@store/shared": "1"}}'})
        == ()
    )
    assert pnpm_contract.imports(MEMBERS.project, dict(MEMBERS.files)) == ()


def test_a_command_that_names_a_package_by_another_slug() -> None:
    manifest = PurePosixPath("services/api/package.json")
    text = (
        b'[services.api]\npre_deploy = "node node_modules/@store/shared/dist/a.js && node node_modules/@store/x/a.js"\n'
    )
    (found,) = pnpm_contract.imports(MEMBERS.project, {TOML: text, manifest: MEMBERS.files[manifest]})
    assert (found.where, found.message) == ("bakegen.toml:2", "@store/shared is @shop/shared now")
    assert (
        pnpm_contract.imports(MEMBERS.project, {TOML: text, manifest: b'{"dependencies": {"@store/shared": "1"}}'})
        == ()
    )
