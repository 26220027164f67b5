"""The table of the plan: what becomes of a file by what was rendered last, what is there, and what is rendered now."""

from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from bakegen import lock as lock_file
from bakegen import plan
from bakegen.lock import Lock, digest
from bakegen.plan import Plan
from bakegen.tree import File, Ownership
from tests.world import CATALOG, TOML, scaffold

OLD, NEW, MINE = b"a\nold\n", b"a\nnew\n", b"a\nmine\n"
PATH = PurePosixPath("x.txt")
EDITED = "you edited it, and it must change"


def locked(*hashed: bytes, readable: bool = True, region: bytes | None = None) -> Lock:
    hashes = {str(PATH): frozenset(map(digest, hashed))} if hashed else {}
    if region is not None:
        hashes[f"{PATH}#list"] = frozenset({digest(region)})
    return Lock(services={}, hashes=hashes, readable=readable)


def make(lock: Lock, theirs: bytes | None, ours: bytes | None, ownership: Ownership = "managed") -> Plan:
    tree = {} if theirs is None else {PATH: File(text=theirs, ownership=ownership)}
    found: Mapping[PurePosixPath, bytes | None] = {PATH: ours, TOML: b"", lock_file.FILE: b""}
    return plan.make(scaffold(), CATALOG, lock, tree, found)


def outcome(planned: Plan) -> bytes | str | None:
    """What the file becomes; the message of a conflict."""
    if planned.conflicts:
        (conflict,) = planned.conflicts
        return conflict.message
    return next((change.after for change in planned.changes if change.path == PATH), b"as it was")


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ((OLD,), OLD, NEW, NEW),
        ((OLD,), OLD, OLD, b"as it was"),
        ((OLD,), MINE, OLD, b"as it was"),
        ((OLD,), MINE, NEW, EDITED),
        ((OLD,), NEW, NEW, b"as it was"),
        ((OLD,), None, OLD, b"as it was"),
        ((OLD,), None, NEW, "you deleted it, and it must change"),
        ((OLD,), b"", NEW, EDITED),
        ((), None, NEW, NEW),
        ((), NEW, NEW, b"as it was"),
        ((), MINE, NEW, "it is in the way of a generated file"),
        ((OLD, MINE), MINE, NEW, NEW),
        ((OLD, MINE), OLD, NEW, NEW),
        ((OLD,), OLD, None, None),
        ((OLD,), MINE, None, b"as it was"),
        ((OLD,), OLD.replace(b"\n", b"\r\n"), NEW, NEW.replace(b"\n", b"\r\n")),
        ((OLD,), NEW.replace(b"\n", b"\r\n"), NEW, b"as it was"),
        ((OLD,), b"a\r\nold\n", NEW, EDITED),
        ((OLD,), OLD.removesuffix(b"\n"), NEW, EDITED),
        ((OLD,), b"\xef\xbb\xbf" + OLD, NEW, EDITED),
    ],
)
def test_managed(
    base: tuple[bytes, ...], ours: bytes | None, theirs: bytes | None, expected: bytes | str | None
) -> None:
    assert outcome(make(locked(*base), theirs, ours)) == expected


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ((OLD,), OLD, NEW, b"as it was"),
        ((OLD,), MINE, NEW, b"as it was"),
        ((OLD,), None, NEW, b"as it was"),
        ((), MINE, NEW, b"as it was"),
        ((), None, NEW, b"as it was"),
    ],
)
def test_seeded(base: tuple[bytes, ...], ours: bytes | None, theirs: bytes, expected: bytes) -> None:
    assert outcome(make(locked(*base), theirs, ours, "seeded")) == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (None, NEW, NEW),
        (NEW, NEW, b"as it was"),
        (MINE, NEW, "it differs, and bakegen.lock is not there to tell why"),
        (OLD, None, b"as it was"),
    ],
)
def test_without_a_readable_lock(ours: bytes | None, theirs: bytes | None, expected: bytes | str) -> None:
    assert outcome(make(locked(readable=False), theirs, ours)) == expected


def test_a_damaged_lock_deletes_nothing() -> None:
    assert outcome(make(locked(OLD, readable=False), None, OLD)) == b"as it was"


def test_kept_files_are_named() -> None:
    assert make(locked(OLD), OLD, MINE).kept == (PATH,)
    assert make(locked(OLD), None, MINE).kept == (PATH,)
    assert make(locked(OLD), OLD, OLD).kept == ()


def test_lock_says_what_was_rendered_not_what_is_there() -> None:
    planned = make(locked(OLD), OLD, MINE)
    written = next(change.after for change in planned.changes if change.path == lock_file.FILE)
    assert lock_file.load(written).hashes == {str(PATH): {digest(OLD)}}


def test_seeded_files_keep_the_hash_that_they_were_seeded_with() -> None:
    planned = make(locked(OLD), NEW, MINE, "seeded")
    written = next(change.after for change in planned.changes if change.path == lock_file.FILE)
    assert lock_file.load(written).hashes == {str(PATH): {digest(OLD)}}


def test_conflict_shows_the_first_line_that_differs() -> None:
    (conflict,) = make(locked(OLD), NEW, MINE).conflicts
    assert (conflict.line, conflict.sides, conflict.hint) == (2, ("mine", "new"), plan.LEAVE)


def test_unmanaged_is_left_alone() -> None:
    project = scaffold()
    object.__setattr__(project, "unmanaged", (PATH,))
    ours = {PATH: MINE, TOML: b"", lock_file.FILE: b""}
    planned = plan.make(project, CATALOG, locked(OLD), {PATH: File(text=NEW, ownership="managed")}, ours)
    assert (outcome(planned), planned.kept) == (b"as it was", (PATH,))


def region(content: bytes, around: bytes = b"mine\n") -> bytes:
    return around + b"<!-- bakegen:list -->\n" + content + b"<!-- /bakegen:list -->\n" + around


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (region(OLD), NEW, region(NEW)),
        (region(OLD), OLD, b"as it was"),
        (region(MINE), OLD, b"as it was"),
        (region(NEW), NEW, b"as it was"),
        (region(MINE), NEW, "you edited the part between the bakegen:list marks, and it must change"),
        (b"no marks\n", NEW, b"as it was"),
        (None, NEW, b"as it was"),
        (region(OLD) * 2, NEW, b"as it was"),
        (region(OLD).replace(b"\n", b"\r\n"), NEW, region(NEW).replace(b"\n", b"\r\n")),
    ],
)
def test_region_of_a_seeded_file(ours: bytes | None, theirs: bytes, expected: bytes | str) -> None:
    lock = locked(b"seeded", region=OLD)
    assert outcome(make(lock, region(theirs, b""), ours, "seeded")) == expected


def test_conflict_in_a_region_counts_lines_of_the_file() -> None:
    lock = locked(b"seeded", region=OLD)
    (conflict,) = make(lock, region(NEW, b""), region(MINE), "seeded").conflicts
    assert (conflict.line, conflict.sides) == (4, ("mine", "new"))


def test_paths_are_all_that_it_depends_on() -> None:
    lock = locked(OLD, region=OLD)
    tree = {PurePosixPath("y"): File(text=NEW, ownership="managed")}
    assert plan.paths(lock, tree) == {PATH, PurePosixPath("y"), TOML, lock_file.FILE}
