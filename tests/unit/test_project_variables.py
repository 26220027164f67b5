"""Variables of bakegen.toml set and taken out by spans, with their table."""

import pytest

from bakegen import project_file
from bakegen.errors import RefusalError
from bakegen.stack import Variable
from tests.unit.test_project_edit import HEAD, ONE, TEXT, check_edit, check_refused, variable


def test_variable_is_replaced() -> None:
    new = variable("LOG_LEVEL", Variable(name="LOG_LEVEL", value="debug"))
    check_edit(new, TEXT, ("'info' # or", '"debug" # or'))


def test_variable_that_is_there_keeps_its_spelling() -> None:
    assert variable("LOG_LEVEL", Variable(name="LOG_LEVEL", value="info")) == TEXT.encode()


def test_new_variables_are_sorted_in() -> None:
    line = "LOG_LEVEL = 'info' # or debug\n"
    first = variable("A", ONE)
    check_edit(first, TEXT, ("[services.api.env]\n", '[services.api.env]\nA = "1"\n'))
    secret = Variable(name="Z", secret=True, description='a "key"')
    last = variable("Z", secret)
    check_edit(last, TEXT, (line, line + 'Z = { secret = true, description = "a \\"key\\"" }\n'))


def test_first_variable_makes_the_table() -> None:
    needs = 'needs = ["api", "redis"]\n'
    table = '[services.web.env]\nA = "1"\n'
    check_edit(variable("A", ONE, owner="web"), TEXT, (needs, needs + table))
    check_edit(
        variable("A", ONE, TEXT.removesuffix("\n"), "web"), TEXT.removesuffix("\n"), (needs[:-1], needs + table[:-1])
    )
    other = f"{TEXT}# port = 1\n\n# of cron\n[services.x]\nstack = 'python-worker'\npath = 'x'\n"
    check_edit(variable("A", ONE, other, "web"), other, ("# port = 1\n", f"# port = 1\n{table}"))


def test_last_variable_takes_the_table_along() -> None:
    text = TEXT.replace(" # or debug", "")
    check_edit(variable("LOG_LEVEL", None, text), text, ("[services.api.env]\nLOG_LEVEL = 'info'\n", ""))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LOG_LEVEL =", "# how much\n\nLOG_LEVEL ="),
        ("[services.api.env]", "# on every host\n[services.api.env]"),
        ("[services.api.env]", "[services.api.env] # on every host"),
    ],
)
def test_comment_in_the_table_keeps_it(old: str, new: str) -> None:
    text = TEXT.replace(" # or debug", "").replace(old, new)
    check_edit(variable("LOG_LEVEL", None, text), text, ("LOG_LEVEL = 'info'\n", ""))


def test_variable_with_a_comment_goes_with_it_or_not_at_all() -> None:
    with pytest.raises(RefusalError, match="`LOG_LEVEL` has a comment of your own"):
        variable("LOG_LEVEL", None)
    gone = project_file.set_variable(TEXT.encode(), "api", "LOG_LEVEL", None, discard=True)
    check_edit(gone, TEXT, ("[services.api.env]\nLOG_LEVEL = 'info' # or debug\n", ""))


def test_variable_that_is_not_there_cannot_go() -> None:
    assert variable("A", None) == TEXT.encode()
    assert variable("A", None, owner="web") == TEXT.encode()


@pytest.mark.parametrize("inline", ["env = { B = '1' }\n", "env.B = '1'\n"])
def test_variables_in_one_line(inline: str) -> None:
    text = f'{HEAD}\n[services.api]\nstack = "fastapi"\npath = "services/api"\n{inline}'
    hint = "write it as a table of its own: [services.api.env]"
    check_refused(text, inline, "the variables of api stand in one line", hint, lambda text: variable("A", ONE, text))
