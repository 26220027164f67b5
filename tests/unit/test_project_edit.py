"""Keys, processes and lists of bakegen.toml set by spans: one place changes, every other byte stays."""

from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from bakegen import project_file
from bakegen.errors import RefusalError, UserError
from bakegen.stack import Variable
from tests.world import TOML, rendered, scaffold

HEAD = rendered(scaffold())[TOML].text.decode()
API = """
# what customers talk to
[services.api]  # ours
stack = "fastapi"
path    = 'services/api'  # by hand
port = 8_000 # inside

# outside
publish = 8000
health = "/health"
[services.api.env]
LOG_LEVEL = 'info' # or debug
"""
WEB = """
[services.web]
stack = "nextjs"
path = "services/web"
needs = ["api", "redis"]
"""
TEXT = HEAD + API + WEB
ONE = Variable(name="A", value="1")


def check_edit(edited: bytes, before: str, *changes: tuple[str, str]) -> None:
    """Exactly these pieces of the text are replaced, each of which is there once."""
    for old, new in changes:
        assert before.count(old) == 1, old
        before = before.replace(old, new)
    assert edited.decode() == before


def check_set(name: str, key: str, value: object, old: str, new: str, text: str = TEXT) -> None:
    """Setting the key makes `new` of `old`, whatever the newlines are, with or without a BOM."""
    for newline in ("\n", "\r\n"):
        for bom in ("", "\ufeff"):
            spelled = [bom + text.replace("\n", newline), old.replace("\n", newline), new.replace("\n", newline)]
            check_edit(
                project_file.set_key(spelled[0].encode(), name, key, value), spelled[0], (spelled[1], spelled[2])
            )


def variable(name: str, value: Variable | None, text: str = TEXT, owner: str = "api") -> bytes:
    return project_file.set_variable(text.encode(), owner, name, value)


def check_refused(text: str, line: str, message: str, hint: str, edit: Callable[[str], bytes]) -> None:
    with pytest.raises(RefusalError) as caught:
        edit(text)
    number = text[: text.index(line)].count("\n") + 1
    assert (caught.value.message, caught.value.where, caught.value.hint) == (message, f"bakegen.toml:{number}", hint)


def set_port(text: str) -> bytes:
    return project_file.set_key(text.encode(), "api", "port", 9000)


# Keys of a service.


def test_value_is_replaced_and_its_comment_stays() -> None:
    check_set("api", "port", 9000, "port = 8_000 # inside", "port = 9000 # inside")
    check_set("api", "health", "/up", '"/health"', '"/up"')
    check_set("web", "needs", ["redis"], '["api", "redis"]', '["redis"]')


@pytest.mark.parametrize(("key", "value"), [("port", 8000), ("path", "services/api"), ("health", "/health")])
def test_same_value_keeps_its_spelling(key: str, value: object) -> None:
    assert project_file.set_key(TEXT.encode(), "api", key, value) == TEXT.encode()


def test_key_goes() -> None:
    check_set("api", "health", None, 'health = "/health"\n', "")


@pytest.mark.parametrize(
    ("key", "old"), [("port", "port = 8_000 # inside\n"), ("publish", "# outside\npublish = 8000\n")]
)
def test_key_with_a_comment_goes_with_it_or_not_at_all(key: str, old: str) -> None:
    message = f"`{key}` has a comment of your own, which would go with it"
    hint = "say --discard-edits to let it go, or take the line out by hand and run: bakegen sync"
    check_refused(TEXT, f"{key} =", message, hint, lambda text: project_file.set_key(text.encode(), "api", key, None))
    check_edit(project_file.set_key(TEXT.encode(), "api", key, None, discard=True), TEXT, (old, ""))


@pytest.mark.parametrize(
    "above", ["# of the port\n\n", "[services.api] # ours\n", 'path = """\n# services"""\n', "path = [\n  # x\n]\n"]
)
def test_comment_of_something_else_stays(above: str) -> None:
    text = f"[services.api]\n{above}port = 1\n".replace("[services.api]\n[", "[")
    check_edit(project_file.set_key(text.encode(), "api", "port", None), text, ("port = 1\n", ""))


def test_key_that_is_not_there_cannot_go() -> None:
    assert project_file.set_key(TEXT.encode(), "web", "port", None) == TEXT.encode()


def test_new_key_goes_to_its_place() -> None:
    check_set("web", "port", 3000, 'path = "services/web"\n', 'path = "services/web"\nport = 3000\n')
    check_set("web", "target", "x", '["api", "redis"]\n', '["api", "redis"]\ntarget = "x"\n')
    check_set("api", "needs", ["redis"], '"/health"\n', '"/health"\nneeds = ["redis"]\n')


def test_last_line_without_a_newline() -> None:
    text = TEXT.removesuffix("\n")
    needs = 'needs = ["api", "redis"]'
    check_set("web", "target", "x", needs, f'{needs}\ntarget = "x"', text)
    check_set("web", "needs", [], needs, "needs = []", text)


