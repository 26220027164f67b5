"""What git left of an unfinished merge: its stages, and whether a file is still as git wrote it."""

from pathlib import Path, PurePosixPath

import pytest

from bakegen import git
from bakegen.unfinished import Stages
from tests.git.repository import Repository

A = PurePosixPath("a.txt")
BASE, OURS, THEIRS = b"1\n2\n3\n", b"1\nours\n3\n", b"1\ntheirs\n3\n"
# git merge aligns the unique lines, git checkout -m the most lines: their conflicts differ.
BODY = b"{\n    x += 1\n}\n\n"
FROM = b"void a()\n" + BODY + b"void b()\n" + BODY
TO_A = b"void a()\n" + BODY + b"void n()\n" + BODY + b"void b()\n" + BODY
TO_B = b"void a()\n" + BODY + b"void m()\n{\n    y += 1\n}\n\nvoid b()\n" + BODY
OPERATIONS = {
    "merge": ("merge", "side"),
    "rebase": ("rebase", "side"),
    "cherry-pick": ("cherry-pick", "side"),
    "revert": ("revert", "--no-edit", "HEAD~1"),
    "stash": ("stash", "pop"),
}


def branches(repository: Repository, path: str = "a.txt", base: bytes = BASE, *sides: bytes) -> None:
    """On main, with a branch `side` that changed the same file."""
    ours, theirs = sides or (OURS, THEIRS)
    repository.commit({path: base})
    repository.branch("side", {path: theirs})
    repository.git("checkout", "--quiet", "main")
    repository.commit({path: ours}, "ours")


def conflict(repository: Repository, *command: str) -> None:
    done = repository.run("git", *command)
    assert "CONFLICT" in done.stdout + done.stderr, done.stderr


def left(repository: Repository, path: PurePosixPath = A, folder: str = ".") -> bool:
    root = repository.root / folder
    return path in git.as_git_left(root, {path: (root / path).read_bytes()})


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_after_every_operation_and_in_every_style(operation: str, style: str, repository: Repository) -> None:
    repository.git("config", "merge.conflictStyle", style)
    branches(repository)
    if operation == "stash":
        repository.write("a.txt", THEIRS)
        repository.git("stash")
        repository.commit({"a.txt": b"1\nagain\n3\n"})
    if operation == "revert":
        repository.commit({"a.txt": b"1\nagain\n3\n"})
    conflict(repository, *OPERATIONS[operation])
    (stages,) = git.unmerged(repository.root).values()
    assert {stages.base, stages.ours, stages.theirs} <= {BASE, OURS, THEIRS, b"1\nagain\n3\n"}
    assert stages.ours in {OURS, THEIRS, b"1\nagain\n3\n"}
    assert left(repository)


def test_stages_are_bytes_and_paths_are_the_projects(repository: Repository) -> None:
    branches(repository, "shop/ä b.txt")
    conflict(repository, "merge", "side")
    path = PurePosixPath("ä b.txt")
    assert git.unmerged(repository.root / "shop") == {path: Stages(base=BASE, ours=OURS, theirs=THEIRS)}
    assert left(repository, path, "shop")


def test_no_merge(repository: Repository) -> None:
    branches(repository)
    assert git.unmerged(repository.root) == {}
    assert git.as_git_left(repository.root, {A: OURS}) == frozenset()


@pytest.mark.parametrize("edit", [b"x\n", b" ", b"\n"])
def test_one_byte_more_is_somebodys(edit: bytes, repository: Repository) -> None:
    branches(repository)
    conflict(repository, "merge", "side")
    repository.write("a.txt", repository.read("a.txt") + edit)
    assert not left(repository)
    repository.git("checkout", "-m", "--", "a.txt")
    assert left(repository)


def test_a_resolved_file_that_was_not_added_is_somebodys(repository: Repository) -> None:
    branches(repository)
    conflict(repository, "merge", "side")
    for data in (OURS, THEIRS, BASE, b"1\nours\ntheirs\n3\n"):
        repository.write("a.txt", data)
        assert not left(repository)


def test_both_diff_algorithms(repository: Repository) -> None:
    branches(repository, "a.txt", FROM, TO_A, TO_B)
    conflict(repository, "merge", "side")
    merged = repository.read("a.txt")
    assert left(repository)
    repository.git("checkout", "-m", "--", "a.txt")
    assert repository.read("a.txt").split() != merged.split()
    assert left(repository)


