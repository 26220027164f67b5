"""Splices: bytes outside of them survive, overlapping ones are a bug."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.merge.splice import Splice, line_of, newline_of, splice


def test_none_changes_nothing() -> None:
    assert splice(b"abc", []) == b"abc"


def test_any_order() -> None:
    assert splice(b"abcdef", [Splice(4, 6, b"X"), Splice(0, 1, b"Y"), Splice(2, 2, b"Z")]) == b"YbZcdX"


def test_two_insertions_at_one_place_are_both_made() -> None:
    assert sorted(splice(b"ab", [Splice(1, 1, b"x"), Splice(1, 1, b"y")])) == sorted(b"axyb")


@pytest.mark.parametrize("pair", [(Splice(0, 3, b""), Splice(2, 4, b"")), (Splice(3, 2, b""), Splice(5, 5, b""))])
def test_overlap_is_refused(pair: tuple[Splice, Splice]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        splice(b"abcdef", pair)


@given(st.binary(), st.data())
def test_bytes_outside_survive(data: bytes, draw: st.DataObject) -> None:
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=6).filter(lambda found: len(found) % 2 == 0)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=True))
    result = splice(data, [Splice(start, end, b"|") for start, end in pairs])
    kept = [
        data[a:b]
        for a, b in zip([0, *(end for _, end in pairs)], [*(start for start, _ in pairs), len(data)], strict=True)
    ]
    assert result == b"|".join(kept)


@pytest.mark.parametrize(
    ("data", "newline"),
    [
        (b"", b"\n"),
        (b"a", b"\n"),
        (b"a\nb\n", b"\n"),
        (b"a\r\nb", b"\r\n"),
        (b"a\r\nb\r\nc\n", b"\r\n"),
        (b"a\r\nb\n", b"\n"),
    ],
)
def test_newline_of_the_majority(data: bytes, newline: bytes) -> None:
    assert newline_of(data) == newline


def test_line_of_counts_from_one() -> None:
    assert [line_of(b"a\nb\r\nc", offset) for offset in (0, 1, 2, 5, 6)] == [1, 1, 2, 3, 3]
