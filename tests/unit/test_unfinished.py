"""An unfinished merge, resolved as far as bakegen's files go: from stages to bytes, with nothing of anybody's touched."""

from pathlib import PurePosixPath

import pytest

from bakegen.lock import FILE as LOCK
from bakegen.lock import digest
from bakegen.plan import Change, Plan
from bakegen.project_document import FILE as TOML
from bakegen.unfinished import Resolution, Stages, Unfinished, resolve

ENV = PurePosixPath(".env.example")
README = PurePosixPath("README.md")
OTHER = PurePosixPath("notes.txt")
MARKED = b"<<<<<<< HEAD\n=======\n>>>>>>> side\n"
ADDED = Stages(base=b"A=1\n", ours=b"A=1\nB=2\n", theirs=b"A=1\nC=3\n")
FACTS = Stages(base=b"[1]\n", ours=b"[1]\n[2]\n", theirs=b"[1]\n[3]\n")
TABLES = Stages(base=b"[a]\nx = 1\n", ours=b"[a]\nx = 1\n\n[b]\ny = 2\n", theirs=b"[a]\nx = 3\n")


def merging(stages: dict[PurePosixPath, Stages], begun: frozenset[PurePosixPath] = frozenset()) -> Unfinished:
    """Every file in the tree has marks; those of `begun` are not as git left them."""
    return Unfinished(stages=stages, working=dict.fromkeys(stages, MARKED), untouched=stages.keys() - begun)


def rendered(_: bytes) -> set[PurePosixPath]:
    return {ENV, README, TOML, LOCK}


def test_project_file_lock_and_surfaces() -> None:
    asked: list[bytes] = []

    def paths(text: bytes) -> set[PurePosixPath]:
        asked.append(text)
        return {ENV}

    done = resolve(merging({ENV: ADDED, LOCK: FACTS, TOML: TABLES, OTHER: ADDED}), paths)
    assert done.conflicts == ()
    assert done.texts == {
        TOML: b"[a]\nx = 3\n\n[b]\ny = 2\n",
        LOCK: b"[1]\n[2]\n[3]\n",
        ENV: b"A=1\nB=2\nC=3\n",
    }
    assert asked == [done.texts[TOML]]


def test_the_project_file_in_the_tree_says_what_is_rendered_if_it_is_not_in_conflict() -> None:
    unfinished = Unfinished(stages={ENV: ADDED}, working={ENV: MARKED, TOML: b"x"}, untouched={ENV})
    done = resolve(unfinished, lambda text: {ENV} if text == b"x" else set())
    assert done.texts == {ENV: b"A=1\nB=2\nC=3\n"}


def test_what_somebody_has_begun_to_resolve_is_not_touched() -> None:
    done = resolve(merging({ENV: ADDED, LOCK: FACTS}, frozenset({ENV})), rendered)
    assert list(done.texts) == [LOCK]
    (conflict,) = done.conflicts
    assert (conflict.path, conflict.message) == (ENV, "somebody has begun to resolve git's merge of it")
    assert "`git checkout -m -- .env.example`" in conflict.hint
    assert "`git add .env.example`" in conflict.hint


def test_a_begun_project_file_is_the_only_thing_told() -> None:
    done = resolve(merging({TOML: TABLES, ENV: ADDED, LOCK: FACTS}, frozenset({TOML})), rendered)
    assert done.texts == {}
    assert [conflict.path for conflict in done.conflicts] == [TOML]


def test_a_contradiction_has_both_sides() -> None:
    done = resolve(merging({ENV: Stages(base=b"A=1\n", ours=b"A=2\n", theirs=b"A=3\n")}), rendered)
    assert done.texts == {}
    (conflict,) = done.conflicts
    assert (conflict.path, conflict.line, conflict.sides) == (ENV, 1, ("A=2", "A=3"))
    assert "git add .env.example" in conflict.hint


def test_deleted_on_one_side() -> None:
    for stages in (Stages(base=b"", ours=None, theirs=b"x"), Stages(base=b"", ours=b"x", theirs=None)):
        done = resolve(merging({ENV: stages}), rendered)
        assert done.texts == {}
        (conflict,) = done.conflicts
        assert conflict.message == "one branch changed it, the other deleted it"
        assert "git rm .env.example" in conflict.hint


