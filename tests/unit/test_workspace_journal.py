"""A journal says what `dump` was given, or it is refused: nothing that is damaged is acted upon."""

import hashlib
import json
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.errors import RefusalError
from bakegen.plan import Move
from bakegen.workspace.journal import Journal, Step, destination, digest, dump, load, origin

NAME = ".bakegen-0123456789ab-0"
JOURNAL = Journal(
    phase="commit",
    moves=(Move(source=PurePosixPath("a"), target=PurePosixPath("b/c")),),
    steps=(
        Step(path=PurePosixPath("b/c/x"), before=None, after=digest(b""), temporary=PurePosixPath("b/c", NAME)),
        Step(path=PurePosixPath("ö y"), before=digest(b"1"), after=None, temporary=PurePosixPath(NAME)),
    ),
    temporaries=(PurePosixPath("b/c", NAME), PurePosixPath(NAME)),
    folders=(PurePosixPath("a"),),
)


def signed(data: object) -> bytes:
    text = json.dumps(data).encode()
    return text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n"


def test_round_trip() -> None:
    assert load(dump(JOURNAL)) == JOURNAL


def test_there_and_back() -> None:
    back = JOURNAL.reversed((PurePosixPath("b"),))
    assert back.moves == (Move(source=PurePosixPath("b/c"), target=PurePosixPath("a")),)
    assert [(step.path, step.temporary) for step in back.steps] == [
        (PurePosixPath("a/x"), PurePosixPath("a", NAME)),
        (PurePosixPath("ö y"), PurePosixPath(NAME)),
    ]
    for step in JOURNAL.steps:
        assert destination(origin(step.path, JOURNAL.moves), JOURNAL.moves) == step.path


@given(st.data())
def test_any_damage_is_seen(data: st.DataObject) -> None:
    good = dump(JOURNAL)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, len(good)))
    bad = good[:start] + data.draw(st.binary(max_size=5)) + good[end:]
    if bad != good:
        with pytest.raises(RefusalError, match="cannot be read"):
            load(bad)


@given(st.binary())
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(RefusalError):
        load(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("commit"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.fixed_dictionaries(dict.fromkeys(("version", "phase", "moves", "steps", "temporaries", "folders"), JSON)))
def test_any_facts_are_refused_even_with_the_right_sum(facts: dict[str, object]) -> None:
    with pytest.raises(RefusalError):
        load(signed(facts | {"version": 1, "phase": "prepare", "temporaries": [facts["temporaries"]]}))


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", ".", "a//b", "a/", "a\0", 1, None])
def test_paths_stay_inside(path: object) -> None:
    facts = {"version": 1, "phase": "commit", "moves": [], "steps": [], "temporaries": [], "folders": []}
    for wrong in (
        {"folders": [path]},
        {"moves": [[path, "b"]]},
        {"temporaries": [f"{path}/{NAME}" if isinstance(path, str) and len(path) > 3 else path]},
        {"steps": [[path, None, None, NAME]]},
    ):
        with pytest.raises(RefusalError):
            load(signed(facts | wrong))
    assert load(signed(facts)).phase == "commit"


@pytest.mark.parametrize("name", ["precious", ".bakegen", ".bakegen-0123456789ab-0.txt", "b/.bakegen-0123456789ab-0"])
def test_only_own_temporary_files_are_removed(name: str) -> None:
    facts = {"version": 1, "phase": "commit", "moves": [], "temporaries": [], "folders": []}
    with pytest.raises(RefusalError):
        load(signed(facts | {"steps": [["a", None, None, name]]}))
