"""Keys, variables, lists and names of bakegen.toml set by spans: one place changes, every other byte stays."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import project_document, project_file, project_reader, project_rename, project_text
from bakegen.errors import RefusalError, UserError
from bakegen.model import Build, Project, Service
from bakegen.stack import Variable
from tests.world import CATALOG, TOML, rendered, scaffold

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


# Variables.


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


# Names.


def test_rename_changes_headers_needs_and_path() -> None:
    renamed = project_rename.rename(TEXT.encode(), "api", "back", "services/back")
    check_edit(
        renamed,
        TEXT,
        ("[services.api]", "[services.back]"),
        ("[services.api.env]", "[services.back.env]"),
        ("'services/api'", "'services/back'"),
        ('"api", "redis"', '"back", "redis"'),
    )


def test_paths_below_a_renamed_folder_go_along() -> None:
    listed = 'unmanaged = [\n  "services/api/Dockerfile", # mine\n  "services/api2/Dockerfile",\n]\n'
    build = 'context = "services/api"\ndockerfile = "services/api/Dockerfile.prod"\n'
    own = f'\n[services.web]\nstack = "dockerfile"\npath = "apps/web"\n{build}'
    before = HEAD.replace('cache = "gha"\n', f'cache = "gha"\n{listed}') + API + own
    renamed = project_rename.rename(before.encode(), "api", "b", "back")
    check_edit(
        renamed,
        before,
        ("[services.api]", "[services.b]"),
        ("[services.api.env]", "[services.b.env]"),
        ("'services/api'", "'back'"),
        ('"services/api"', '"back"'),
        ('"services/api/Dockerfile"', '"back/Dockerfile"'),
        ('"services/api/Dockerfile.prod"', '"back/Dockerfile.prod"'),
    )
    assert project_rename.rename(renamed, "b", "api", "services/api") == before.encode()


def test_renamed_block_moves_with_its_comments() -> None:
    renamed = project_rename.rename(TEXT.encode(), "api", "z").decode()
    api = API.replace("services.api", "services.z")
    assert renamed == HEAD + WEB.replace('"api"', '"z"') + api
    assert project_rename.rename(renamed.encode(), "z", "api").decode() == TEXT


def test_unsorted_blocks_stay_where_they_are() -> None:
    text = HEAD + WEB + API
    renamed = project_rename.rename(text.encode(), "api", "x")
    assert renamed.decode() == HEAD + WEB.replace('"api"', '"x"') + API.replace("services.api", "services.x")


@pytest.mark.parametrize("header", ["[ services . api ]", '[services."api"]', "['services'.'api']"])
def test_any_spelling_of_a_header_is_renamed(header: str) -> None:
    text = TEXT.replace("[services.api]", header)
    renamed = project_rename.rename(text.encode(), "api", "b")
    assert project_document.values(renamed)["services"]["b"]["port"] == 8000
    assert renamed.decode().count("api") == text.count("api") - 3


@pytest.mark.parametrize("name", ["env", "services", "needs", "path"])
def test_names_that_are_words_of_the_file(name: str) -> None:
    text = TEXT.replace("services.api", f"services.{name}").replace('"api"', f'"{name}"')
    renamed = project_rename.rename(text.encode(), name, "b")
    assert renamed.decode() == TEXT.replace("services.api", "services.b").replace('"api"', '"b"')


def test_dotted_service_cannot_be_renamed() -> None:
    text = f'{HEAD}\n[services]\napi.stack = "fastapi"\napi.path = "services/api"\n'
    with pytest.raises(RefusalError, match=r"\[services.api\] cannot be renamed in this bakegen.toml"):
        project_rename.rename(text.encode(), "api", "b")


# Any file, any edit.

GAPS = st.sampled_from(["", "\n", "\n\n", "# note\n", "\n# x\n\n", "  # y\n"])
KEYS = {
    "port": st.none() | st.integers(1, 65535),
    "publish": st.none() | st.integers(1, 65535),
    "health": st.none() | st.from_regex(r"/[a-z#\"']{0,4}", fullmatch=True),
    "needs": st.none() | st.lists(st.sampled_from(["a", "redis", "x" * 30, "y" * 40]), unique=True),
    "target": st.none() | st.just("dev"),
}
VALUES = st.text("a#\"'\\=[]{} é", max_size=8)
VARIABLES = st.builds(
    lambda value, secret, description: Variable(name="", value=value, secret=secret, description=description),
    VALUES,
    st.booleans(),
    VALUES,
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A bakegen.toml with services a to d in any order, spacing, newlines and keys, with comments anywhere."""
    text = HEAD + draw(GAPS)
    for name in draw(st.just("abcd") | st.permutations("abcd")):
        lines = [f"[services.{name}]", 'stack = "dockerfile"', f"path = 'services/{name}'"]
        for key, value in draw(st.fixed_dictionaries(KEYS)).items():
            lines += [] if value is None else [f"{key}  = {project_text.value_text(value)}"]
        if draw(st.booleans()):
            lines.append(f"[services.{name}.env]")
            lines += [f"{each} = '{each}'" for each in draw(st.permutations("ABC"))[: draw(st.integers(0, 3))]]
        text += "".join(f"{line}{draw(st.sampled_from(['', ' # end']))}\n{draw(GAPS)}" for line in lines)
    text = text.removesuffix("\n") if draw(st.booleans()) else text
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


