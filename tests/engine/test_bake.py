"""The generated docker-bake.hcl with the real bake: every use that its header promises."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.engine.conftest import Engine
from tests.engine.services import OURS, SERVICES, TYPICAL
from tests.engine.shop import RELEASE, Shop

# A test that fails, by what runs it: where it is put, and its text. What it says is not written in it as one word, so
# that a linter or a compiler which stops at the file does not say it.
FAULTS = {
    "pytest": (
        "tests/test_fault.py",
        """\
def test_fault() -> None:
    words = ["a", "planted", "fault"]
    assert "-".join(words) == "none"
""",
    ),
    "node:test": (
        "test/fault.test.ts",
        """\
import assert from "node:assert/strict";
import { test } from "node:test";

test("fault", () => {
  assert.equal(["a", "planted", "fault"].join("-"), "none");
});
""",
    ),
    "vitest": (
        "src/fault.test.ts",
        """\
import { expect, test } from "vitest";

test("fault", () => {
  expect(["a", "planted", "fault"].join("-")).toBe("none");
});
""",
    ),
}
SAID = "a-planted-fault"
BUILDERS = {"docker": "default", "container": "bakegen"}


@pytest.fixture(scope="module")
def shop(project: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A copy of the project, for images of other names."""
    return project.copy(tmp_path_factory.mktemp("bake") / "shop").under("bake/shop")


def printed(shop: Shop, *arguments: str, **variables: str) -> Any:
    return json.loads(shop.bake("--print", *arguments, **variables))


def test_print_is_the_same_with_and_without_the_file_named(shop: Shop) -> None:
    assert printed(shop) == printed(shop, "--file", "docker-bake.hcl")
    assert printed(shop)["group"]["default"]["targets"] == sorted(SERVICES)


def test_targets_are_listed_with_descriptions(shop: Shop) -> None:
    listed = json.loads(shop.bake("--list=type=targets,format=json"))
    names = {entry["name"] for entry in listed if entry.get("description")}
    assert names >= {*SERVICES, "default", "test", *(f"{service}-test" for service in OURS)}
    variables = json.loads(shop.bake("--list=type=variables,format=json"))
    assert [entry["name"] for entry in variables if not entry.get("description")] == []


@pytest.mark.parametrize("builder", BUILDERS.values(), ids=BUILDERS)
def test_bake_loads_an_image_on_every_kind_of_builder(shop: Shop, builder: str) -> None:
    shop.bake("proxy", BUILDX_BUILDER=builder, TAGS=f"on-{builder}")
    assert shop.inspect("image", shop.image("proxy", f"on-{builder}"))["Os"] == "linux"
    shop.engine.run("docker", "image", "rm", shop.image("proxy", f"on-{builder}"))


def test_push_publishes_every_tag(shop: Shop) -> None:
    shop.bake("proxy", PUSH="true", TAGS="1.0,newest", PLATFORMS="linux/amd64,linux/arm64")
    assert shop.engine.run("crane", "ls", f"{shop.images}-proxy").split() == ["1.0", "newest"]
    index = json.loads(shop.raw(shop.image("proxy", "1.0")))
    platforms = [entry["platform"]["architecture"] for entry in index["manifests"]]
    assert platforms == ["amd64", "arm64", "unknown", "unknown"]


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("TAGS", "-x", "A tag has up to 128"),
        ("PLATFORMS", "amd64", "A platform looks like"),
        ("CACHE", "disk", "CACHE must be"),
        ("IMAGES", "Acme/Shop", "IMAGES must be"),
        ("PUSH", "maybe", "PUSH"),
    ],
)
def test_a_wrong_value_is_refused_by_name(shop: Shop, variable: str, value: str, message: str) -> None:
    done = subprocess.run(
        ["docker", "buildx", "bake", "--print"],
        cwd=shop.folder,
        env=shop.engine.environment | {variable: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert message in done.stderr


def test_an_empty_project_bakes_and_checks(engine: Engine, tmp_path: Path) -> None:
    new = [sys.executable, "-m", "bakegen", "new", "none", "--preset", "empty", "--set", "git_init=false"]
    subprocess.run(new, cwd=tmp_path, check=True, capture_output=True)
    bare = Shop(folder=tmp_path / "none", engine=engine, images="none")
    assert printed(bare).get("target", {}) == {}
    engine.run(sys.executable, "-m", "bakegen", "check", cwd=bare.folder)


def test_every_service_passes_its_own_tests(shop: Shop) -> None:
    assert {f"{name}-test" for name in OURS} <= set(printed(shop, "test")["group"]["test"]["targets"])
    shop.bake("test")


@pytest.fixture(scope="module")
def faulty(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, CompletedProcess[str]]:
    """The tests of a service, with one among them that fails: how that bake ended."""
    copy = shop.copy(tmp_path_factory.mktemp("faulty") / "shop")
    for name in TYPICAL:
        file, text = FAULTS[SERVICES[name].tests]
        copy.file(name, file).write_text(text, encoding="utf-8")
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return dict(zip(TYPICAL, pool.map(lambda name: failing(copy, name), TYPICAL), strict=True))


def failing(shop: Shop, service: str) -> CompletedProcess[str]:
    command = ["docker", "buildx", "bake", "--progress=plain", f"{service}-test"]
    return subprocess.run(
        command, cwd=shop.folder, env=shop.engine.environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("service", TYPICAL)
def test_a_failing_test_fails_the_build(faulty: Mapping[str, CompletedProcess[str]], service: str) -> None:
    assert faulty[service].returncode != 0
    assert SAID in faulty[service].stderr


@pytest.mark.parametrize(
    ("service", "file", "fault"),
    [
        ("api", "app/fault.py", "import os\n"),
        ("worker", "app/fault.py", 'number: int = "one"\n'),
        ("web", "lib/fault.ts", 'export const fault: number = "one";\n'),
    ],
    ids=["linter", "types-python", "types-typescript"],
)
def test_a_fault_fails_the_service_s_tests(shop: Shop, service: str, file: str, fault: str) -> None:
    place = shop.folder / "services" / service / file
    place.write_text(fault, encoding="utf-8")
    done = failing(shop, service)
    place.unlink()
    assert done.returncode != 0
    assert "fault" in done.stderr


@pytest.mark.parametrize("service", OURS)
def test_the_dockerfile_builds_alone(shop: Shop, service: str) -> None:
    dockerfile = f"{shop.answers(service)['path']}/Dockerfile"
    options = ("--output=type=cacheonly", f"--build-arg=REVISION={RELEASE['REVISION']}", f"--file={dockerfile}")
    shop.engine.run("docker", "buildx", "build", *options, ".", cwd=shop.folder)


def test_the_project_works_in_a_folder_with_spaces(shop: Shop, tmp_path: Path) -> None:
    copy = tmp_path / "ein Größen Ordner"
    shutil.copytree(shop.folder, copy)
    there = Shop(folder=copy, engine=shop.engine, images=shop.images)
    there.bake("proxy", "--set=*.output=type=cacheonly")
