"""Seeded lock files are in step with their manifests, for every version that can be chosen.

For the default versions the real clients install from them (the `test` stages in tests/engine). For every version, what
a lock file says of its packages is read here: which wheels there are, and which versions of the language each admits.
"""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from bakegen import catalog
from tests.scaffold.conftest import World

CATALOG = catalog.load()
PYTHON_VERSIONS = CATALOG.languages["python"].versions
GLIBC = 36  # Debian 12's is 2.36; the base images have that or a newer one
NEWEST = """
const semver = require(require.resolve("semver", { paths: [process.argv[1]] }));
const [versions, ranges] = JSON.parse(process.argv[2]);
console.log(JSON.stringify(ranges.filter((range) => !versions.every((one) => semver.satisfies(`${one}.999.0`, range)))));
"""


def locks(*names: str) -> dict[str, str]:
    """The lock files of these names that stacks bring, by folder and name."""
    found = {
        f"{folder}/{path}": text.decode()
        for folder, texts in CATALOG.files.items()
        for path, text in texts.items()
        if path.name in names
    }
    assert {key.rpartition("/")[2] for key in found} == set(names)
    return found


def wheels(lock: str, text: str) -> Iterator[tuple[str, str]]:
    """The hash and the file name of each wheel in a uv.lock or poetry.lock."""
    for package in tomllib.loads(text)["package"]:
        if lock.endswith("uv.lock"):
            yield from ((each["hash"], each["url"].rpartition("/")[2]) for each in package.get("wheels", ()))
        else:
            yield from ((each["hash"], each["file"]) for each in package["files"] if each["file"].endswith(".whl"))


WHEELS = {hashed: name for item in locks("uv.lock", "poetry.lock").items() for hashed, name in wheels(*item)}
PYTHON = locks("uv.lock", "poetry.lock", "requirements.txt", "requirements-dev.txt")


def packages(lock: str, text: str) -> Iterator[tuple[str, set[str]]]:
    """Each package of a lock file that comes from a registry, with the hashes of its files."""
    if lock.endswith(".txt"):
        for found in re.finditer(r"^(\S+)==.*\n((?: +--hash=.*\n)+)", text, re.MULTILINE):
            yield found[1], set(re.findall(r"sha256:[0-9a-f]+", found[2]))
        return
    for package in tomllib.loads(text)["package"]:
        files = package.get("files") or [*package.get("wheels", ()), package.get("sdist", {})]
        if any(files):
            yield package["name"], {each["hash"] for each in files if each}


def tags(version: str, machine: str) -> set[Tag]:
    """The tags of wheels that install on a Debian machine."""
    numbers = tuple(map(int, version.split(".")))
    old = "manylinux1" if machine == "x86_64" else "manylinux2014"
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 4, -1)]
    platforms += [f"manylinux2014_{machine}", f"{old}_{machine}", f"manylinux2010_{machine}"]
    every = {*cpython_tags(numbers, platforms=platforms)}
    return every | {*compatible_tags(numbers, f"cp{version.replace('.', '')}", platforms)}


def engines(text: str) -> set[str]:
    """The versions of Node.js that each package of a lock file runs on; one that a platform may lack may refuse any."""
    if text.startswith("{"):
        found = json.loads(text)["packages"].values()
        return {each["engines"]["node"] for each in found if "node" in each.get("engines", {}) and "os" not in each}
    blocks = [block for block in text.split("\n\n") if "\n    os: [" not in block]
    return {found[2] for block in blocks for found in re.finditer(r"engines: \{node: ('?)(.+?)\1[,}]", block)}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("version", PYTHON_VERSIONS)
def test_every_package_is_a_wheel_for_every_python(version: str, machine: str) -> None:
    good = tags(version, machine)
    for lock, text in PYTHON.items():
        found = dict(packages(lock, text))
        assert len(found) > 3, lock
        for package, hashes in found.items():
            names = [WHEELS[hashed] for hashed in hashes if hashed in WHEELS]
            assert names, (lock, package)
            parsed = {tag for name in names for tag in parse_wheel_filename(name)[3]}
            windows = all(tag.platform.startswith("win") for tag in parsed)
            assert windows or parsed & good, (lock, package)


@pytest.mark.parametrize("lock", locks("poetry.lock"))
def test_every_package_of_poetry_admits_every_python(lock: str) -> None:
    found = tomllib.loads(locks("poetry.lock")[lock])["package"]
    refused = [
        (package["name"], version)
        for package in found
        for version in PYTHON_VERSIONS
        if f"{version}.0" not in SpecifierSet(package["python-versions"].strip("*"))
    ]
    assert found
    assert refused == []


def test_every_package_of_npm_and_pnpm_admits_every_node() -> None:
    npm = shutil.which("npm")
    assert npm
    for lock, text in locks("package-lock.json", "pnpm-lock.yaml").items():
        stack = CATALOG.stacks.get(lock.partition("/")[0])
        versions = stack.versions["node"] if stack else CATALOG.pnpm.node
        ranges = sorted(engines(text))
        assert ranges, lock
        command = ["node", "-e", NEWEST, str(Path(npm).resolve().parent), json.dumps([versions, ranges])]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == [], lock


def test_a_wheel_of_another_python_or_machine_does_not_count() -> None:
    good = tags("3.12", "aarch64")
    for name in ("a-1-cp311-cp311-manylinux2014_aarch64.whl", "a-1-cp312-cp312-manylinux2014_x86_64.whl"):
        assert not parse_wheel_filename(name)[3] & good
    for name in ("a-1-cp311-abi3-manylinux_2_17_aarch64.whl", "a-1-py3-none-any.whl"):
        assert parse_wheel_filename(name)[3] & good


NODE = [(name, version) for name, stack in CATALOG.stacks.items() for version in stack.versions.get("node", ())]


@pytest.mark.parametrize(("stack", "version"), NODE)
def test_npm_ci_accepts_package_lock_for_every_node(world: World, stack: str, version: str) -> None:
    world.ok("bakegen", "new", "shop", "--preset=empty", "--set=git_init=false")
    world.ok("bakegen", "add-service", "zebra", "--stack", stack, cwd=world.folder / "shop")
    folder = world.folder / "shop" / "services" / "zebra"
    (lock,) = (path for path in folder.rglob("package-lock.json"))
    script = "node --version >&2 && npm ci --dry-run --engine-strict"
    done = world.run("npm", "exec", "--yes", f"--package=node@{version}", "--", "sh", "-c", script, cwd=lock.parent)
    assert done.returncode == 0, done.stderr
    assert f"v{version}." in done.stderr
    assert "added" in done.stdout
