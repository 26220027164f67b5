"""Base bytes from history: verified by hash, from whatever repository the folder is in, and never an error."""

import os
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from bakegen import git
from bakegen.lock import FILE, NO_LOCK, digest, dump, load
from tests.git.repository import Repository

A = PurePosixPath("a.txt")
LOCK = b'["bakegen", "1"]\n["pins", {}]\n["project", {}]\n'


def history(repository: Repository, *versions: bytes) -> None:
    for version in versions:
        repository.commit({"a.txt": version})


def find(root: Path, *wanted: bytes, path: PurePosixPath = A) -> bytes | None:
    return git.find_blob(root, path, {digest(data) for data in wanted})


def test_any_version_of_a_file(repository: Repository) -> None:
    history(repository, b"1\n", b"2\n", b"3\n")
    for version in (b"1\n", b"2\n", b"3\n"):
        assert find(repository.root, version) == version
    assert find(repository.root, b"4\n") is None
    assert find(repository.root) is None


def test_the_newest_of_several(repository: Repository) -> None:
    history(repository, b"1\n", b"2\n", b"3\n")
    assert find(repository.root, b"1\n", b"2\n") == b"2\n"


def test_what_was_never_committed_is_not_there(repository: Repository) -> None:
    history(repository, b"1\n")
    repository.write("a.txt", b"2\n")
    assert find(repository.root, b"2\n") is None


def test_a_file_that_was_deleted(repository: Repository) -> None:
    history(repository, b"1\n")
    (repository.root / "a.txt").unlink()
    repository.commit()
    assert find(repository.root, b"1\n") == b"1\n"


def test_crlf_in_history_is_the_same_text(repository: Repository) -> None:
    repository.git("config", "core.autocrlf", "false")
    history(repository, b"1\r\n2\r\n")
    assert find(repository.root, b"1\n2\n") == b"1\r\n2\r\n"


def test_a_version_of_a_merged_branch_whose_side_lost(repository: Repository) -> None:
    history(repository, b"1\n")
    repository.branch("side", {"a.txt": b"side\n"})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"b": b""})
    repository.git("merge", "--quiet", "-s", "ours", "--no-edit", "side")
    assert find(repository.root, b"side\n") == b"side\n"


def test_a_branch_that_was_not_merged_is_not_searched(repository: Repository) -> None:
    history(repository, b"1\n")
    repository.branch("side", {"a.txt": b"side\n"})
    repository.git("checkout", "--quiet", "main")
    assert find(repository.root, b"side\n") is None


@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick"])
def test_the_side_that_is_being_merged(operation: str, repository: Repository) -> None:
    history(repository, b"1\n")
    repository.branch("side", {"a.txt": b"side\n"})
    repository.git("checkout", "--quiet", "main")
    history(repository, b"2\n")
    assert repository.run("git", operation, "side").returncode == 1
    assert find(repository.root, b"side\n") == b"side\n"
    assert find(repository.root, b"2\n") == b"2\n"


def test_a_project_in_a_folder_of_the_repository(repository: Repository) -> None:
    repository.commit({"a.txt": b"top\n", "shop/sub/ä b.txt": b"1\n"})
    repository.commit({"shop/sub/ä b.txt": b"2\n"})
    assert find(repository.root / "shop", b"1\n", path=PurePosixPath("sub/ä b.txt")) == b"1\n"
    assert find(repository.root / "shop", b"top\n") is None


def test_only_the_newest_versions_are_looked_at(repository: Repository) -> None:
    stream = "".join(
        f"commit refs/heads/main\ncommitter A <a@example.com> {number} +0000\ndata 0\n"
        f"M 100644 inline a.txt\ndata {len(str(number))}\n{number}\n"
        for number in range(1000, 1503)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository.root, input=stream.encode(), check=True)
    assert find(repository.root, b"1502") == b"1502"
    assert find(repository.root, b"1003") == b"1003"
    assert find(repository.root, b"1002") is None


