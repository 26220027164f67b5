"""A wheel holds what the checkout holds, and works where nothing else is."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bakegen import catalog, keys, rules
from tests.scaffold.conftest import PROGRAMS, ROOT, World, tree

TEMPLATE = "<<cookiecutter.project_slug>>"
WINDOWS_FORBIDS = set('<>:"|?*\\')
ANSWERS = ("project_name=Shop", "owner=acme", "git_init=false")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel made from the sdist made from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([PROGRAMS / "uv", "build", "--quiet", "--out-dir", folder, ROOT], check=True)
    (made,) = folder.glob("*.whl")
    return made


def packed_name(path: str) -> str:
    """Where the wheel has a file of the checkout."""
    if path.startswith(f"{TEMPLATE}/"):
        return f"bakegen/_template/project/{path.removeprefix(f'{TEMPLATE}/')}"
    return f"bakegen/_template/{path}" if path.startswith("templates/") else path.removeprefix("generator/")


def test_wheel_git_and_folders_agree(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    places = (TEMPLATE, "generator/bakegen", "templates")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *places]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    walked = [
        str(path.relative_to(ROOT))
        for place in places
        for path in (ROOT / place).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert sorted(filter(None, listed)) == sorted(walked)
    assert sorted(packed) == sorted(map(packed_name, walked))


def test_names_in_the_wheel_can_be_written_on_windows(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert [name for name in names if WINDOWS_FORBIDS & set(name)] == []
    assert len({name.lower() for name in names}) == len(names)


def test_an_installed_wheel_makes_the_same_project(wheel: Path, world: World) -> None:
    uv = str(PROGRAMS / "uv")
    world.ok(uv, "venv", "--quiet", "--python", sys.executable, str(world.home / "venv"))
    python = str(world.home / "venv" / "bin" / "python")
    world.ok(uv, "pip", "install", "--quiet", "--python", python, str(wheel))
    installed = str(world.home / "venv" / "bin" / "bakegen")
    world.ok(installed, "new", "new/shop", *(f"--set={answer}" for answer in ANSWERS))
    world.ok("cookiecutter", "--no-input", str(ROOT), "-o", "baked", *ANSWERS)
    assert tree(world.folder / "new" / "shop") == tree(world.folder / "baked" / "shop")
    world.ok(installed, "add-service", "worker", cwd=world.folder / "new" / "shop")
    world.ok(installed, "check", cwd=world.folder / "new" / "shop")


def test_the_template_needs_nothing_but_cookiecutter(world: World) -> None:
    uv = str(PROGRAMS / "uv")
    world.ok(uv, "venv", "--quiet", "--python", sys.executable, str(world.home / "venv"))
    python = str(world.home / "venv" / "bin" / "python")
    locked = world.ok(uv, "export", "--quiet", "--frozen", "--no-hashes", "--no-emit-project", cwd=ROOT).splitlines()
    (wanted,) = (line.split(" ")[0] for line in locked if line.startswith("cookiecutter=="))
    world.ok(uv, "pip", "install", "--quiet", "--python", python, wanted)
    bare = str(world.home / "venv" / "bin" / "cookiecutter")
    world.ok(bare, "--no-input", str(ROOT), "-o", "bare", *ANSWERS)
    world.ok("cookiecutter", "--no-input", str(ROOT), "-o", "baked", *ANSWERS)
    assert tree(world.folder / "bare" / "shop") == tree(world.folder / "baked" / "shop")


def test_choices_are_the_models() -> None:
    questions = json.loads((ROOT / "cookiecutter.json").read_text())
    assert questions["cache"] == list(rules.CACHES)
    for name, key in keys.versions(catalog.load().languages.values()).items():
        assert isinstance(key.rule, tuple)
        assert questions[f"{name}_version"] == list(key.rule)
    presets = catalog.load().presets
    assert questions["preset"] == list(presets)
    told = {name: text for name, text in questions["__prompts__"]["preset"].items() if name != "__prompt__"}
    assert told == {name: preset.description for name, preset in presets.items()}
    assert f": {', '.join(catalog.load().hosts)} (" in questions["__prompts__"]["hosts"]


def test_every_question_is_put_in_words_for_people() -> None:
    questions = json.loads((ROOT / "cookiecutter.json").read_text())
    prompts = questions["__prompts__"]
    asked = [name for name in questions if not name.startswith("_")]
    # A slug is made of the name, and still asked: people want to see it.
    assert sorted(prompts) == sorted(asked)
    for name in asked:
        if isinstance(prompts[name], dict):
            assert set(prompts[name]) == {"__prompt__", *questions[name]}


def test_uvx_runs_it_from_a_git_repository(world: World) -> None:
    world.ok("git", "clone", "--quiet", str(ROOT), str(world.folder / "clone"))
    source = f"git+file://{world.folder / 'clone'}"
    world.ok("uvx", "--quiet", "--from", source, "bakegen", "new", "shop", "--set=git_init=false")
    assert (world.folder / "shop" / "docker-bake.hcl").is_file()
