"""Every way to reach the template gives the same project."""

import json
import os
from pathlib import Path

import pytest

from tests.scaffold.conftest import ROOT, World, tree

ANSWERS = ("project_name=Shop", "owner=acme", "preset=empty", "git_init=false")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with the checkout as it is, tagged v1; its next commit breaks the template."""
    base = tmp_path_factory.mktemp("template")
    (base / "home").mkdir()
    world = World(folder=base, home=base / "home")
    repository = base / "template.git"  # cookiecutter takes a URL for git's only with "git" in it
    listed = world.ok("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT).split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            (repository / name).write_bytes((ROOT / name).read_bytes())
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "."),
        ("commit", "--quiet", "-m", "v1"),
        ("tag", "v1"),
    ):
        world.ok("git", *command, cwd=repository)
    (repository / "cookiecutter.json").write_text("{")
    world.ok("git", "commit", "--quiet", "-am", "broken", cwd=repository)
    return repository


@pytest.fixture
def expected(world: World) -> dict[str, bytes]:
    world.ok("cookiecutter", "--no-input", str(ROOT), "-o", "expected", *ANSWERS)
    files = tree(world.folder / "expected" / "shop")
    assert "bakegen.lock" in files
    return files


def test_from_the_folder_itself(world: World, expected: dict[str, bytes]) -> None:
    world.ok("cookiecutter", "--no-input", ".", "-o", str(world.folder / "out"), *ANSWERS, cwd=ROOT)
    assert tree(world.folder / "out" / "shop") == expected


def test_by_a_relative_path(world: World, expected: dict[str, bytes]) -> None:
    world.ok("cookiecutter", "--no-input", os.path.relpath(ROOT, world.folder), *ANSWERS)
    assert tree(world.folder / "shop") == expected


def test_to_a_folder_with_blanks_and_umlauts(world: World, expected: dict[str, bytes]) -> None:
    world.ok("cookiecutter", "--no-input", str(ROOT), "-o", "mein übriger Kram", *ANSWERS)
    assert tree(world.folder / "mein übriger Kram" / "shop") == expected


@pytest.mark.parametrize("scheme", ["git+file://", "file://"])
def test_from_a_git_repository_by_tag(scheme: str, template: Path, world: World, expected: dict[str, bytes]) -> None:
    world.ok("cookiecutter", "--no-input", "--checkout", "v1", f"{scheme}{template}", *ANSWERS)
    assert tree(world.folder / "shop") == expected


def test_the_default_branch_is_another_commit(template: Path, world: World) -> None:
    done = world.run("cookiecutter", "--no-input", f"git+file://{template}", *ANSWERS)
    assert done.returncode != 0
    assert not (world.folder / "shop").exists()


def test_by_replay(world: World, expected: dict[str, bytes]) -> None:
    world.ok("cookiecutter", str(ROOT), "--replay", "-o", "replayed")
    assert tree(world.folder / "replayed" / "shop") == expected


def test_a_replay_with_an_impossible_answer_is_refused(world: World, expected: dict[str, bytes]) -> None:
    (stored,) = (world.home / ".cookiecutter_replay").glob("*.json")
    replay = json.loads(stored.read_text())
    replay["cookiecutter"]["images"] = "Not An Image"
    stored.write_text(json.dumps(replay))
    done = world.run("cookiecutter", str(ROOT), "--replay", "-o", "replayed")
    assert done.returncode != 0
    assert "images = 'Not An Image' is not possible" in done.stdout + done.stderr
    assert not (world.folder / "replayed" / "shop").exists()
    assert expected


def test_answers_by_prompt(world: World, expected: dict[str, bytes]) -> None:
    typed = {"project_name": "Shop", "owner": "acme", "preset": "7", "git_init": "no"}
    questions = [name for name in json.loads((ROOT / "cookiecutter.json").read_text()) if not name.startswith("_")]
    (world.folder / "typed").write_text("".join(f"{typed.get(name, '')}\n" for name in questions))
    said = world.ok("bash", "-c", f"cookiecutter {ROOT} < typed")
    assert "Services to begin with" in said
    assert tree(world.folder / "shop") == expected


def test_without_hooks_sync_completes_the_project(world: World) -> None:
    answers = ("project_name=Shop", "owner=acme", "git_init=false")
    world.ok("cookiecutter", "--no-input", str(ROOT), "-o", "whole", *answers)
    world.ok("cookiecutter", "--no-input", "--accept-hooks", "no", str(ROOT), "-o", "bare", *answers)
    whole, bare = (tree(world.folder / folder / "shop") for folder in ("whole", "bare"))
    assert bare.items() < whole.items()
    world.ok("bakegen", "sync", cwd=world.folder / "bare" / "shop")
    assert tree(world.folder / "bare" / "shop") == whole