def test_gone_from_the_folder_and_no_ordinary_file() -> None:
    gone = Unfinished(stages={ENV: ADDED}, working={ENV: None}, untouched=set())
    link = merging({ENV: Stages(base=b"a", ours=b"b", theirs=b"c", regular=False)})
    for unfinished, word in ((gone, "gone"), (link, "no ordinary file")):
        done = resolve(unfinished, rendered)
        assert done.texts == {}
        assert word in done.conflicts[0].message


def test_a_file_of_the_user_is_left_to_the_user() -> None:
    done = resolve(merging({OTHER: ADDED}), rendered)
    assert (done.texts, done.conflicts) == ({}, ())


def test_crlf_of_the_work_tree_stays() -> None:
    unfinished = Unfinished(stages={ENV: ADDED}, working={ENV: MARKED.replace(b"\n", b"\r\n")}, untouched={ENV})
    assert resolve(unfinished, rendered).texts == {ENV: b"A=1\r\nB=2\r\nC=3\r\n"}


def region(content: str, end: str = "") -> bytes:
    return f"# Shop\n<!-- bakegen:services -->\n{content}<!-- /bakegen:services -->\n{end}".encode()


def rendered_regions(*contents: str) -> bytes:
    """A lock that says what was rendered between the marks, on each branch."""
    digests = [digest(content.encode()) for content in contents]
    return "".join(f'["sha256", "README.md#services", "{each}"]\n' for each in digests).encode()


API = Stages(base=region("- a\n"), ours=region("- a, one\n"), theirs=region("- a, two\n", "more\n"))


def test_a_region_that_both_rendered_anew_is_rendered_once_more() -> None:
    facts = Stages(
        base=rendered_regions("- a\n"), ours=rendered_regions("- a, one\n"), theirs=rendered_regions("- a, two\n")
    )
    done = resolve(merging({README: API, LOCK: facts}), rendered)
    assert (done.texts[README], done.conflicts) == (region("- a, one\n", "more\n"), ())


@pytest.mark.parametrize("facts", [("- a, one\n",), ("- a, two\n",), ("- a\n",), ()])
def test_a_region_that_a_side_edited_by_hand_is_a_conflict(facts: tuple[str, ...]) -> None:
    """The lock of the merge is the one in the tree where it is not in conflict itself."""
    working = {README: MARKED, LOCK: rendered_regions(*facts)}
    done = resolve(Unfinished(stages={README: API}, working=working, untouched={README}), rendered)
    assert done.texts == {}
    (conflict,) = done.conflicts
    assert (conflict.path, conflict.sides) == (README, ("- a, one", "- a, two"))
    assert "git add README.md" in conflict.hint


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_file_that_neither_side_edited_is_left_to_the_rendering(*, by_hand: bool) -> None:
    stages = Stages(base=b"A=1\n", ours=b"A=2\n", theirs=b"A=3\n")
    texts = (b"A=2\n", b"A=4\n" if by_hand else b"A=3\n")
    facts = "".join(f'["sha256", ".env.example", "{digest(text)}"]\n' for text in texts).encode()
    done = resolve(Unfinished(stages={ENV: stages}, working={ENV: MARKED, LOCK: facts}, untouched={ENV}), rendered)
    assert (done.texts, len(done.conflicts)) == (({}, 1) if by_hand else ({ENV: b"A=2\n"}, 0))


def test_the_plan_on_top_is_written_over_what_is_in_the_tree() -> None:
    done = Resolution(texts={ENV: b"resolved\n", LOCK: b"[1]\n"}, conflicts=(), notes=("a note",))
    change = Change(path=LOCK, before=b"[1]\n", after=b"[2]\n")
    new = Change(path=OTHER, before=None, after=b"new\n")
    plan = done.complete(Plan(changes=(change, new)), {ENV: MARKED, LOCK: MARKED})
    assert plan.changes == (
        Change(path=ENV, before=MARKED, after=b"resolved\n"),
        Change(path=LOCK, before=MARKED, after=b"[2]\n"),
        new,
    )
    assert plan.notes == ("a note",)


def test_a_resolution_that_is_in_the_tree_is_no_change() -> None:
    done = Resolution(texts={ENV: b"resolved\n"}, conflicts=(), notes=())
    assert done.complete(Plan(changes=()), {ENV: b"resolved\n"}).changes == ()
