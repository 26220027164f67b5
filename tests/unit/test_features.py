"""Dependabot and Renovate: they see what they should, and what they brought up to date stays so."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from bakegen.catalog import Catalog
from bakegen.merge.file import merge
from bakegen.merge.outcome import Merged
from bakegen.model import Build, Project
from bakegen.render import render
from bakegen.service import Request
from bakegen.tree import Tree
from tests.world import CACHE, CATALOG, TOML, World, scaffold

REQUESTS = (
    Request(name="api", needs=("postgres",)),
    Request(name="site", stack="bundle"),
    Request(name="spa", stack="static"),
    Request(name="jobs", stack="python-worker", options=("package_manager=poetry",)),
    Request(name="back", stack="nestjs", options=("package_manager=pnpm",)),
    Request(name="front", stack="nextjs", options=("package_manager=pnpm",)),
    Request(name="odd", stack="flask", options=("package_manager=pip",)),
    Request(name="own", stack="dockerfile", port=9000, path=PurePosixPath("own")),
)

# What Renovate finds by itself, by the file that it is in: modules/manager/*/extract.ts of renovatebot/renovate.
BUILT_IN = {
    r".github/workflows/[^/]+\.yml": (
        r"uses: [\w./-]+@[0-9a-f]{40} # v?[\d.]+$",
        r"^ +version: v[\d.]+$",  # of docker/setup-buildx-action
        r"^ +cosign-release: v[\d.]+$",  # of sigstore/cosign-installer
    ),
    r"(.+/|.+\.)?Dockerfile": (r"^FROM [\w./-]+:", r"^COPY (--\w+ )*--from=[\w./-]+:", r"^RUN --mount=from=[\w./-]+:"),
    r"compose[\w.-]*\.yaml": (r"^ +image: \w+:",),
    r"(.+/)?package\.json": (r'^ +"[\w@/-]+": "[\d.]+",?$',),
}


def everything(*features: str) -> World:
    """A project with something of every pin."""
    chosen = tuple(CATALOG.features[name] for name in features)
    hosts = tuple(CATALOG.hosts[name] for name in ("compose", "fly", "railway"))
    world = World.new(replace(scaffold(), features=chosen, hosts=hosts), REQUESTS)
    world.files[TOML] += b'\n[pipeline]\nattest = true\nsbom = true\nscan = "high"\nsign = true\n'
    assert not world.sync().conflicts
    assert not world.set("api", {"replicas": 2}).conflicts
    return world


def later(version: str, steps: int) -> str:
    """A version some steps newer: v7.0.1 is v7.0.3 after two."""
    number = re.match(r"v?(?:\d+\.)*(\d+)", version)
    assert number
    return f"{version[: number.start(1)]}{int(number[1]) + steps}{version[number.end(1) :]}"


def bumped(steps: int, only: str = "") -> Catalog:
    """The catalog with newer pins: all, or the one of that name."""

    def sha(old: str) -> str:
        return hashlib.sha1(f"{old} {steps}".encode(), usedforsecurity=False).hexdigest()

    def moved(table: dict[str, str]) -> dict[str, str]:
        return {name: later(tag, steps) if only in ("", name) else tag for name, tag in table.items()}

    actions = {
        name: replace(pin, version=later(pin.version, steps), sha=sha(pin.sha)) if steps and only in ("", name) else pin
        for name, pin in CATALOG.pins.actions.items()
    }
    pins = replace(
        CATALOG.pins,
        actions=actions,
        images=moved(dict(CATALOG.pins.images)),
        tools=moved(dict(CATALOG.pins.tools)),
    )
    return replace(CATALOG, pins=pins)


@lru_cache
def pinned(project: Project, steps: int = 0, only: str = "") -> Tree:
    """The managed files of the project, with newer pins."""
    tree = render(project, bumped(steps, only), CACHE)
    return {path: file for path, file in tree.items() if file.ownership == "managed"}


@pytest.fixture(scope="module")
def project() -> Project:
    return everything("cleanup", "renovate").project


def names() -> Iterator[str]:
    pins = CATALOG.pins
    yield from (*pins.actions, *pins.images)
    # Of the versions of pnpm, a project has one.
    yield from (
        name for name in pins.tools if not name.startswith("pnpm-") or name == f"pnpm-{scaffold().versions.pnpm}"
    )


def changed_lines(project: Project, name: str) -> list[tuple[PurePosixPath, str]]:
    """Where a pin is: the lines that are others when it is newer."""
    before, after = pinned(project), pinned(project, 1, name)
    return [
        (path, line)
        for path in before
        for line, new in zip(before[path].text.decode().split("\n"), after[path].text.decode().split("\n"), strict=True)
        if line != new
    ]


@pytest.mark.parametrize("name", [*names()])
def test_renovate_sees_every_pin(project: Project, name: str) -> None:
    managers = json.loads(pinned(project)[PurePosixPath("renovate.json")].text)["customManagers"]
    lines = changed_lines(project, name)
    assert lines
    for path, line in lines:
        own = [
            rule.replace("(?<", "(?P<")
            for manager in managers
            for pattern in manager["managerFilePatterns"]
            if re.search(pattern.strip("/"), str(path))
            for rule in manager["matchStrings"]
        ]
        built_in = [rule for file, rules in BUILT_IN.items() if re.fullmatch(file, str(path)) for rule in rules]
        assert any(re.search(rule, line) for rule in (*own, *built_in)), f"{path}: {line}"


def test_renovate_reads_what_it_finds() -> None:
    """The names and versions that its own rules give."""
    world = everything("renovate")
    managers = json.loads(world.files[PurePosixPath("renovate.json")])["customManagers"]
    image = b'contexts = { base = "docker-image://ghcr.io/acme/base:1.2@sha256:%b" }' % (b"0" * 64)
    texts = [*world.files.values(), image]
    found = {
        (match["depName"], match["currentValue"])
        for manager in managers
        for rule in manager["matchStrings"]
        for text in texts
        for match in re.finditer(rule.replace("(?<", "(?P<"), text.decode("utf-8", "replace"))
    }
    tools = CATALOG.pins.tools
    assert found == {
        ("moby/buildkit", tools["buildkit"]),
        ("pnpm", tools[f"pnpm-{world.project.versions.pnpm}"]),
        ("poetry", tools["poetry"]),
        ("superfly/flyctl", tools["flyctl"]),
        ("ghcr.io/acme/base", "1.2"),
    }


def test_pins_that_were_moved_are_in_step(project: Project) -> None:
    """What a robot's pull request leaves behind: `sync` changes nothing."""
    world = everything("cleanup", "renovate")
    newer = pinned(project, 2)
    moved = {path for path in newer if path in world.files and newer[path].text != pinned(project)[path].text}
    assert len(moved) > 8
    for path in moved:
        world.files[path] = newer[path].text
    planned = world.sync()
    assert planned.conflicts == ()
    assert {change.path for change in planned.changes if change.path.parts[0] != ".bakegen"} == set()
    assert all(world.files[path] == newer[path].text for path in moved)


