"""JavaScript without comments and what strings say: each character stays at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.reads.masking import end, masked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a // b\nc", "a     \nc"),
        ("a /* b\n*/ c", "a     \n   c"),
        ("<!-- a --> b", "           b"),
        ("'//' + a // b", '"//" + a     '),
        ("'it is' + a", '"     " + a'),
        ("x['NAME'] + \"$env/static/private\"", 'x["NAME"] + "$env/static/private"'),
        ("`a ${b} c ${d['E']}`", '   ${b}   ${d["E"]} '),
        ("`a\n'` + b", "  \n   + b"),
        ("x = /['`]/.test(a) + b / c / d", "x =       .test(a) + b / c / d"),
        ("<p>Don't</p>\n{a}", "<p>Don't</p>\n{a}"),
        ('"a\\" b" + c', '"     " + c'),
    ],
)
def test_masked(text: str, left: str) -> None:
    assert masked(text) == left


@given(st.text(alphabet="a'\"`/*#${}\\\n <!->=("))
def test_any_text_keeps_its_places(text: str) -> None:
    found = masked(text)
    assert [len(line) for line in found.split("\n")] == [len(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("f(a, b), c", "f(a, b)"),
        ("a[1])", "a[1]"),
        ("a; b", "a"),
        ("a\nb", "a"),
        ("f(\n  a,\n)\nb", "f(\n  a,\n)"),
        ("a\n  .b()\n  .c(), d", "a\n  .b()\n  .c()"),
        ("a", "a"),
    ],
)
def test_where_an_expression_ends(text: str, rest: str) -> None:
    assert text[: end(text, 0)] == rest
