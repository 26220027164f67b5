"""No hand edit is ever lost: it is kept, or it is a reported conflict and nothing at all is written.

`pytest -s tests/laws/test_hand_edits.py` prints what became of each kind of edit.
"""

from collections import Counter
from pathlib import PurePosixPath

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from bakegen.lock import digest
from bakegen.plan import Plan, Wish
from bakegen.service import Request
from tests.edits import EDITS, apply, edits
from tests.world import BAKE, World

COMPOSE = PurePosixPath("compose.yaml")
WORKFLOW = PurePosixPath(".github/workflows/images.yml")
LOCK = PurePosixPath("bakegen.lock")
SURFACES = (
    BAKE,
    COMPOSE,
    PurePosixPath("compose.override.yaml"),
    PurePosixPath(".env.example"),
    PurePosixPath("README.md"),
    WORKFLOW,
    PurePosixPath("services/api/Dockerfile"),
    PurePosixPath("services/api/Dockerfile.dockerignore"),
    PurePosixPath("services/api/app/main.py"),
)
START = World.new(
    requests=[
        Request(name="api", stack="fastapi"),
        Request(name="web", stack="nextjs"),
        Request(name="worker", stack="python-worker"),
    ]
)
VERBS = ("add", "remove", "rename", "sync")


def carry_out(world: World, verb: str, number: int) -> Plan:
    """One verb, on a service that the number picks."""
    if verb == "add":
        stack = ("fastapi", "nextjs", "python-worker")[number % 3]
        return world.add(Request(name=("admin", "jobs", "zeta")[number % 3], stack=stack))
    if verb == "remove":
        return world.remove(("worker", "web")[number % 2], delete=number % 3 == 0)
    if verb == "rename":
        return world.rename(("worker", "web")[number % 2], ("aaa", "zzz")[number % 2])
    return world.sync()


def counted(text: bytes) -> Counter[bytes]:
    """The lines that are not blank, however they are indented and ended, a comma behind an item aside."""
    stripped = (line.strip().removesuffix(b",").rstrip() for line in text.removeprefix(b"\xef\xbb\xbf").splitlines())
    return Counter(line for line in stripped if line)


def lost(before: bytes, edited: bytes, after: bytes | None, *, renamed: bool) -> Counter[bytes]:
    """The lines that the user has written and that are no longer there; with a new name they may read otherwise."""
    missing = (counted(edited) - counted(before)) - counted(after or b"")
    names = (b"worker", b"web", b"WORKER", b"WEB")
    return Counter({line: n for line, n in missing.items() if not (renamed and any(name in line for name in names))})


def without_blank_lines(text: bytes) -> list[bytes]:
    """The lines but the blank ones: what set a new item apart may stay where an edit has made it the user's."""
    return [line for line in text.splitlines(keepends=True) if line.strip()]


def check_nothing_is_lost(path: PurePosixPath, edited: bytes, verb: str, number: int) -> str:
    """Carry out the verb on a project with this one file edited; "kept" or "reported"."""
    before = START.files[path]
    world = START.copy()
    world.files[path] = edited
    untouched = world.copy()
    planned = carry_out(world, verb, number)
    if planned.conflicts:
        assert world.files == untouched.files
        assert {conflict.path for conflict in planned.conflicts} == {path}
        assert all(conflict.line > 0 and conflict.hint for conflict in planned.conflicts)
        return "reported"
    assert lost(before, edited, world.files.get(path), renamed=verb == "rename") == Counter()
    return "kept"


