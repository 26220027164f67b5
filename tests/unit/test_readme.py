"""What the README of a generated project says is what the project has."""

import json
import re
from pathlib import PurePosixPath

import pytest
import yaml

from bakegen import answers, catalog, render
from bakegen.merge.region import regions
from bakegen.tree import Tree

DATA = catalog.load()
each_preset = pytest.mark.parametrize("preset", DATA.presets)


def scaffold(preset: str) -> Tree:
    """All files of a new project."""
    project = answers.project(answers.complete({"project_name": "Shop", "preset": preset}, DATA), DATA)
    return render.render(project, DATA)


def text(tree: Tree, path: str) -> str:
    """A file of it."""
    return tree[PurePosixPath(path)].text.decode()


@each_preset
def test_lists_the_variables_that_compose_sets(preset: str) -> None:
    tree = scaffold(preset)
    services = yaml.safe_load(text(tree, "compose.yaml"))["services"] or {}
    set_by_compose = {
        name: {
            key: re.fullmatch(r"\$\{[A-Z0-9_]+:-\}", value) is not None for key, value in service["environment"].items()
        }
        for name, service in services.items()
        if "environment" in service and name not in {"postgres", "redis"}
    }
    told = {
        found[1]: {key: secret != "" for key, secret in re.findall(r"`([A-Z0-9_]+)`( \(secret\))?", found[2])}
        for found in re.finditer(
            r"^- `(.+?)` reads (.+)\.$", regions(text(tree, "README.md").encode())["variables"].decode(), re.MULTILINE
        )
    }
    assert told == set_by_compose
    assert told or preset in {"empty", "nextjs-dokploy"}


@each_preset
def test_links_lead_to_files_of_the_project(preset: str) -> None:
    tree = scaffold(preset)
    folders = {folder for path in tree for folder in path.parents}
    for page in (path for path in tree if path.suffix == ".md"):
        links = [link.partition("#")[0] for link in re.findall(r"\]\(([^):\s]+)\)", text(tree, str(page)))]
        assert [link for link in links if link and page.parent / link not in {*tree, *folders}] == []


def test_says_how_to_begin_with_each_host() -> None:
    chosen = {"project_name": "Shop", "hosts": ",".join(DATA.hosts)}
    project = answers.project(answers.complete(chosen, DATA), DATA)
    section = regions(text(render.render(project, DATA), "README.md").encode())["hosts"].decode()
    for host in DATA.hosts.values():
        assert f"- {host.title}: {host.begin}.\n" in section
        if host.deploys:
            assert [name for name in (*host.secrets, *host.variables) if f" --env staging {name}" not in section] == []


@each_preset
def test_without_a_host_says_what_a_server_takes(preset: str) -> None:
    section = regions(text(scaffold(preset), "README.md").encode())["hosts"].decode()
    chosen = DATA.presets[preset].hosts
    assert ("docker compose -f compose.yaml up" in section) == (not chosen)
    assert ("gh workflow run deploy.yml" in section) == bool(chosen)


def test_tells_how_to_migrate_the_database_of_a_workspace() -> None:
    tree = scaffold("pnpm-monorepo")
    services = regions(text(tree, "README.md").encode())["services"].decode()
    assert "(workspace.md)" in services
    assert "(packages/db/README.md)" in services
    command = "node node_modules/@shop/db/dist/migrate.js"
    assert command in text(tree, "packages/db/README.md")
    assert f'pre_deploy = "{command}"\n' in text(tree, "bakegen.toml")
    assert "workspace.md" not in text(scaffold("api-web"), "README.md")


def test_what_a_frontend_imports_of_the_database_reads_no_folder() -> None:
    """`next build` looks for the files that `new URL(…, import.meta.url)` names, and a folder is none."""
    tree = scaffold("pnpm-monorepo")
    exported = re.findall(r'from "\./(\w+)\.ts"', text(tree, "packages/db/src/index.ts"))
    assert exported == ["notes", "queries"]
    assert not [name for name in exported if "import.meta.url" in text(tree, f"packages/db/src/{name}.ts")]


def test_scripts_of_a_workspace_build_its_packages_first() -> None:
    scripts = json.loads(text(scaffold("pnpm-monorepo"), "package.json"))["scripts"]
    first = "pnpm run build:packages && "
    assert [name for name in scripts if scripts[name].startswith(first)] == ["dev", "lint", "typecheck"]


def test_the_test_stage_of_a_member_lints_its_packages() -> None:
    tree = scaffold("pnpm-monorepo")
    for path in (path for path in tree if path.name == "Dockerfile"):
        assert '^..." run lint' in text(tree, str(path))
