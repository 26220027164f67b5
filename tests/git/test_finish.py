"""`bakegen sync` in an unfinished merge: resolved from the stages, planned on top, staged; nobody's work is touched."""

from pathlib import Path, PurePosixPath

import pytest

from bakegen import catalog
from bakegen.cli.findings import findings
from bakegen.cli.session import Session
from bakegen.cli.unfinished import Merging
from bakegen.edited import Conflict
from bakegen.errors import RefusalError
from bakegen.plan import Plan
from bakegen.workspace import Workspace
from tests.git.branches import base, copy
from tests.git.repository import Repository
from tests.git.shop import BAKE, COMPOSE, ONE, TWO, add_on, replace, whole

CATALOG = catalog.load()
TOML, LOCK = "bakegen.toml", "bakegen.lock"
WAYS = {"merge": ("merge", "--no-edit", "one"), "rebase": ("rebase", "one"), "cherry-pick": ("cherry-pick", "one")}


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A project whose attributes name no driver and no union: as a hosting service's merge button sees it."""
    made = base(tmp_path_factory.mktemp("plain"))
    made.write(".git/info/attributes", b"* !merge\n")
    return made


@pytest.fixture
def shop(plain: Repository, tmp_path: Path) -> Repository:
    """Branches `one` and `two`, each with a service and edits; `two` is checked out."""
    made = copy(plain, tmp_path / "shop")
    add_on(made, "one", "cron", *ONE)
    add_on(made, "two", "events", *TWO)
    return made


def session(repository: Repository) -> Session:
    return Session(Workspace(repository.root), CATALOG)


def unfinished(repository: Repository, way: str = "merge") -> set[str]:
    """Begin, and give back the paths in conflict."""
    done = repository.run("git", *WAYS[way])
    assert done.returncode == 1, done.stdout + done.stderr
    return {path for path, state in repository.status().items() if "U" in state or state == "AA"}


def finish(repository: Repository) -> list[str]:
    """What `sync` does; gives back what it says."""
    here = session(repository)
    merging = Merging.find(here)
    assert merging is not None
    assert not merging.blocked
    planned = merging.complete(merging.session.plan())
    assert planned.conflicts == ()
    assert findings(merging.session, planned) == ()
    here.workspace.write(planned)
    return merging.stage(planned)


def conflicts(repository: Repository) -> tuple[Conflict, ...]:
    merging = Merging.find(session(repository))
    assert merging is not None
    assert merging.blocked
    planned = merging.complete(Plan(changes=()))
    assert planned.changes == ()
    return planned.conflicts


@pytest.mark.parametrize("way", WAYS)
def test_it_is_resolved_staged_and_goes_on(way: str, shop: Repository) -> None:
    paths = unfinished(shop, way)
    assert {TOML, LOCK} <= paths
    said = finish(shop)
    assert said[0] == f"Resolved and staged: {', '.join(sorted(paths))}."
    assert all(path in said[0] or state[1] != " " for path, state in shop.status().items() if "U" in state)
    whole(shop)
    shop.git("add", "--all")
    shop.ok(*("git", "commit", "--no-edit", "--quiet") if way == "merge" else ("git", way, "--continue"))
    assert shop.status() == {}
    whole(shop)
    assert Merging.find(session(shop)) is None


def test_the_lock_says_what_was_rendered(shop: Repository) -> None:
    unfinished(shop)
    finish(shop)
    lock = shop.read(LOCK)
    assert b"<<<<<<<" not in lock
    done = shop.run("bakegen", "sync")
    assert done.returncode == 0, done.stderr
    assert shop.read(LOCK) == lock


def test_a_stash_that_is_put_back(shop: Repository) -> None:
    shop.git("checkout", "--quiet", "main")
    shop.bakegen("add-service", "cron", "--stack=python-worker")
    shop.git("stash", "--quiet", "--include-untracked")
    shop.git("merge", "--quiet", "--ff-only", "two")
    assert shop.run("git", "stash", "pop").returncode == 1
    finish(shop)
    assert b'target "cron"' in shop.read(BAKE)
    assert b'target "events"' in shop.read(BAKE)
    assert b"<<<<<<<" not in shop.read(LOCK)


def test_a_file_that_somebody_has_begun_to_resolve(shop: Repository) -> None:
    assert TOML in unfinished(shop)
    shop.write(TOML, shop.read(TOML) + b"# mine\n")
    before = {path: shop.read(path) for path in shop.status() if (shop.root / path).is_file()}
    (conflict,) = conflicts(shop)
    assert conflict.path == PurePosixPath(TOML)
    assert "git checkout -m -- bakegen.toml" in conflict.hint
    assert {path: shop.read(path) for path in before} == before
    shop.git("checkout", "-m", "--", TOML)
    finish(shop)
    whole(shop)


def test_a_file_that_somebody_has_resolved_and_added(shop: Repository) -> None:
    unfinished(shop)
    text = (
        shop.git("show", ":2:bakegen.toml").encode()
        + b'\n[services.cron]\nstack = "python-worker"\npath = "services/cron"\n'
    )
    shop.write(TOML, text)
    shop.git("add", TOML)
    finish(shop)
    assert shop.read(TOML) == text


