"""Ways to lose an edit or to go round in circles, found on paper before there was code: one test each.

Those that need git are in tests/git (a half-resolved conflict, a driver without marks), that of recovery over a file
edited after the crash is in tests/crash.
"""

from dataclasses import replace
from pathlib import PurePosixPath

from bakegen import lock as lock_file
from bakegen.lock import digest
from bakegen.merge import Conflicted, Merged, merge
from bakegen.pins import Action
from bakegen.plan import COPIES, Wish
from bakegen.render import render
from bakegen.service import Request
from tests.world import BAKE, CACHE, CATALOG, TOML, World

COMPOSE = PurePosixPath("compose.yaml")
WORKFLOW = PurePosixPath(".github/workflows/images.yml")
LOCK = lock_file.FILE
JOBS = Request(name="jobs", stack="python-worker")


def shop() -> World:
    """A project with two services."""
    return World.new(requests=[Request(name="api", stack="fastapi"), Request(name="web", stack="nextjs")])


def without(text: bytes, start: bytes, end: bytes) -> bytes:
    """The text without what stands between two others, the first included."""
    first = text.index(start)
    return text[:first] + text[text.index(end, first) :]


def test_the_hash_of_a_merged_file_never_means_that_nobody_edited_it() -> None:
    world = shop()
    world.files[BAKE] = b"# mine\n" + world.files[BAKE]
    world.add(JOBS)
    merged = world.files[BAKE]
    assert merged.startswith(b"# mine\n")
    assert digest(merged) not in world.lock.hashes[str(BAKE)]
    world.add(Request(name="zeta", stack="fastapi"))
    assert world.files[BAKE].startswith(b"# mine\n")
    assert b'target "zeta"' in world.files[BAKE]


def test_a_deleted_block_does_not_come_back_because_base_is_absent() -> None:
    world = shop()
    world.files[COMPOSE] = without(world.files[COMPOSE], b"    read_only: true\n", b"    ports:")
    deleted = world.files[COMPOSE]
    stated = lock_file.load(world.files[LOCK])
    unknown = {**stated.hashes, str(COMPOSE): frozenset({"0" * 64})}
    world.files[LOCK] = lock_file.dump(replace(stated, hashes=unknown))
    before = world.copy()
    planned = world.sync()
    assert [conflict.path for conflict in planned.conflicts if conflict.path == COMPOSE]
    assert world.files == before.files
    assert world.files[COMPOSE] == deleted


def test_a_step_that_user_and_tool_both_changed_is_not_doubled() -> None:
    base = b"steps:\n  - name: Build\n    uses: docker/bake-action@v6\n  - name: Test\n    run: make test\n"
    ours = base.replace(b"run: make test", b"run: make test -j4")
    theirs = base.replace(b"run: make test", b"run: docker buildx bake test")
    done = merge(WORKFLOW, base, ours, theirs)
    assert isinstance(done, Conflicted)
    assert done.marked.count(b"name: Test") == 1


def test_sync_does_not_say_nothing_to_do_while_check_fails() -> None:
    """A target that was lost in a conflict is a finding of check, and sync refuses with it: tests/cases shows both."""
    world = shop()
    world.files[BAKE] = world.files[BAKE].replace(b'target "web" {', b'target "other" {')
    planned = world.sync()
    assert planned.kept == (BAKE,)  # not a change: the contract judges it (sync_broken_contract, check_lost_target)


def test_two_versions_do_not_undo_each_other() -> None:
    """The lock names the version; a copy of what was rendered lets the next one merge instead of guess."""
    world = shop()
    world.files[WORKFLOW] = world.files[WORKFLOW].replace(b"name: images\n", b"name: our images\n")
    world.sync()
    (stated,) = world.lock.hashes[str(WORKFLOW)]
    assert digest(world.files[COPIES / stated]) == stated
    assert world.lock.version == CATALOG.version


def test_sync_of_one_path_marks_no_other_as_done() -> None:
    world = shop()
    world.files[TOML] = world.files[TOML].replace(b'images = "ghcr.io/acme/shop"', b'images = "ghcr.io/acme/store"')
    world.sync(Wish(only=frozenset({BAKE})))
    assert b"ghcr.io/acme/store" in world.files[BAKE]
    assert b"ghcr.io/acme/store" not in world.files[COMPOSE]
    planned = world.sync()
    assert {change.path for change in planned.changes} >= {COMPOSE, LOCK}
    assert b"ghcr.io/acme/store" in world.files[COMPOSE]
    assert world.sync().changes == ()


def test_a_note_above_a_removed_block_does_not_go_with_it() -> None:
    world = shop()
    world.files[COMPOSE] = world.files[COMPOSE].replace(b"  web:\n", b"  # remember: DNS\n  web:\n")
    before = world.copy()
    planned = world.remove("web")
    assert [conflict.path for conflict in planned.conflicts] == [COMPOSE]
    assert world.files == before.files


def test_a_note_that_stands_apart_stays_when_the_block_goes() -> None:
    world = shop()
    world.files[COMPOSE] = world.files[COMPOSE].replace(b"  web:\n", b"  # remember: DNS\n\n  web:\n")
    assert not world.remove("web").conflicts
    assert b"  # remember: DNS\n" in world.files[COMPOSE]
    assert b"\n  web:" not in world.files[COMPOSE]


def test_a_pin_that_a_bot_moved_is_no_conflict_on_every_update() -> None:
    world = shop()
    project = world.project
    name = "actions/checkout"
    mine = Action(name=name, version="v99.0.0", sha="a" * 40)
    new = Action(name=name, version="v98.0.0", sha="b" * 40)
    base = world.files[WORKFLOW]
    ours = base.replace(str(CATALOG.pins.actions[name]).encode(), str(mine).encode())
    catalog = replace(CATALOG, pins=replace(CATALOG.pins, actions={**CATALOG.pins.actions, name: new}))
    theirs = render(project, catalog, CACHE)[WORKFLOW].text
    done = merge(WORKFLOW, base, ours, theirs)
    assert isinstance(done, Merged)
    assert done.text == ours
    assert done.notes
    newer = Action(name=name, version="v100.0.0", sha="c" * 40)
    catalog = replace(CATALOG, pins=replace(CATALOG.pins, actions={**CATALOG.pins.actions, name: newer}))
    theirs = render(project, catalog, CACHE)[WORKFLOW].text
    assert merge(WORKFLOW, base, ours, theirs) == Merged(
        text=theirs, notes=(f"{name} is 100.0.0 now, which is newer than your 99.0.0",) * ours.count(b"v99.0.0")
    )