def test_both_added_it(repository: Repository) -> None:
    repository.commit()
    repository.branch("side", {"a.txt": THEIRS})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"a.txt": OURS})
    conflict(repository, "merge", "side")
    assert git.unmerged(repository.root) == {A: Stages(base=None, ours=OURS, theirs=THEIRS)}
    assert left(repository)


def test_one_deleted_it(repository: Repository) -> None:
    branches(repository)
    repository.git("rm", "--quiet", "a.txt")
    repository.git("commit", "--quiet", "-m", "gone")
    conflict(repository, "merge", "side")
    assert git.unmerged(repository.root) == {A: Stages(base=BASE, ours=None, theirs=THEIRS)}
    assert not left(repository)


def test_a_link_is_no_regular_file(repository: Repository) -> None:
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "side")
    (repository.root / "a.txt").symlink_to("x")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    (repository.root / "a.txt").symlink_to("y")
    repository.commit()
    conflict(repository, "merge", "side")
    assert [stages.regular for stages in git.unmerged(repository.root).values()] == [False]


def test_crlf_in_the_work_tree(repository: Repository) -> None:
    repository.commit({".gitattributes": b"*.txt text eol=crlf\n"})
    branches(repository)
    repository.git("checkout", "--quiet", "side")
    conflict(repository, "merge", "main")
    assert repository.read("a.txt").count(b"\r\n") == repository.read("a.txt").count(b"\n")
    assert left(repository)


def test_long_marks(repository: Repository) -> None:
    repository.commit({".gitattributes": b"*.txt conflict-marker-size=20\n"})
    branches(repository)
    conflict(repository, "merge", "side")
    assert b"<" * 20 in repository.read("a.txt")
    assert left(repository)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_driver_was_registered(when: str, repository: Repository) -> None:
    register = ("config", "merge.bakegen.driver", "echo '<<<<<<< x' >> %A; exit 1")
    repository.commit({".gitattributes": b"*.txt merge=bakegen\n"})
    branches(repository)
    if when == "before":
        repository.git(*register)
    conflict(repository, "merge", "side")
    if when == "after":
        repository.git(*register)
    assert (repository.read("a.txt") == OURS + b"<<<<<<< x\n") == (when == "before")
    assert left(repository)


def test_a_linked_work_tree(repository: Repository, tmp_path: Path) -> None:
    branches(repository)
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "side")
    linked = Repository(root=tmp_path / "linked", home=repository.home)
    conflict(linked, "merge", "main")
    assert git.unmerged(linked.root) == {A: Stages(base=BASE, ours=THEIRS, theirs=OURS)}
    assert left(linked)
    assert git.unmerged(repository.root) == {}


def test_nothing_is_left_in_the_repository(repository: Repository, tmp_path: Path) -> None:
    for hook in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction"):
        repository.write(f".git/hooks/{hook}", f"#!/bin/sh\ntouch {tmp_path}/ran\n".encode())
        (repository.root / ".git/hooks" / hook).chmod(0o755)
    branches(repository)
    conflict(repository, "merge", "side")
    (tmp_path / "ran").unlink()

    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in repository.root.rglob("*") if path.is_file()}

    before = files()
    git.unmerged(repository.root)
    repository.write("a.txt", b"resolved\n")
    assert not left(repository)
    assert {**files(), str(repository.root / "a.txt"): before[str(repository.root / "a.txt")]} == before
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_command_that_goes_on(operation: str, repository: Repository) -> None:
    branches(repository)
    if operation == "stash":
        repository.write("a.txt", THEIRS)
        repository.git("stash")
    repository.commit({"a.txt": b"1\nagain\n3\n"})
    conflict(repository, *OPERATIONS[operation])
    expected = {"merge": "git commit", "stash": ""}
    assert git.next_step(repository.root) == expected.get(operation, f"git {operation} --continue")


def test_staging_exactly_these_paths(repository: Repository) -> None:
    repository.commit({"a.txt": b"1\n", "b.txt": b"1\n", "c.txt": b"1\n"})
    repository.write(".gitignore", b"a.txt\nd.txt\n")
    for name in ("a.txt", "b.txt", "d.txt", "[ab].txt"):
        repository.write(name, b"2\n")
    git.stage(repository.root, [A, PurePosixPath("d.txt"), PurePosixPath("[ab].txt")])
    expected = {"a.txt": "M ", "b.txt": " M", "d.txt": "A ", "[ab].txt": "A ", ".gitignore": "??"}
    assert repository.status() == expected
