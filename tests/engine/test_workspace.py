"""The pnpm workspace with real pnpm and a real builder: accepted lock files, one install for all, and migrations."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path, PurePosixPath

import pytest

from bakegen import catalog, render
from bakegen.model import Project
from tests.engine.conftest import Engine
from tests.engine.shop import RELEASE, Shop, get, post
from tests.engine.steps import build
from tests.world import CACHE, World, member, scaffold

PORTS = {"API_PORT": "24002", "WEB_PORT": "24001"}
DATA = catalog.load()
PACKAGES = DATA.packages
STACKS = tuple(
    name
    for name, stack in DATA.stacks.items()
    if "package_manager" in stack.options and "pnpm" in stack.options["package_manager"].choices
)
# Everything that pnpm judges a workspace by.
JUDGED = {"package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"}


@pytest.fixture(scope="module")
def shop(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The project of the preset `pnpm-monorepo`."""
    folder = tmp_path_factory.mktemp("workspace")
    new = [sys.executable, "-m", "bakegen", "new", "shop", "--preset=pnpm-monorepo", "--set=git_init=false"]
    subprocess.run(new, cwd=folder, check=True, capture_output=True)
    return Shop(folder=folder / "shop", engine=engine, images=f"{engine.registry}/workspace/shop")


def compose(shop: Shop, *arguments: str) -> str:
    command = ("docker", "compose", "--file=compose.yaml", *arguments)
    return shop.engine.run(*command, cwd=shop.folder, IMAGES=shop.images, **PORTS)


def test_one_bake_installs_once_for_all_members(shop: Shop) -> None:
    steps = build(shop)
    for command in ("pnpm fetch", "pnpm install"):
        assert len({step.digest for step in steps if step.text.startswith("RUN ") and command in step.text}) == 1
    deployed = {step.text for step in steps if " deploy " in step.text}
    assert {re.search(r"--filter (\S+)", text)[1] for text in deployed} >= {"shop-api", "shop-worker"}  # type: ignore[index]


def test_a_member_s_dockerfile_builds_alone_from_the_same_install(shop: Shop) -> None:
    build(shop)
    command = ("docker", "buildx", "build", "--file=apps/api/Dockerfile", "--output=type=cacheonly", ".")
    done = subprocess.run(
        [*command, "--progress=plain"],
        cwd=shop.folder,
        env=shop.engine.environment | RELEASE,
        capture_output=True,
        text=True,
        check=True,
    )
    install = re.search(r"^#(\d+) \[workspace 7/7\] RUN .*pnpm install", done.stderr, re.MULTILINE)
    assert install is not None
    assert f"#{install[1]} CACHED" in done.stderr


def test_migrations_run_from_the_image_and_the_api_keeps_what_it_is_told(shop: Shop) -> None:
    shop.bake("api", "worker")
    migrate = shlex.split(shop.answers("api")["pre_deploy"])
    try:
        compose(shop, "up", "--detach", "--wait", "--wait-timeout=120", "api", "worker")
        assert compose(shop, "run", "--rm", "--no-TTY", "api", *migrate) == "Applied 0001_notes.sql\n"
        assert compose(shop, "run", "--rm", "--no-TTY", "worker", *migrate) == "Up to date\n"
        address = f"http://127.0.0.1:{PORTS['API_PORT']}/api/v1/notes"
        note = json.loads(post(address, {"text": "remember"}))
        compose(shop, "restart", "api")
        compose(shop, "up", "--detach", "--wait", "--wait-timeout=120", "api")
        assert json.loads(get(f"{address}/{note['id']}")) == note
    finally:
        compose(shop, "down", "--volumes")


@pytest.fixture(scope="module")
def selections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for every selection of members and packages, with what pnpm judges; and one that is out of step."""
    root = tmp_path_factory.mktemp("selections")
    chosen = [names for size in range(1, len(STACKS) + 1) for names in combinations(STACKS, size)]
    uses = [names for size in range(len(PACKAGES) + 1) for names in combinations(PACKAGES, size)]
    for stacks in chosen:
        for packages in uses:
            write(root / "+".join((*stacks, *packages)), workspace(stacks, packages))
    left_behind(root)
    wrong = write(root / "wrong", workspace(STACKS, PACKAGES)) / "package.json"
    wrong.write_text(wrong.read_text("utf-8").replace('"typescript": "^6', '"typescript": "^5'), encoding="utf-8")
    return root


def workspace(stacks: tuple[str, ...], packages: tuple[str, ...]) -> Project:
    project = scaffold()
    for name in stacks:
        options = ("package_manager=pnpm",)
        project = project.with_service(member(project, f"a-{name}", name, options=options, uses=packages))
    return project


def left_behind(root: Path) -> None:
    """Folders for what a project is after a package or a member went, and left its files on the disk."""
    world = World.new(workspace(STACKS, PACKAGES))
    gone, other, *_ = (f"a-{name}" for name in STACKS)
    world.remove(gone)
    put(root / "a-member-is-removed", world.files)
    world.set(other, {"uses": None, "package_manager": "npm"})
    put(root / "a-member-takes-npm", world.files)
    for service in world.project.members:
        world.set(service.name, {"uses": ["shared"]})
    put(root / "packages-are-unused", world.files)


def write(folder: Path, project: Project) -> Path:
    return put(folder, {path: file.text for path, file in render.render(project, DATA, CACHE).items()})


def put(folder: Path, files: Mapping[PurePosixPath, bytes]) -> Path:
    for path, text in files.items():
        if path.name in JUDGED:
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text)
    return folder


@pytest.mark.parametrize(
    "version", [DATA.pnpm.versions[0], *(pytest.param(each, marks=pytest.mark.long) for each in DATA.pnpm.versions[1:])]
)
def test_pnpm_accepts_the_lock_file_of_every_selection(engine: Engine, selections: Path, version: str) -> None:
    """Without a network: what is judged is whether each lock file says what the package.json files want."""
    tag = f"{engine.registry}/workspace/pnpm:{version}"
    dockerfile = f"FROM node:24-alpine\nRUN npm install --global pnpm@{DATA.pins.tools[f'pnpm-{version}']}\n"
    subprocess.run(
        ["docker", "buildx", "build", "--load", f"--tag={tag}", "-"],
        input=dockerfile.encode(),
        env=engine.environment,
        capture_output=True,
        check=True,
    )
    trust = "" if version == "10" else "--trust-lockfile"  # else how old each package is, is asked of the registry
    each = (
        f"CI=1 pnpm install --frozen-lockfile --lockfile-only --offline {trust} > /dev/null 2>&1 || echo ${{PWD##*/}}"
    )
    script = f"for folder in /selections/*/; do cd $folder; {each}; done"
    mount = f"--volume={selections}:/selections"
    try:
        assert engine.run("docker", "run", "--rm", "--network=none", mount, tag, "sh", "-c", script) == "wrong\n"
    finally:
        engine.run("docker", "image", "rm", tag)
