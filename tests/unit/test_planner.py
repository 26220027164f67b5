"""The table of the plan: what becomes of a file by what was rendered last, what is there, and what is rendered now."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from bakegen import lock as lock_file
from bakegen import planner
from bakegen.edited import CHOOSE, Verdict, merged, or_whole
from bakegen.lock import Lock, digest
from bakegen.model import Project
from bakegen.plan import COPIES, Base, Plan, Sides, Wish
from bakegen.service import Request
from bakegen.tree import File, Ownership
from tests.world import BAKE, CATALOG, TOML, World, scaffold

OLD, NEW, MINE = b"a\nold\n", b"a\nnew\n", b"a\nmine\n"
OWN = b"mine\na\nold\n"
PATH = PurePosixPath("x.txt")
BOTH = "mine: you and bakegen both changed it"


def locked(*hashed: bytes, readable: bool = True, region: bytes | None = None) -> Lock:
    hashes = {str(PATH): frozenset(map(digest, hashed))} if hashed else {}
    if region is not None:
        hashes[f"{PATH}#list"] = frozenset({digest(region)})
    return Lock(services={}, hashes=hashes, readable=readable)


def make(  # noqa: PLR0913  (everything that a plan is made from)
    lock: Lock,
    theirs: bytes | None,
    ours: bytes | None,
    ownership: Ownership = "managed",
    *,
    wish: Wish | None = None,
    project: Project | None = None,
    base: Base | None = Base(OLD),  # noqa: B008  (immutable)
    copies: Mapping[str, bytes] | None = None,
) -> Plan:
    tree = {} if theirs is None else {PATH: File(text=theirs, ownership=ownership)}
    found: dict[PurePosixPath, bytes | None] = {PATH: ours, TOML: b"", lock_file.FILE: b""}
    found |= {COPIES / name: text for name, text in (copies or {}).items()}
    sides = Sides(
        lock=lock,
        before=None,
        ours=found,
        theirs=tree,
        find_base=lambda _key, hashes: (base,) if hashes and base else (),
    )
    return planner.make(project or scaffold(), CATALOG, sides, wish or Wish())


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
        ((OLD,), MINE, NEW, BOTH),
        ((OLD,), OWN, NEW, b"mine\na\nnew\n"),
        ((OLD,), NEW, NEW, b"as it was"),
        ((OLD,), None, OLD, b"as it was"),
        ((OLD,), None, NEW, "you deleted it, and it must change"),
        ((OLD,), b"", NEW, "a: you and bakegen both changed it"),
        ((OLD,), b"<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n", NEW, "there are conflict markers in it"),
        ((), None, NEW, NEW),
        ((), NEW, NEW, b"as it was"),
        ((), MINE, NEW, "it is in the way of a generated file"),
        ((OLD, MINE), MINE, NEW, NEW),
        ((OLD, MINE), OLD, NEW, NEW),
        ((OLD,), OLD, None, None),
        ((OLD,), MINE, None, b"as it was"),
        ((OLD,), OLD.replace(b"\n", b"\r\n"), NEW, NEW.replace(b"\n", b"\r\n")),
        ((OLD,), NEW.replace(b"\n", b"\r\n"), NEW, b"as it was"),
        ((OLD,), b"a\r\nold\n", NEW, "a: you and bakegen both changed it"),
        ((OLD,), OLD.removesuffix(b"\n"), NEW, "old: you and bakegen both changed it"),
        ((OLD,), b"\xef\xbb\xbf" + OLD, NEW, b"\xef\xbb\xbf" + NEW),
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
    assert (conflict.line, conflict.sides, conflict.hint) == (2, ("mine", "new"), CHOOSE)


def test_unmanaged_is_left_alone() -> None:
    planned = make(locked(OLD), NEW, MINE, project=replace(scaffold(), unmanaged=(PATH,)))
    assert (outcome(planned), planned.kept) == (b"as it was", (PATH,))


@pytest.mark.parametrize(("favor", "expected"), [("ours", b"as it was"), ("theirs", NEW)])
@pytest.mark.parametrize(("ours", "base"), [(MINE, Base(OLD)), (MINE, None), (MINE, Base(NEW, known=False))])
def test_a_favour_decides_conflicts(favor: str, expected: bytes, ours: bytes, base: Base | None) -> None:
    planned = make(locked(OLD), NEW, ours, wish=Wish(favor=favor), base=base)  # type: ignore[arg-type]  # a Favor
    assert outcome(planned) == expected


def test_a_favour_for_theirs_brings_back_what_was_deleted() -> None:
    assert outcome(make(locked(OLD), NEW, None, wish=Wish(favor="theirs"))) == NEW
    assert outcome(make(locked(OLD), NEW, None, wish=Wish(favor="ours"))) == b"as it was"


def test_without_a_base_nothing_is_guessed() -> None:
    assert (
        outcome(make(locked(OLD), NEW, MINE, base=None))
        == "you edited it, and what it was made from is not known any more"
    )
    assert outcome(make(locked(OLD), NEW, MINE, base=Base(NEW, known=False))) == BOTH


def test_markers_hold_both_sides() -> None:
    (change,) = (each for each in make(locked(OLD), NEW, MINE).marked if each.path == PATH)
    assert change.after == b"a\n<<<<<<< ours\nmine\n||||||| base\nold\n=======\nnew\n>>>>>>> theirs\n"


def test_other_paths_than_those_wanted_stay_and_the_lock_says_nothing_new_of_them() -> None:
    lock = Lock(version="1", services={}, hashes={str(PATH): frozenset({digest(OLD)})})
    planned = make(lock, NEW, OLD, wish=Wish(only=frozenset({PurePosixPath("y")})))
    written = next(change.after for change in planned.changes if change.path == lock_file.FILE)
    assert outcome(planned) == b"as it was"
    assert lock_file.load(written).hashes == lock.hashes
    assert lock_file.load(written).version == "1"


@pytest.mark.parametrize("ours", [OLD, MINE])
def test_a_path_that_is_rendered_no_longer_stays_where_others_are_wanted(ours: bytes) -> None:
    wish = Wish(only=frozenset({PurePosixPath("y")}), favor="theirs")
    (change,) = make(locked(OLD), None, ours, wish=wish).changes
    assert change.path == lock_file.FILE
    assert lock_file.load(change.after).hashes == locked(OLD).hashes


@pytest.mark.parametrize(
    ("path", "expected"), [(BAKE, None), (PurePosixPath(".gitignore"), b"as it was"), (PATH, b"as it was")]
)
def test_of_edited_paths_rendered_no_longer_only_managed_ones_can_be_discarded(
    path: PurePosixPath, expected: bytes | None
) -> None:
    sides = Sides(
        lock=Lock(services={}, hashes={str(path): frozenset({digest(OLD)})}),
        before=scaffold(),
        ours={path: MINE, TOML: b"", lock_file.FILE: b""},
        theirs={},
        find_base=lambda _key, _hashes: (),
    )
    assert path not in {change.path for change in planner.make(scaffold(), CATALOG, sides, Wish()).changes}
    discarded = planner.make(scaffold(), CATALOG, sides, Wish(favor="theirs"))
    assert next((each.after for each in discarded.changes if each.path == path), b"as it was") == expected
    assert discarded.kept == (() if expected is None else (path,))


def test_a_file_is_written_anew_whatever_is_in_it() -> None:
    wish = Wish(anew=frozenset({PATH}))
    assert outcome(make(locked(NEW), NEW, MINE, wish=wish)) == NEW
    assert outcome(make(locked(NEW), NEW, None, wish=wish)) == NEW
    windows = NEW.replace(b"\n", b"\r\n")
    assert outcome(make(locked(NEW), NEW, windows + b"mine\r\n", wish=wish)) == windows
    assert outcome(make(locked(NEW), NEW, MINE, "seeded", wish=wish)) == NEW
    assert outcome(make(locked(NEW), NEW, None, "seeded", wish=wish)) == NEW


def test_a_region_is_written_anew_whatever_is_in_it() -> None:
    planned = make(locked(b"x", region=NEW), region(NEW), region(MINE), "seeded", wish=Wish(anew=frozenset({PATH})))
    assert outcome(planned) == region(NEW)


def test_what_was_rendered_for_an_edited_file_is_kept_beside_it() -> None:
    stale = digest(b"stale")
    planned = make(locked(OLD), NEW, OWN, copies={stale: b"stale"})
    written = {change.path: change.after for change in planned.changes}
    assert written[COPIES / digest(NEW)] == NEW
    assert written[COPIES / stale] is None
    unedited = {change.path for change in make(locked(OLD), NEW, OLD).changes}
    assert unedited == {PATH, lock_file.FILE}


def test_after_a_merge_of_branches_the_base_that_fits_is_taken() -> None:
    """Each branch has rendered another text; only against one of them is what is there an edit and no contradiction."""
    one, other, both = b"a: 1\nb: 2\n", b"a: 1\nc: 3\n", b"a: 1\nb: 2\nc: 3\n"
    ours, path = b"a: 1\nb: 20\nc: 3\n", PurePosixPath("x.yaml")
    sides = Sides(
        lock=Lock(services={}, hashes={str(path): frozenset({digest(one), digest(other)})}),
        before=None,
        ours={path: ours, TOML: b"", lock_file.FILE: b""},
        theirs={path: File(text=both, ownership="managed")},
        find_base=lambda _key, _hashes: (Base(other), Base(one)),
    )
    planned = planner.make(scaffold(), CATALOG, sides, Wish())
    assert (planned.conflicts, planned.kept) == ((), (path,))


def test_a_path_under_another_name_is_a_rename() -> None:
    world = World.new(requests=[Request(name="api", stack="fastapi")])
    world.files[BAKE] += b'\ntarget "mine" {\n  contexts = { app = "target:api" }\n}\n'
    world.files[TOML] = (
        world.files[TOML]
        .replace(b"[services.api]", b"[services.backend]")
        .replace(b"[services.api.env]", b"[services.backend.env]")
    )
    planned = world.sync()
    assert planned.notes == ("api is backend now: it is the service in services/api",)
    assert b'contexts = { app = "target:backend" }' in world.files[BAKE]
    assert b'"api"' not in world.files[BAKE]


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
    assert planner.paths(scaffold(), lock, tree, Wish()) == {PATH, PurePosixPath("y"), TOML, lock_file.FILE}


ONE, OTHER, TOGETHER = (
    f'{{\n  "a": [\n{",".join(items)}\n  ]\n}}\n'.encode() for items in ("12", "23", ("1", "2", "3"))
)
MERGED = b'{\n  "a": [\n    1, 3,\n    2\n  ]\n}\n'


@pytest.mark.parametrize(
    ("hashed", "ours", "becomes"),
    [
        ((ONE, OTHER), MERGED, True),
        ((ONE, OTHER), MERGED.replace(b"\n", b"\r\n"), True),
        ((TOGETHER,), MERGED, False),  # nobody merged: it is a hand edit
        ((ONE, OTHER), MERGED.replace(b"1", b"// mine\n    1"), False),
        ((ONE, OTHER), MERGED.replace(b"  ]", b"  ],").replace(b"\n}", b'\n  "b": []\n}'), False),
        ((ONE, OTHER), MERGED[:-2], False),
    ],
)
def test_what_git_put_together_in_another_order_becomes_the_rendering(
    hashed: tuple[bytes, ...], ours: bytes, *, becomes: bool
) -> None:
    path = PurePosixPath("x.json")
    stated = Lock(services={}, hashes={str(path): frozenset(map(digest, hashed))})
    sides = Sides(
        lock=stated,
        before=None,
        ours={path: ours, **dict.fromkeys((lock_file.FILE, TOML), b"")},
        theirs={path: File(text=TOGETHER, ownership="managed")},
        find_base=lambda *_: (Base(hashed[0]),),
    )
    changes = {change.path: change.after for change in planner.make(scaffold(), CATALOG, sides, Wish()).changes}
    crlf = ours.count(b"\r\n") > 0
    assert (changes.get(path) == (TOGETHER.replace(b"\n", b"\r\n") if crlf else TOGETHER)) == becomes


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (".railway/railway.ts", b"drainingSeconds: 60", b"drainingSeconds: 90"),
        ("compose.prod.yaml", b"restart: unless-stopped", b"restart: always"),
        ("docker-bake.hcl", b'"services/jobs/Dockerfile"', b'"services/jobs/Dockerfile.mine"'),
        ("render.yaml", b"numInstances: 1", b"numInstances: 2"),
    ],
)
def test_a_removed_service_whose_edits_are_kept_is_said(name: str, before: bytes, after: bytes) -> None:
    world = World.new(scaffold(hosts="compose,railway,render"), [Request(name="jobs", stack="python-worker")])
    path = PurePosixPath(name)
    assert before in world.files[path]
    world.files[path] = world.files[path].replace(before, after)
    kept = world.copy().remove("jobs", Wish(favor="ours"))
    assert kept.notes == (f"jobs: yours now, as you edited it, in {name}",)
    assert world.copy().remove("jobs", Wish(favor="theirs")).notes == ()
    assert world.copy().remove("jobs").notes == ()


def test_what_has_nothing_to_do_with_a_removed_service_is_not_said() -> None:
    world = World.new(scaffold(hosts="render"), [Request(name="jobs", stack="python-worker")])
    path = PurePosixPath("render.yaml")
    world.files[path] = b"# mine\n" + world.files[path]
    assert world.copy().remove("jobs", Wish(favor="ours")).notes == ()
    path = PurePosixPath("compose.yaml")
    world.files[path] = world.files[path].replace(b"LOG_LEVEL: ", b"LOG_LEVEL: my-")
    renamed = world.copy()
    renamed.rename("jobs", "queue")
    assert world.sync(Wish(favor="ours")).notes == renamed.sync(Wish(favor="ours")).notes == ()


def test_the_edits_of_a_shape_that_is_refused_may_be_discarded_as_a_whole() -> None:
    path, theirs = PurePosixPath("compose.yaml"), b"a: 2\n"
    refused = merged(path, b"a: 1\n", b"a: [\n", theirs)
    (conflict,) = refused.conflicts
    hint = f"{conflict.hint}; or discard all edits of the file: --discard-edits"
    for favor in (None, "ours"):
        assert or_whole(refused, theirs, favor) == Verdict(conflicts=(replace(conflict, hint=hint),))
    assert or_whole(refused, theirs, "theirs") == Verdict(text=theirs)
    edited = merged(path, b"a: 1\n", b"a: 3\n", theirs)
    assert [each.hint for each in edited.conflicts] == [CHOOSE]
    assert or_whole(edited, theirs, None) == edited