@pytest.mark.parametrize(("theirs", "mine"), [(2, 1), (1, 2)], ids=["bakegen's", "yours"])
def test_the_newer_of_two_pins_stays_in_every_file(project: Project, theirs: int, mine: int) -> None:
    base, ours, new = (pinned(project, steps) for steps in (0, mine, theirs))
    newest = ours if mine > theirs else new
    files = [path for path in base if base[path].text != ours[path].text]
    assert len(files) > 8
    for path in files:
        done = merge(path, base[path].text, ours[path].text, new[path].text)
        assert isinstance(done, Merged), path
        assert done.text == newest[path].text, path


@pytest.mark.parametrize("pull_requests", [False, True])
def test_cleanup_may_do_what_it_must_and_no_more(project: Project, *, pull_requests: bool) -> None:
    pipeline = replace(project.pipeline, pr_tags=pull_requests)
    text = pinned(replace(project, pipeline=pipeline))[PurePosixPath(".github/workflows/cleanup.yml")].text.decode()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    asks = {"pull-requests": "read"} if pull_requests else {}
    allowed = {"packages": {"contents": "read"}, "clean": {"packages": "write", **asks}}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == allowed
    assert all(0 < job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert not [step for step in steps if "${{" in step.get("run", "")]
    assert set(re.findall(r"uses: (.+)", text)) <= {str(pin) for pin in CATALOG.pins.actions.values()}
    assert [line for line in text.splitlines() if "github.token" in line] == ["          TOKEN: ${{ github.token }}"]


def dependabot(world: World) -> dict[str, list[Any]]:
    """The folders of each ecosystem, in order."""
    found: dict[str, list[Any]] = {}
    for update in yaml.safe_load(world.files[PurePosixPath(".github/dependabot.yml")])["updates"]:
        assert update["cooldown"] == {"default-days": 7}
        assert len(update["groups"]) == 1
        found.setdefault(update["package-ecosystem"], []).append(update["directories"])
    return found


def test_dependabot_looks_where_something_is() -> None:
    world = everything("dependabot")
    apps = ["api", "back", "front", "jobs", "odd", "site", "spa"]
    places = {name: f"/{world.project.service(name).path}" for name in apps}
    assert dependabot(world) == {
        "github-actions": [["/"]],
        "docker": [sorted(["/", *places.values()]), ["/own"]],
        "docker-compose": [["/"]],
        "npm": [["/", "/.railway", f"{places['site']}/frontend", places["spa"]]],
        "pip": [[places["jobs"], places["odd"]]],
        "uv": [[places["api"], places["site"]]],
    }
    folders = {
        f"/{path.parent}" for path in world.files if path.name in {"uv.lock", "poetry.lock", "package-lock.json"}
    }
    listed = dependabot(world)
    assert folders <= {folder for name in ("npm", "pip", "uv") for folders in listed[name] for folder in folders}


def test_dependabot_of_an_empty_project() -> None:
    world = World.new(replace(scaffold(), features=(CATALOG.features["dependabot"],)))
    assert dependabot(world) == {"github-actions": [["/"]], "docker-compose": [["/"]]}


def test_a_dockerfile_of_one_s_own_beside_ours_is_listed_once() -> None:
    """Dependabot refuses a folder that stands in two entries of one ecosystem."""
    world = World.new(replace(scaffold(), features=(CATALOG.features["dependabot"],)), REQUESTS[4:5])
    world.add(
        Request(
            name="own",
            stack="dockerfile",
            path=PurePosixPath("own"),
            build=Build(dockerfile=PurePosixPath("Dockerfile"), context="."),
        )
    )
    assert dependabot(world)["docker"] == [["/", f"/{world.project.service('back').path}"]]


def test_an_edited_entry_moves_with_the_services() -> None:
    world = World.new(replace(scaffold(), features=(CATALOG.features["dependabot"],)), REQUESTS[:1])
    path = PurePosixPath(".github/dependabot.yml")
    world.files[path] = world.files[path].replace(b"interval: weekly", b"interval: monthly")
    assert not world.add(REQUESTS[1]).conflicts
    text = world.files[path].decode()
    assert "weekly" not in text.partition("ecosystem: npm")[0]
    assert f"/{world.project.service('site').path}" in text


def test_a_feature_that_is_taken_out_takes_its_files_along() -> None:
    world = everything("cleanup", "dependabot")
    workflow, robot = PurePosixPath(".github/workflows/cleanup.yml"), PurePosixPath(".github/dependabot.yml")
    assert {workflow, robot} <= world.files.keys()
    world.files[TOML] = world.files[TOML].replace(b'features = ["cleanup", "dependabot"]', b'features = ["cleanup"]')
    assert not world.sync().conflicts
    assert workflow in world.files
    assert robot not in world.files
