"""What holds for every merge, whatever the texts: nothing of ours is touched without a reason, and nothing fails."""

from itertools import pairwise
from pathlib import PurePosixPath
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.merge import Conflicted, Merged, merge
from bakegen.merge.file import SUFFIXES, format_of
from bakegen.merge.tree import NotUnderstood
from bakegen.service import Request
from tests.edits import edits
from tests.grammar_yaml import Writer
from tests.spans import check_tree
from tests.world import World

NAMES = (*(f"x{suffix}" if suffix != ".env" else ".env.example" for suffix in sorted(SUFFIXES)), "Dockerfile")
STEPS = [
    World.new(requests=[Request(name=name, stack=stack) for name, stack in services]).files
    for services in (
        (),
        (("api", "fastapi"),),
        (("api", "fastapi"), ("web", "nextjs")),
        (("api", "fastapi"), ("web", "nextjs"), ("worker", "python-worker")),
    )
]
SHARED = sorted(
    path
    for path in STEPS[-1]
    if path.name != "bakegen.lock" and all(path in files for files in STEPS) and STEPS[0][path] != STEPS[-1][path]
)
ANY = st.binary(max_size=200) | st.text(st.sampled_from("ab {}[]\"=:,#-\n\t\\$|>&*!'%/<>0"), max_size=80).map(
    str.encode
)


def is_part_of(part: bytes, whole: bytes) -> bool:
    """Whether the lines of one text are in another, in order, a comma that came or went behind an item aside."""
    lines = iter(line.strip().removesuffix(b",") for line in whole.splitlines())
    return all(any(line.strip().removesuffix(b",") == other for other in lines) for line in part.splitlines())


def check_scanned(path: PurePosixPath, data: bytes) -> None:
    """A tree whose spans are right, or a place in the file and a hint."""
    form = format_of(path)
    try:
        root = form.scan(data) if form is not None else None
    except NotUnderstood as error:
        refusal = error
    else:
        if root is not None:
            check_tree(data, root)
        return
    assert 0 <= refusal.offset <= len(data)
    assert refusal.hint


@given(st.data(), st.sampled_from(SHARED), st.integers(0, 3), st.integers(0, 3))
def test_one_side_alone(data: st.DataObject, path: PurePosixPath, one: int, other: int) -> None:
    base, theirs = STEPS[one][path], STEPS[other][path]
    _, ours = data.draw(edits(path, base))
    assert merge(path, base, base, theirs) == Merged(text=theirs)
    assert merge(path, base, ours, base) == Merged(text=ours)
    assert merge(path, base, ours, ours) == Merged(text=ours)
    assert merge(path, None, ours, ours) == Merged(text=ours)


@given(st.data(), st.sampled_from(SHARED), st.integers(0, 2))
def test_what_is_only_added_leaves_every_line_of_ours_in_its_order(
    data: st.DataObject, path: PurePosixPath, step: int
) -> None:
    base, theirs = STEPS[step][path], STEPS[step + 1][path]
    if not is_part_of(base, theirs):  # the first service takes the place of an empty list
        return
    _, ours = data.draw(edits(path, base))
    done = merge(path, base, ours, theirs)
    if isinstance(done, Merged):
        assert is_part_of(ours, done.text)


@given(st.data(), st.sampled_from(SHARED), st.integers(0, 2), st.sampled_from((0, 1)))
def test_markers_hold_both_sides_and_a_favour_leaves_no_conflict(
    data: st.DataObject, path: PurePosixPath, step: int, back: int
) -> None:
    base, theirs = (STEPS[step + back][path], STEPS[step + 1 - back][path])
    _, ours = data.draw(edits(path, base))
    done = merge(path, base, ours, theirs)
    if isinstance(done, Conflicted):
        assert done.conflicts
        for mark in (b"<<<<<<< ours", b"||||||| base", b"=======", b">>>>>>> theirs"):
            assert mark in done.marked
        for conflict in done.conflicts:
            for side in (conflict.ours, conflict.theirs):
                assert is_part_of(side or b"", done.marked)
    assert not isinstance(merge(path, base, ours, theirs, favor="ours"), Conflicted)
    assert not isinstance(merge(path, base, ours, theirs, favor="theirs"), Conflicted)


@given(st.sampled_from(NAMES), ANY, ANY, ANY)
def test_any_bytes_give_an_outcome(name: str, base: bytes, ours: bytes, theirs: bytes) -> None:
    merge(PurePosixPath(name), base, ours, theirs)
    merge(PurePosixPath(name), base, ours, theirs, known=False)


@given(st.sampled_from(NAMES), ANY)
def test_any_bytes_give_a_tree_or_a_refusal(name: str, data: bytes) -> None:
    check_scanned(PurePosixPath(name), data)


@given(st.data(), st.sampled_from(SHARED))
def test_damaged_files_give_a_tree_or_a_refusal(data: st.DataObject, path: PurePosixPath) -> None:
    _, text = data.draw(edits(path, STEPS[-1][path]))
    check_scanned(path, text)


@pytest.mark.parametrize("seed", range(20))
def test_yaml_of_any_style_takes_an_item(seed: int) -> None:
    """A new entry at the end of a file with anchors, comments and odd layouts: every other line stays."""
    path = PurePosixPath("compose.yaml")
    ours = Writer(Random(seed)).file()
    theirs = ours + (b"" if ours.endswith(b"\n") else b"\n") + b"zz_new: 1\n"
    done = merge(path, ours, b"# mine\n" + ours, theirs)
    if isinstance(done, Merged):
        assert is_part_of(ours, done.text)


@pytest.mark.parametrize("name", NAMES)
def test_huge_and_hostile_inputs_come_to_an_end(name: str) -> None:
    for text in (
        b"[" * 5000,
        b"{" * 5000,
        b"a: " * 5000,
        b'"' * 5001,
        b"# x\n" * 20000,
        b"a=1\n" * 5000,
        b" " * 100000,
    ):
        merge(PurePosixPath(name), text, text + b"x", b"y" + text)


def test_steps_are_steps() -> None:
    assert len(SHARED) > 4
    assert all(len(one) <= len(other) for one, other in pairwise(STEPS))