def test_long_list_has_one_item_a_line() -> None:
    names = [f"service-with-a-long-name-{number}" for number in range(4)]
    lines = "".join(f'  "{name}",\n' for name in names)
    check_set("web", "needs", names, '["api", "redis"]', f"[\n{lines}]")
    check_set("web", "needs", None, f"needs = [\n{lines}]\n", "", TEXT.replace('["api", "redis"]', f"[\n{lines}]"))


def test_comments_in_a_list_are_not_lost() -> None:
    text = TEXT.replace('["api", "redis"]', '[\n  "redis", # cache\n]')
    message, hint = "there are comments in the list `needs`", "put them above the list"
    check_refused(
        text, "needs = [", message, hint, lambda text: project_file.set_key(text.encode(), "web", "needs", ["api"])
    )


def test_service_in_one_line() -> None:
    text = f'{HEAD}\n[services]\napi = {{ stack = "fastapi", path = "services/api" }}\n'
    hint = "write it as a table: [services.api]"
    check_refused(text, "api = {", "[services.api] is not a table of its own", hint, set_port)


def test_dotted_service() -> None:
    text = f'{HEAD}\n[services]\napi.stack = "fastapi"\napi.path = "services/api"\n'
    hint = "write it as a table: [services.api]"
    check_refused(text, "api.stack", "[services.api] is not a table of its own", hint, set_port)
    table = text.replace("[services]", "[services.api]").replace("api.stack", "stack").replace("api.path", "path")
    assert project_file.set_key(table.encode(), "api", "port", 9000).endswith(b"port = 9000\n")


def test_text_that_is_not_utf_8() -> None:
    with pytest.raises(UserError, match="a value is not UTF-8 text"):
        project_file.set_key(TEXT.encode(), "api", "health", "/\udcff")
    with pytest.raises(UserError, match="a value is not UTF-8 text"):
        variable("A", Variable(name="A", value="\udcff"))


# Processes.

PROCESSES = """[services.api.build_args]
INDEX = "x"
[services.api.processes]  # beside it
beat = 'run beat'
mail = "run mail"  # on its own
"""


def process(name: str, command: str | None, *, discard: bool = False, text: str = TEXT) -> bytes:
    return project_file.set_key(text.encode(), "api", f"processes.{name}", command, discard=discard)


def test_a_process_has_its_sorted_place() -> None:
    text = TEXT.replace("[services.api.env]", PROCESSES + "[services.api.env]")
    check_edit(process("clean", "sh -c 'a'", text=text), text, ("mail =", """clean = "sh -c 'a'"\nmail ="""))
    check_edit(process("beat", "run", text=text), text, ("'run beat'", '"run"'))
    check_edit(process("beat", None, text=text), text, ("beat = 'run beat'\n", ""))
    check_edit(process("mail", None, text=text, discard=True), text, ('mail = "run mail"  # on its own\n', ""))
    check_refused(
        text,
        "mail =",
        "`mail` has a comment of your own, which would go with it",
        "say --discard-edits to let it go, or take the line out by hand and run: bakegen sync",
        lambda text: process("mail", None, text=text),
    )


def test_the_table_of_processes_comes_with_the_first_and_goes_with_the_last() -> None:
    table = '[services.api.processes]\nmail = "run"\n'
    check_edit(process("mail", "run"), TEXT, ("[services.api.env]", table + "[services.api.env]"))
    check_edit(process("mail", None, text=process("mail", "run").decode()), TEXT)
    assert process("mail", None) == TEXT.encode()
    built = TEXT.replace("[services.api.env]", '[services.api.build_args]\nINDEX = "x"\n[services.api.env]')
    check_edit(process("mail", "run", text=built), built, ("[services.api.env]", table + "[services.api.env]"))


def test_processes_in_one_line_are_refused() -> None:
    text = TEXT.replace("[services.api.env]", 'processes = { beat = "run" }\n[services.api.env]')
    check_refused(
        text,
        "processes =",
        "the processes of api stand in one line",
        "write it as a table of its own: [services.api.processes]",
        lambda text: process("mail", "run", text=text),
    )


# Lists of the project.


def test_list_comes_and_goes() -> None:
    paths = [PurePosixPath("compose.yaml"), PurePosixPath(".gitattributes")]
    listed = project_file.with_items(TEXT.encode(), "unmanaged", paths)
    cache = 'cache = "gha"\n'
    check_edit(listed, TEXT, (cache, cache + 'unmanaged = [".gitattributes", "compose.yaml"]\n'))
    assert project_file.with_items(listed, "unmanaged", paths[:1]) == listed
    one = project_file.without_items(listed, "unmanaged", paths[:1])
    check_edit(one, listed.decode(), ('[".gitattributes", "compose.yaml"]', '[".gitattributes"]'))
    assert project_file.without_items(one, "unmanaged", paths) == TEXT.encode()
    assert project_file.without_items(TEXT.encode(), "adopted", paths) == TEXT.encode()


def test_list_with_a_comment_becomes_empty() -> None:
    text = TEXT.replace(
        'cache = "gha"\n', 'cache = "gha"\n# the platform team writes it\nunmanaged = ["compose.yaml"]\n'
    )
    emptied = project_file.without_items(text.encode(), "unmanaged", [PurePosixPath("compose.yaml")])
    check_edit(emptied, text, ('["compose.yaml"]', "[]"))
