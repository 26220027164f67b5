"""Real merges of real branches with the driver registered: clean where nothing contradicts, marked where it does."""

import json
import shutil
from pathlib import Path

import pytest

from tests.git.branches import base, copy, draw, lost
from tests.git.repository import Repository
from tests.git.shop import BAKE, COMPOSE, ONE, TWO, add_on, replace, whole


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A project with three services and the driver."""
    made = base(tmp_path_factory.mktemp("start"))
    made.bakegen("git-setup")
    return made


@pytest.fixture
def shop(start: Repository, tmp_path: Path) -> Repository:
    return copy(start, tmp_path / "shop")


@pytest.fixture
def branches(shop: Repository) -> Repository:
    """Branches `one` and `two`, each with a service and edits; `two` is checked out."""
    add_on(shop, "one", "cron", *ONE)
    add_on(shop, "two", "events", *TWO)
    return shop


@pytest.mark.parametrize("way", [("merge", "--no-edit", "one"), ("rebase", "one"), ("cherry-pick", "one")])
def test_two_branches_that_both_add_a_service(way: tuple[str, ...], branches: Repository) -> None:
    branches.git(*way)
    assert branches.status() == {}
    whole(branches)
    assert branches.run("bakegen", "sync").returncode == 0
    whole(branches)


def test_from_a_subfolder(branches: Repository) -> None:
    branches.ok("git", "-C", "services", "merge", "--no-edit", "one")
    whole(branches)


@pytest.mark.parametrize("seed", range(1, 9))
@pytest.mark.parametrize("way", ["merge", "rebase"])
def test_random_branches(way: str, seed: int, start: Repository, tmp_path: Path) -> None:
    repository = copy(start, tmp_path / "pair")
    both = draw(repository, seed)
    repository.git(way, *(["--no-edit"] if way == "merge" else []), "one")
    assert lost(repository, both) == []


@pytest.fixture
def contradiction(shop: Repository) -> Repository:
    """Both branches changed the same line, beside what they can agree on; `two` is checked out."""
    edits = [
        (BAKE, b'description = "The tests of admin"', f'description = "{name}"'.encode()) for name in ("one", "two")
    ]
    add_on(shop, "one", "cron", *ONE, edits[0])
    add_on(shop, "two", "events", *TWO, edits[1])
    return shop


@pytest.mark.parametrize("way", [("merge", "one"), ("rebase", "one"), ("cherry-pick", "one")])
def test_a_contradiction_is_marked_and_add_takes_both_sides(way: tuple[str, ...], contradiction: Repository) -> None:
    done = contradiction.run("git", *way)
    assert done.returncode == 1
    assert {path: state for path, state in contradiction.status().items() if "U" in state} == {BAKE: "UU"}
    marked = contradiction.read(BAKE)
    sides = [marked.partition(mark)[2].partition(b"\n")[2] for mark in (b"<<<<<<< ours", b"=======")]
    assert marked.count(b"\n<<<<<<< ours\n") == marked.count(b"\n>>>>>>> theirs\n") == 1
    values = {side.split(b"=", 1)[1].split(b"\n", 1)[0].strip() for side in sides}
    assert values == {b'"one"', b'"two"'}
    for word in ("note of one", "note of two"):
        assert word.encode() in marked
    contradiction.git("add", BAKE)
    assert contradiction.git("show", f":{BAKE}").encode() == marked


def test_a_mode_survives(branches: Repository) -> None:
    (branches.root / BAKE).chmod(0o755)
    branches.commit(message="mode")
    branches.git("merge", "--no-edit", "one")
    assert (branches.root / BAKE).stat().st_mode & 0o777 == 0o755
    whole(branches)


def test_crlf_in_the_work_tree(start: Repository, tmp_path: Path) -> None:
    shop = copy(start, tmp_path / "shop")
    replace(shop, ".gitattributes", b"eol=lf", b"eol=crlf")
    shop.commit()
    shop.git("rm", "--cached", "-r", "--quiet", ".")
    shop.git("reset", "--hard", "--quiet")
    assert b"\r\n" in shop.read(BAKE)
    crlf = [
        tuple((path, old.replace(b"\n", b"\r\n"), new.replace(b"\n", b"\r\n")) for path, old, new in edits)
        for edits in (ONE, TWO)
    ]
    add_on(shop, "one", "cron", *crlf[0])
    add_on(shop, "two", "events", *crlf[1])
    shop.git("merge", "--no-edit", "one")
    for path in (BAKE, COMPOSE):
        assert shop.read(path).count(b"\r\n") == shop.read(path).count(b"\n")
    whole(shop)


def test_crlf_in_the_repository(start: Repository, tmp_path: Path) -> None:
    shop = copy(start, tmp_path / "shop")
    replace(shop, ".gitattributes", b"* text=auto eol=lf\n", b"* -text\n")
    shop.write(COMPOSE, shop.read(COMPOSE).replace(b"\n", b"\r\n"))
    shop.commit()
    crlf = [
        [
            (path, old.replace(b"\n", b"\r\n"), new.replace(b"\n", b"\r\n")) if path == COMPOSE else (path, old, new)
            for path, old, new in edits
        ]
        for edits in (ONE, TWO)
    ]
    add_on(shop, "one", "cron", *crlf[0])
    add_on(shop, "two", "events", *crlf[1])
    shop.git("merge", "--no-edit", "one")
    assert shop.read(COMPOSE).count(b"\r\n") == shop.read(COMPOSE).count(b"\n")
    whole(shop)


def test_without_the_driver_the_same_branches_are_in_conflict(branches: Repository) -> None:
    branches.bakegen("git-setup", "--remove")
    assert branches.run("git", "merge", "--no-edit", "one").returncode == 1
    unmerged = {path for path, state in branches.status().items() if "U" in state}
    assert {BAKE, "bakegen.toml"} <= unmerged
    assert "bakegen.lock" not in unmerged
    branches.git("merge", "--abort")
    branches.bakegen("git-setup")
    branches.git("merge", "--no-edit", "one")
    whole(branches)


def test_the_lock_is_merged_by_union_without_any_driver(branches: Repository) -> None:
    branches.bakegen("git-setup", "--remove")
    branches.run("git", "merge", "--no-edit", "one")
    facts = [json.loads(line) for line in branches.read("bakegen.lock").splitlines()]
    assert {"cron", "events"} <= {fact[1] for fact in facts if fact[0] == "service"}


def test_a_bakegen_that_is_gone_leaves_it_to_git(branches: Repository, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh", "grep"):
        (programs / name).symlink_to(str(shutil.which(name)))
    assert branches.run("git", "merge", "--no-edit", "one", PATH=str(programs)).returncode == 1
    unmerged = {path for path, state in branches.status().items() if state == "UU"}
    assert BAKE in unmerged
    for path in unmerged:
        assert b"\n<<<<<<< ours\n" in branches.read(path)


@pytest.mark.parametrize("driver", [True, False])
def test_what_nobody_edited_is_as_rendered_after_a_merge(shop: Repository, *, driver: bool) -> None:
    if not driver:
        shop.bakegen("git-setup", "--remove")
    chosen = (
        ("one", "web", "--stack=nextjs", "--uses=ui"),
        ("two", "api", "--stack=nestjs", "--uses=db,shared", "--needs=postgres"),
    )
    for branch, service, *options in chosen:
        shop.git("checkout", "--quiet", "-b", branch, "main")
        shop.bakegen("add-service", service, "--option=package_manager=pnpm", *options)
        shop.commit(message=branch)
    shop.run("git", "merge", "--no-edit", "one")
    shop.bakegen("sync")
    check = json.loads(shop.bakegen("check", "--json"))
    assert (check["findings"], check["kept"]) == ([], [])