def comments(data: bytes) -> list[bytes]:
    return [line.strip() for line in data.splitlines() if line.strip().startswith(b"#")]


def check_rest(before: bytes, after: bytes, most: int = 1) -> None:
    """All comments and all but `most` lines are as they were; newlines are of one kind."""
    assert comments(after) == comments(before)
    assert after.count(b" # end") == before.count(b" # end")
    old, new = before.splitlines(), after.splitlines()
    assert sum(line not in new for line in old) <= most
    assert (b"\r" in after) == (b"\r" in before)
    assert after.count(b"\r\n") in {0, after.count(b"\n")}


@given(files(), st.sampled_from("abcd"), st.sampled_from(sorted(KEYS)), st.data())
def test_any_key_of_any_file(data: bytes, name: str, key: str, draw: st.DataObject) -> None:
    value = draw.draw(KEYS[key])
    kept = True
    try:
        after = project_file.set_key(data, name, key, value)
    except RefusalError:
        assert value is None
        kept, after = False, project_file.set_key(data, name, key, value, discard=True)
    expected = project_document.values(data)
    if value is None:
        expected["services"][name].pop(key, None)
    else:
        expected["services"][name][key] = value
    assert project_document.values(after) == expected
    if kept:
        check_rest(data, after)
    assert project_file.set_key(after, name, key, value) == after


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


@given(files(), st.sampled_from("abcd"), st.sampled_from("ABCZ"), st.none() | VARIABLES)
def test_any_variable_of_any_file(data: bytes, name: str, key: str, value: Variable | None) -> None:
    kept = True
    try:
        after = project_file.set_variable(data, name, key, value)
    except RefusalError:
        assert value is None
        kept, after = False, project_file.set_variable(data, name, key, value, discard=True)
    expected = project_document.values(data)["services"]
    env = expected[name].setdefault("env", {})
    if value is None:
        env.pop(key, None)
    else:
        env[key] = project_text.env_answer(value)
    read = project_document.values(after)["services"]
    read[name].setdefault("env", {})
    assert read == expected
    if kept:
        check_rest(data, after, most=2 if value is None else 1)
    assert project_file.set_variable(after, name, key, value) == after


@given(files(), st.sampled_from("abcd"), st.sampled_from(["0", "bb", "z"]))
def test_any_rename_there_and_back(data: bytes, old: str, new: str) -> None:
    renamed = project_rename.rename(data, old, new, f"services/{new}")
    assert sorted(comments(renamed)) == sorted(comments(data))
    assert set(project_document.values(renamed)["services"]) == {*"abcd", new} - {old}
    back = project_rename.rename(renamed, new, old, f"services/{old}")
    assert sorted(back.split()) == sorted(data.split())
    order = re.findall(rb"\[services\.(.)\]", data)
    if order == sorted(order):
        assert back == data


# What a lock says of a project.

BUILDS = st.builds(
    Build,
    context=st.none() | st.sampled_from([".", "docker"]),
    dockerfile=st.none() | st.just(PurePosixPath("docker/any.Dockerfile")),
    target=st.none() | st.just("dev"),
)
ENVS = st.dictionaries(st.sampled_from("ABC"), VARIABLES, max_size=3)


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """A possible project: services that need only backing services and those before them."""
    project = scaffold(description=draw(VALUES))
    paths = st.sets(st.sampled_from([PurePosixPath("compose.yaml"), PurePosixPath("a/b")])).map(sorted).map(tuple)
    project = replace(project, unmanaged=draw(paths), adopted=draw(paths))
    for name in draw(st.lists(st.sampled_from(["a", "b-c", "d", "z1"]), unique=True)):
        needs = draw(st.sets(st.sampled_from(["postgres", "redis", *(each.name for each in project.services)])))
        stack = draw(st.sampled_from(sorted(CATALOG.stacks)))
        env = draw(ENVS).items()
        service = Service(
            name=name,
            stack=CATALOG.stacks[stack],
            path=PurePosixPath("services", name),
            slug=project.slug,
            port=draw(st.integers(1, 65535)),
            publish=draw(st.none() | st.integers(1, 65535)),
            health=draw(st.none() | st.just("/up")),
            needs=tuple(sorted(needs)),
            env=tuple(replace(item, name=key, value="" if item.secret else item.value) for key, item in sorted(env)),
            build=draw(BUILDS) if stack == "dockerfile" else Build(),
        )
        project = project.with_service(service)
    return project


@given(projects())
def test_answers_of_a_lock_are_the_project(project: Project) -> None:
    services = {each.name: project_file.service_answers(each) for each in project.services}
    given, kept = json.loads(json.dumps([project_file.project_answers(project), services]))
    assert project_reader.from_answers(given, kept, CATALOG) == project
