"""`git_init` makes the first commit, so that history has the first rendering."""

import pytest

from tests.scaffold.conftest import ROOT, World, tree

NAME = "project_name=Shop"
DOORS = {
    "cookiecutter": ("cookiecutter", "--no-input", str(ROOT), NAME),
    "bakegen": ("bakegen", "new", "shop", f"--set={NAME}"),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_first_commit_has_every_file(door: str, world: World) -> None:
    world.ok(*DOORS[door])
    shop = world.folder / "shop"
    assert world.ok("git", "rev-list", "--count", "HEAD", cwd=shop).strip() == "1"
    assert world.ok("git", "status", "--porcelain", cwd=shop) == ""
    committed = world.ok("git", "ls-tree", "-r", "-z", "--name-only", "HEAD", cwd=shop)
    assert sorted(committed.strip("\0").split("\0")) == sorted(tree(shop))


@pytest.mark.parametrize("door", DOORS)
def test_no_repository_without_it(door: str, world: World) -> None:
    setting = "git_init=false" if door == "cookiecutter" else "--set=git_init=false"
    world.ok(*DOORS[door], setting)
    assert not (world.folder / "shop" / ".git").exists()


@pytest.mark.parametrize("door", DOORS)
def test_a_machine_without_a_name_for_git_gets_its_project(door: str, world: World) -> None:
    unnamed = ["env", "-u", "GIT_AUTHOR_NAME", "-u", "GIT_AUTHOR_EMAIL", "-u", "GIT_COMMITTER_NAME"]
    unnamed += ["-u", "GIT_COMMITTER_EMAIL", "-u", "EMAIL", "GIT_CONFIG_COUNT=1"]
    unnamed += ["GIT_CONFIG_KEY_0=user.useConfigOnly", "GIT_CONFIG_VALUE_0=true"]
    done = world.run(*unnamed, *DOORS[door])
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "git" in done.stdout + done.stderr
    assert (world.folder / "shop" / "bakegen.lock").is_file()
    world.ok("bakegen", "check", cwd=world.folder / "shop")


@pytest.mark.parametrize("door", DOORS)
def test_in_a_repository_nothing_is_committed_to_it(door: str, world: World) -> None:
    world.ok("git", "init", "--quiet")
    world.ok("git", "commit", "--quiet", "--allow-empty", "-m", "theirs")
    world.ok(*DOORS[door])
    assert world.ok("git", "rev-list", "--count", "HEAD").strip() == "1"
