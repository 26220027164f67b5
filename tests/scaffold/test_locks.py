"""Seeded lock files are in step with their manifests, for every version that can be chosen.

For the default versions the real clients install from them (the `test` stages in tests/engine); for all of them
they are resolved here without installing anything.
"""

from pathlib import Path

import pytest

from bakegen import catalog
from tests.scaffold.conftest import World

TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu")


def service(world: World, stack: str) -> Path:
    """The folder of a service of that stack in a new project."""
    world.ok("bakegen", "new", "shop", "--preset=empty", "--set=git_init=false")
    world.ok("bakegen", "add-service", "zebra", "--stack", stack, cwd=world.folder / "shop")
    return world.folder / "shop" / "services" / "zebra"


@pytest.mark.parametrize("stack", ["bundle", "fastapi", "mcp", "python-worker"])
def test_uv_lock_resolves_to_wheels_for_every_python(world: World, stack: str, tmp_path: Path) -> None:
    folder = service(world, stack)
    locked = world.ok("uv", "export", "--quiet", "--frozen", "--no-emit-project", cwd=folder)
    wanted = sorted(line.split()[0] for line in locked.splitlines() if "==" in line)
    assert wanted
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(locked, encoding="utf-8")
    for version in catalog.load().languages["python"].versions:
        for target in TARGETS:
            resolve = ["uv", "pip", "compile", "--quiet", "--no-deps", "--only-binary=:all:", "--no-annotate"]
            options = [f"--python-version={version}", f"--python-platform={target}", str(requirements)]
            found = sorted(line.split()[0] for line in world.ok(*resolve, *options).splitlines() if "==" in line)
            assert set(found) <= set(wanted)
            assert len(found) >= len([line for line in locked.splitlines() if "==" in line and ";" not in line])


NODE = [(name, version) for name, stack in catalog.load().stacks.items() for version in stack.versions.get("node", ())]


@pytest.mark.parametrize(("stack", "version"), NODE)
def test_npm_ci_accepts_package_lock_for_every_node(world: World, stack: str, version: str) -> None:
    folder = service(world, stack)
    (lock,) = (path for path in folder.rglob("package-lock.json"))
    script = "node --version >&2 && npm ci --dry-run --engine-strict"
    done = world.run("npm", "exec", "--yes", f"--package=node@{version}", "--", "sh", "-c", script, cwd=lock.parent)
    assert done.returncode == 0, done.stderr
    assert f"v{version}." in done.stderr
    assert "added" in done.stdout