def test_a_path_like_an_option_or_a_pattern(repository: Repository) -> None:
    repository.commit({"-n": b"1\n", "*.txt": b"star\n", "a.txt": b"a\n"})
    assert find(repository.root, b"1\n", path=PurePosixPath("-n")) == b"1\n"
    assert find(repository.root, b"a\n", path=PurePosixPath("*.txt")) is None
    assert find(repository.root, b"1\n", path=PurePosixPath("a\nb")) is None


def test_a_shallow_clone_has_what_it_has(repository: Repository, tmp_path: Path) -> None:
    history(repository, b"1\n", b"2\n", b"3\n")
    repository.git("clone", "--quiet", "--depth=2", repository.root.as_uri(), str(tmp_path / "clone"))
    assert find(tmp_path / "clone", b"2\n") == b"2\n"
    assert find(tmp_path / "clone", b"1\n") is None


def test_a_partial_clone_fetches_nothing(repository: Repository, tmp_path: Path) -> None:
    history(repository, b"1\n", b"2\n")
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git("clone", "--quiet", "--filter=blob:none", repository.root.as_uri(), str(tmp_path / "clone"))
    packs = sorted((tmp_path / "clone/.git/objects/pack").iterdir())
    assert find(tmp_path / "clone", b"2\n") == b"2\n"
    assert find(tmp_path / "clone", b"1\n") is None
    assert sorted((tmp_path / "clone/.git/objects/pack").iterdir()) == packs


def test_no_repository_no_commit_no_git(tmp_path: Path) -> None:
    empty = Repository.new(tmp_path / "empty")
    plain = Repository.new(tmp_path / "plain", init=False)
    for root in (empty.root, plain.root):
        assert find(root, b"1\n") is None
        assert git.find_lock(root) is None
        assert git.unmerged(root) == {}
    kept = os.environ["PATH"]
    os.environ["PATH"] = str(tmp_path)
    try:
        assert find(empty.root, b"1\n") is None
        assert git.find_lock(empty.root) is None
        assert git.unmerged(empty.root) == {}
    finally:
        os.environ["PATH"] = kept


def test_a_repository_that_git_does_not_trust(repository: Repository) -> None:
    history(repository, b"1\n")
    for name in (".git", "."):
        os.chown(repository.root / name, 12345, 12345)
    assert repository.run("git", "status").returncode != 0
    assert find(repository.root, b"1\n") is None
    assert git.unmerged(repository.root) == {}


def test_the_newest_lock_that_can_be_read(repository: Repository) -> None:
    newer = dump(load(LOCK + b'["service", "api", {}]\n'))
    for data in (LOCK, newer, b"<<<<<<< HEAD\n" + newer):
        repository.commit({str(FILE): data})
    assert git.find_lock(repository.root) == newer
    assert load(git.find_lock(repository.root)) != NO_LOCK


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"])
def test_a_callers_variables_do_not_mislead(name: str, repository: Repository, tmp_path: Path) -> None:
    history(repository, b"1\n", b"2\n")
    other = Repository.new(tmp_path / "other")
    history(other, b"other\n")
    value = str(other.root / ".git")
    os.environ[name] = {"GIT_WORK_TREE": str(other.root), "GIT_INDEX_FILE": f"{value}/index"}.get(name, value)
    assert find(repository.root, b"1\n") == b"1\n"
    assert find(repository.root, b"other\n") is None


@pytest.mark.parametrize("setting", ["core.pager", "core.fsmonitor", "diff.external", "core.sshCommand"])
def test_no_program_of_the_configuration_is_run(setting: str, repository: Repository, tmp_path: Path) -> None:
    history(repository, b"1\n")
    repository.git("config", setting, f"touch {tmp_path}/ran")
    repository.git("config", "pager.rev-list", "true")
    assert find(repository.root, b"1\n") == b"1\n"
    git.stage(repository.root, [A])
    assert not (tmp_path / "ran").exists()