@pytest.mark.parametrize("surface", SURFACES, ids=str)
def test_every_kind_of_edit_is_kept_or_reported(surface: PurePosixPath) -> None:
    text = START.files[surface]
    length = len(text.splitlines())
    for name in EDITS:
        outcomes: Counter[str] = Counter()
        for at in range(0, length, max(1, length // 12)):
            edited = apply(name, surface, text, at, at)
            if edited != text and digest(edited) != digest(text):
                outcomes[check_nothing_is_lost(surface, edited, VERBS[at % 4], at)] += 1
        kept, reported = outcomes["kept"], outcomes["reported"]
        print(f"{name:22} {surface!s:40} {kept + reported:3} tried {kept:3} kept {reported:3} reported   0 lost")


@given(st.data(), st.sampled_from(SURFACES), st.sampled_from(VERBS), st.integers(0, 5))
def test_no_random_edit_is_lost(data: st.DataObject, path: PurePosixPath, verb: str, number: int) -> None:
    names, edited = data.draw(edits(path, START.files[path]))
    if digest(edited) != digest(START.files[path]):
        outcome = check_nothing_is_lost(path, edited, verb, number)
        for name in names:
            event(f"{name}: {outcome}")


@given(st.data(), st.sampled_from(SURFACES), st.integers(0, 5))
def test_a_kept_edit_is_still_an_edit_the_next_time(data: st.DataObject, path: PurePosixPath, number: int) -> None:
    """The lock says what was rendered, never what a file contains: else the second run would overwrite."""
    _, edited = data.draw(edits(path, START.files[path]))
    world = START.copy()
    world.files[path] = edited
    for verb, turn in (("sync", 0), ("add", number), ("add", number + 1), ("remove", number)):
        carry_out(world, verb, turn)
        if verb != "remove" and digest(edited) != digest(START.files[path]):
            assert lost(START.files[path], edited, world.files.get(path), renamed=False) == Counter()


@given(st.data(), st.sampled_from(SURFACES), st.sampled_from((b"", b"garbage\n", b"<<<<<<< ours\n", None)))
def test_a_lost_lock_costs_no_edit(data: st.DataObject, path: PurePosixPath, lock: bytes | None) -> None:
    _, edited = data.draw(edits(path, START.files[path]))
    world = START.copy()
    world.files[path] = edited
    if lock is None:
        del world.files[LOCK]
    else:
        world.files[LOCK] = lock + world.files[LOCK][len(world.files[LOCK]) // 2 :]
    world.sync()
    assert world.files[path] == edited or digest(edited) == digest(START.files[path])


@given(st.data(), st.sampled_from((BAKE, COMPOSE, WORKFLOW)), st.integers(0, 5))
def test_adding_and_removing_leaves_an_edited_file_as_it_was(
    data: st.DataObject, path: PurePosixPath, number: int
) -> None:
    _, edited = data.draw(edits(path, START.files[path]))
    world = START.copy()
    world.files[path] = edited
    name, stack = ("admin", "jobs", "zeta")[number % 3], ("fastapi", "nextjs", "python-worker")[number % 3]
    if not world.add(Request(name=name, stack=stack)).conflicts and not world.remove(name, delete=True).conflicts:
        assert without_blank_lines(world.files[path]) == without_blank_lines(edited)


@given(st.data(), st.sampled_from(SURFACES), st.integers(0, 1))
def test_renaming_there_and_back_leaves_an_edited_file_as_it_was(
    data: st.DataObject, path: PurePosixPath, number: int
) -> None:
    _, edited = data.draw(edits(path, START.files[path]))
    world = START.copy()
    world.files[path] = edited
    old, new = ("worker", "web")[number], ("jobs", "site")[number]
    if not world.rename(old, new).conflicts and not world.rename(new, old).conflicts:
        assert without_blank_lines(world.files[path]) == without_blank_lines(edited)


@given(st.data(), st.sampled_from(SURFACES), st.sampled_from(VERBS), st.sampled_from(("ours", "theirs")))
def test_a_side_that_is_chosen_leaves_only_refusals(
    data: st.DataObject, path: PurePosixPath, verb: str, favor: str
) -> None:
    _, edited = data.draw(edits(path, START.files[path]))
    world = START.copy()
    world.files[path] = edited
    wish = Wish(favor="ours" if favor == "ours" else "theirs")
    request = Request(name="jobs", stack="python-worker")
    planned = world.add(request, wish) if verb == "add" else world.remove("worker", wish)
    assert all(conflict.refused or "markers" in conflict.message for conflict in planned.conflicts)