def test_a_contradiction_is_told_and_nothing_is_written(plain: Repository, tmp_path: Path) -> None:
    shop = copy(plain, tmp_path / "shop")
    edits = [
        (BAKE, b'description = "The tests of admin"', f'description = "{name}"'.encode()) for name in ("one", "two")
    ]
    add_on(shop, "one", "cron", edits[0])
    add_on(shop, "two", "events", edits[1])
    unfinished(shop)
    (conflict,) = conflicts(shop)
    assert conflict.path == PurePosixPath(BAKE)
    assert "git add docker-bake.hcl" in conflict.hint
    text = shop.read(BAKE)
    assert text.splitlines()[conflict.line - 1 :] != []


def test_project_files_that_do_not_go_together(plain: Repository, tmp_path: Path) -> None:
    shop = copy(plain, tmp_path / "shop")
    for name, branch in (("one", "one"), ("two", "two")):
        shop.git("checkout", "--quiet", "-b", branch, "main")
        shop.bakegen("add-service", name, "--stack=python-worker", "--path=services/same")
        shop.commit()
    unfinished(shop)
    with pytest.raises(RefusalError) as caught:
        Merging.find(session(shop))
    assert "does not go together" in caught.value.message
    assert "git add bakegen.toml" in caught.value.hint


def test_files_of_the_user_stay_in_conflict(plain: Repository, tmp_path: Path) -> None:
    shop = copy(plain, tmp_path / "shop")
    for branch, service in (("one", "cron"), ("two", "events")):
        add_on(shop, branch, service)
        shop.commit({"notes.txt": branch.encode()})
    assert "notes.txt" in unfinished(shop)
    said = finish(shop)
    assert said[-1] == "Still in conflict: notes.txt."
    assert shop.status()["notes.txt"] == "AA"
    assert b"<<<<<<<" in shop.read("notes.txt")


@pytest.mark.parametrize("services", [("cron", "events"), ()])
def test_copies_of_what_was_rendered_that_git_takes_for_renamed(
    services: tuple[str, ...], plain: Repository, tmp_path: Path
) -> None:
    shop = copy(plain, tmp_path / "shop")
    shop.bakegen("add-env", "admin", "AAA=1", "ZZZ=1")
    replace(shop, COMPOSE, *ONE[1][1:])
    shop.bakegen("sync")
    shop.commit()
    for index, branch in enumerate(("one", "two")):
        shop.git("checkout", "--quiet", "-b", branch, "main")
        if services:
            shop.bakegen("add-service", services[index], "--stack=python-worker")
        else:
            shop.bakegen("remove-env", "admin", ("AAA", "ZZZ")[index])
        shop.commit()
    assert any(path.startswith(".bakegen/base/") for path in unfinished(shop))
    said = finish(shop)
    assert said[-1] == "Go on with: git commit"
    assert not any("not staged" in each for each in said)
    assert b"hostname: one" in shop.read(COMPOSE)
    shop.git("commit", "--no-edit")
    assert shop.status() == {}
    assert shop.run("bakegen", "check").returncode == 0


def test_a_side_that_deleted_a_surface(plain: Repository, tmp_path: Path) -> None:
    shop = copy(plain, tmp_path / "shop")
    add_on(shop, "one", "cron")
    shop.git("checkout", "--quiet", "-b", "two", "main")
    (shop.root / COMPOSE).unlink()
    shop.commit()
    assert COMPOSE in unfinished(shop)
    found = conflicts(shop)
    assert [(each.path, each.message) for each in found] == [
        (PurePosixPath(COMPOSE), "one branch changed it, the other deleted it")
    ]


def test_a_project_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    outer = Repository.new(tmp_path)
    outer.bakegen("new", "shop", "--preset=empty", "--set=git_init=false")
    outer.write(".git/info/attributes", b"* !merge\n")
    outer.commit()
    shop = Repository(root=outer.root / "shop", home=outer.home)
    add_on(shop, "one", "cron")
    add_on(shop, "two", "events")
    assert unfinished(shop)
    finish(shop)
    assert not any("U" in state for state in outer.status().values())
    assert shop.run("bakegen", "check").returncode == 0


def test_no_merge(shop: Repository) -> None:
    assert Merging.find(session(shop)) is None


@pytest.mark.parametrize("edited", ["one", "two"])
def test_an_edit_in_a_region_that_the_other_branch_renders_anew(edited: str, plain: Repository, tmp_path: Path) -> None:
    shop = copy(plain, tmp_path / "shop")
    for branch in ("one", "two"):
        shop.git("checkout", "--quiet", "-b", branch, "main")
        if branch == edited:
            line = next(line for line in shop.read("README.md").splitlines() if line.startswith(b"- **admin**"))
            replace(shop, "README.md", line, line + b" Owned by Ana.")
        else:
            shop.bakegen("set", "admin", "publish=9000")
        shop.commit()
    assert "README.md" in unfinished(shop)
    before = shop.read("README.md")
    (conflict,) = conflicts(shop)
    assert conflict.path == PurePosixPath("README.md")
    assert any("Owned by Ana." in side for side in conflict.sides)
    assert shop.run("bakegen", "sync").returncode == RefusalError.code
    assert shop.read("README.md") == before
    rendered = shop.git("show", "HEAD:README.md" if edited == "one" else "MERGE_HEAD:README.md")
    shop.write("README.md", rendered.replace(":9000>", ":9000>, owned by Ana").encode())
    shop.git("add", "README.md")
    if shop.run("git", "diff", "--quiet", "--diff-filter=U").returncode:
        finish(shop)
    assert b":9000>, owned by Ana" in shop.read("README.md")
    assert shop.run("bakegen", "check").returncode == 0
