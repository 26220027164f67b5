"""`bakegen git-setup`: the driver in the clone's configuration, and what happens without it or without bakegen."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.git.repository import PROGRAMS, Repository

HCL = b'target "api" {\n  context = "."\n}\n'


@pytest.fixture
def clone(repository: Repository) -> Repository:
    repository.commit({".gitattributes": b"*.hcl merge=bakegen\n", "docker-bake.hcl": HCL})
    return repository


def setting(clone: Repository, name: str = "driver") -> str:
    return clone.run("git", "config", "--local", f"merge.bakegen.{name}").stdout.strip()


def test_it_is_registered_once(clone: Repository) -> None:
    done = clone.run("bakegen", "git-setup")
    assert (done.returncode, done.stderr) == (0, "")
    assert "by structure" in done.stdout
    assert setting(clone).startswith("bakegen merge-file %A %O %B --path=%P --marker-size=%L ||")
    config = clone.read(".git/config")
    again = clone.run("bakegen", "git-setup")
    assert (again.returncode, again.stdout) == (0, "")
    assert "Nothing to do" in again.stderr
    assert clone.read(".git/config") == config


def test_removing_it_gives_the_configuration_of_before(clone: Repository) -> None:
    config = clone.read(".git/config")
    clone.bakegen("git-setup")
    clone.bakegen("git-setup", "--remove")
    assert clone.read(".git/config") == config
    done = clone.run("bakegen", "git-setup", "--remove")
    assert done.returncode == 0
    assert "Nothing to do" in done.stderr


def test_an_old_setting_is_replaced(clone: Repository) -> None:
    clone.git("config", "merge.bakegen.driver", "old")
    clone.git("config", "--add", "merge.bakegen.driver", "older")
    clone.bakegen("git-setup")
    assert setting(clone).startswith("bakegen merge-file")
    assert clone.git("config", "--get-all", "merge.bakegen.driver").count("\n") == 1


def test_a_dry_run_changes_nothing(clone: Repository) -> None:
    config = clone.read(".git/config")
    done = clone.run("bakegen", "git-setup", "--dry-run")
    assert done.returncode == 1
    assert "Nothing was written" in done.stderr
    assert clone.read(".git/config") == config


def test_json(clone: Repository) -> None:
    said = json.loads(clone.bakegen("git-setup", "--json"))
    assert said["changed"] is True
    assert said["settings"]["merge.bakegen.driver"] == setting(clone)
    assert json.loads(clone.bakegen("git-setup", "--json", "--remove")) == {"changed": True, "settings": {}}


def test_attributes_that_do_not_name_it_are_said(repository: Repository) -> None:
    repository.commit({"docker-bake.hcl": HCL})
    done = repository.run("bakegen", "git-setup")
    assert done.returncode == 0
    assert "docker-bake.hcl merge=bakegen" in done.stderr


def test_outside_of_a_repository(tmp_path: Path) -> None:
    plain = Repository.new(tmp_path, init=False)
    done = plain.run("bakegen", "git-setup")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "error: the folder is in no git repository"
    assert "git init" in done.stderr
    assert list(plain.root.iterdir()) == []


def test_without_git(clone: Repository, tmp_path: Path) -> None:
    done = clone.run(str(PROGRAMS / "bakegen"), "git-setup", PATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "error: git is not installed"


def test_a_repository_of_somebody_else(clone: Repository) -> None:
    for name in (".git", "."):
        os.chown(clone.root / name, 12345, 12345)
    done = clone.run("bakegen", "git-setup")
    assert done.returncode == 2
    assert "does not trust" in done.stderr
    assert "hint: git config --global --add safe.directory" in done.stderr


def conflict(clone: Repository) -> None:
    clone.branch("side", {"docker-bake.hcl": HCL.replace(b'"."', b'"side"')})
    clone.git("checkout", "--quiet", "main")
    clone.commit({"docker-bake.hcl": HCL.replace(b'"."', b'"main"')})


def test_an_interpreter_that_is_not_on_path(clone: Repository, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh", "grep", "env"):
        (programs / name).symlink_to(str(shutil.which(name)))
    clone.ok("env", f"PATH={programs}", sys.executable, "-m", "bakegen", "git-setup")
    assert setting(clone).startswith(f"{sys.executable} -m bakegen merge-file %A")
    conflict(clone)
    assert clone.run("git", "merge", "side", PATH=str(programs)).returncode == 1
    assert b"<<<<<<< ours\n" in clone.read("docker-bake.hcl")


@pytest.mark.parametrize("driver", ["gone merge-file", "false", "sh -c 'exit 1' x", "sh -c 'kill -9 $$' x"])
def test_a_driver_that_fails_loses_nothing(driver: str, clone: Repository) -> None:
    clone.bakegen("git-setup")
    clone.git("config", "merge.bakegen.driver", setting(clone).replace("bakegen merge-file", driver, 1))
    conflict(clone)
    done = clone.run("git", "merge", "side")
    assert done.returncode == 1
    assert clone.status() == {"docker-bake.hcl": "UU"}
    marked = clone.read("docker-bake.hcl")
    assert b"<<<<<<< ours\n" in marked
    assert b"||||||| base\n" in marked
    assert b">>>>>>> theirs\n" in marked


def test_without_a_registered_driver_git_merges_by_lines(clone: Repository) -> None:
    conflict(clone)
    assert clone.run("git", "merge", "side").returncode == 1
    assert clone.read("docker-bake.hcl").startswith(b'target "api" {\n<<<<<<< HEAD\n')
