"""HCL's values as far as they can be told without bake: literals, templates and variables with a default."""

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.adopt.values import Scope, Unclear

NAMES = """
REG = "ghcr.io/acme"
N = 3
ON = true
LIST = ["a", "b"]
SVC = { name = "api", port = 8000 }
FULL = "${REG}/shop"
ROUND = "${ABOUT}"
ABOUT = "${ROUND}"
"""


def value(expression: str) -> object:
    raw = hcl2.loads(NAMES + f"value = {expression}\n")
    return Scope(raw).lookup("value")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"a"', "a"),
        ('"q\\"\\\\\\n\\u00e9"', 'q"\\\né'),
        ("-2", -2),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ("REG", "ghcr.io/acme"),
        ('"${FULL}:${N}"', "ghcr.io/acme/shop:3"),
        ('"${ON}"', True),
        ('"is ${ON}"', "is true"),
        ('"$${REG} %%{if}"', "${REG} %{if}"),
        ("SVC.name", "api"),
        ('SVC["port"]', 8000),
        ('"x-${SVC["name"]}-y"', "x-api-y"),
        ("LIST[1]", "b"),
        ('[REG, "${N}x"]', ["ghcr.io/acme", "3x"]),
        ('{ a = N, "b" = LIST }', {"a": 3, "b": ["a", "b"]}),
        ('"${"${REG}"}"', "ghcr.io/acme"),
    ],
)
def test_literal(expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "concat(LIST, LIST)",
        'N > 2 ? "a" : "b"',
        '[for x in LIST : "${x}"]',
        "UNKNOWN",
        '"${UNKNOWN}"',
        "ROUND",
        "SVC.missing",
        "LIST[7]",
        '"%{ if ON }a%{ endif }"',
        '"a ${LIST}"',
    ],
)
def test_only_bake_can_tell(expression: str) -> None:
    with pytest.raises(Unclear):
        value(expression)


def test_texts_of_json_have_no_escapes_and_the_same_names() -> None:
    scope = Scope({"TAG": '"a\\"b"', "N": 3}, quoted=False)
    assert scope.value("x\\n-${TAG}") == 'x\\n-a"b'
    assert scope.value("${N}") == 3
    assert scope.literal("${upper(TAG)}") is None


@given(st.text(alphabet='a"\\${}%~[].1(', max_size=30), st.booleans())
def test_any_text_has_a_value_or_none(text: str, quoted: bool) -> None:  # noqa: FBT001  (hypothesis')
    try:
        Scope({"a": '"x"'}, quoted=quoted).value(text)
    except Unclear:
        return


def test_a_thousand_open_braces_are_no_problem() -> None:
    assert Scope({}).literal('"' + "${" * 1000 + "}" * 1000 + '"') is None
