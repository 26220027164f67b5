"""No hand edit is ever lost: it is kept, or it is a reported conflict and nothing at all is written.

`pytest -s tests/laws/test_hand_edits.py` prints what became of each kind of edit.
"""

from collections import Counter
from pathlib import PurePosixPath

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from bakegen.lock import digest, moved
from bakegen.plan import Plan, Wish
from bakegen.service import Request
from bakegen.tree import HOSTS, layout
from tests.edits import EDITS, apply, edits
from tests.world import BAKE, CATALOG, World, rendered, scaffold

COMPOSE = PurePosixPath("compose.yaml")
WORKFLOW = PurePosixPath(".github/workflows/images.yml")
LOCK = PurePosixPath("bakegen.lock")
SHARED = (
    BAKE,
    COMPOSE,
    PurePosixPath("compose.override.yaml"),
    PurePosixPath(".env.example"),
    PurePosixPath("README.md"),
    WORKFLOW,
    PurePosixPath("services/api/Dockerfile"),
    PurePosixPath("services/api/Dockerfile.dockerignore"),
    PurePosixPath("services/api/app/main.py"),
    PurePosixPath("services/worker/Dockerfile"),
    PurePosixPath("services/worker/app/jobs.py"),
)
START = World.new(
    scaffold(hosts=",".join(CATALOG.hosts)),
    [
        Request(name="api", stack="fastapi"),
        Request(name="web", stack="nextjs"),
        Request(name="worker", stack="python-worker"),
    ],
)
# What hosts bring, but for scripts, which are the same in every project.
OF_HOSTS = tuple(
    path
    for path, source in layout(START.project, CATALOG).items()
    if source.folder.startswith(HOSTS) and path.suffix != ".sh" and getattr(source.service, "name", "api") != "web"
)
SURFACES = (*SHARED, *OF_HOSTS)
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


def lost(before: bytes, edited: bytes, after: bytes | None) -> Counter[bytes]:
    """The lines that the user has written and that are no longer there."""
    return (counted(edited) - counted(before)) - counted(after or b"")


def returned(before: bytes, edited: bytes, after: bytes, theirs: bytes) -> Counter[bytes]:
    """The lines that the user has deleted and that are there again, but for those that are new in theirs."""
    deleted = counted(before) - counted(edited)
    again = (counted(after) - counted(edited)) & deleted
    return again - (counted(theirs) - counted(before))


def test_what_is_measured() -> None:
    assert lost(b"a\n", b"a\nmine\n", b"a\n") == {b"mine": 1}
    assert returned(b"a\nb\n", b"a\n", b"a\nb\n", b"a\nb\nc\n") == {b"b": 1}
    assert returned(b"a\nb\n", b"a\n", b"a\nb\n", b"a\nb\nb\n") == {}


def without_blank_lines(text: bytes) -> list[bytes]:
    """The lines but the blank ones: what set a new item apart may stay where an edit has made it the user's."""
    return [line for line in text.splitlines(keepends=True) if line.strip()]


def outcome(path: PurePosixPath, edited: bytes, verb: str, number: int) -> str:
    """Carry out the verb on a project with this one file edited; "kept", "reported" or "lost"."""
    world = START.copy()
    world.files[path] = edited
    untouched = world.copy()
    planned = carry_out(world, verb, number)
    folders = {move.source: move.target for move in planned.moves}
    place = moved(path, folders)
    if planned.conflicts:
        assert world.files == untouched.files
        assert {conflict.path for conflict in planned.conflicts} == {place}
        assert all(conflict.line > 0 and conflict.hint for conflict in planned.conflicts)
        return "reported"
    theirs = rendered(world.project).get(place)
    texts = (START.files[path], edited, world.files.get(place, b""), theirs.text if theirs else b"")
    before, edited, after, new = (as_compared(text, verb, number) for text in texts)
    wrong = lost(before, edited, after) + returned(before, edited, after, new)
    for line in wrong:
        print(f"{path}: {verb} {number}: {line.decode('utf-8', 'replace')}")
    return "lost" if wrong else "kept"


def as_compared(text: bytes, verb: str, number: int) -> bytes:
    """The text as it is looked for: what says the same in other quotes may go with its service."""
    if verb == "remove":
        return text.replace(b"'", b'"')
    return as_renamed(text, number) if verb == "rename" else text


def as_renamed(text: bytes, number: int) -> bytes:
    """The text with the new name of the service that `carry_out` renames in place of the old one, in prose too."""
    old, new = ((b"worker", b"aaa"), (b"web", b"zzz"))[number % 2]
    return text.replace(old, new).replace(old.upper(), new.upper())


@pytest.mark.parametrize("surface", SURFACES, ids=str)
def test_every_kind_of_edit_is_kept_or_reported(surface: PurePosixPath) -> None:
    text = START.files[surface]
    length = len(text.splitlines())
    total: Counter[str] = Counter()
    for name in EDITS:
        outcomes: Counter[str] = Counter()
        for at in range(0, length, max(1, length // 12)):
            edited = apply(name, surface, text, at, at)
            if edited != text and digest(edited) != digest(text):
                outcomes[outcome(surface, edited, VERBS[at % 4], at)] += 1
        counts = "   ".join(f"{outcomes[each]:3} {each}" for each in ("kept", "reported", "lost"))
        print(f"{name:22} {surface!s:40} {outcomes.total():3} tried   {counts}")
        total += outcomes
    assert total["kept"] > 0
    assert total["lost"] == 0


@given(st.data(), st.sampled_from(SURFACES), st.sampled_from(VERBS), st.integers(0, 5))
def test_no_random_edit_is_lost(data: st.DataObject, path: PurePosixPath, verb: str, number: int) -> None:
    names, edited = data.draw(edits(path, START.files[path]))
    if digest(edited) != digest(START.files[path]):
        found = outcome(path, edited, verb, number)
        assert found != "lost"
        for name in names:
            event(f"{name}: {found}")


@given(st.data(), st.sampled_from(SURFACES), st.integers(0, 5))
def test_a_kept_edit_is_still_an_edit_the_next_time(data: st.DataObject, path: PurePosixPath, number: int) -> None:
    """The lock says what was rendered, never what a file contains: else the second run would overwrite."""
    _, edited = data.draw(edits(path, START.files[path]))
    world = START.copy()
    world.files[path] = edited
    for verb, turn in (("sync", 0), ("add", number), ("add", number + 1), ("remove", number)):
        carry_out(world, verb, turn)
        if verb != "remove" and digest(edited) != digest(START.files[path]):
            assert lost(START.files[path], edited, world.files.get(path)) == Counter()


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
