"""bakegen.toml read: what is no TOML or no table of ours is an error with its line and a way out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import keys, project_reader
from bakegen.errors import UserError
from tests.world import CATALOG

PROJECT = """\
[project]
name = "Shop"
slug = "shop"
repository = "https://github.com/acme/shop"
images = "ghcr.io/acme/shop"
"""
VERSIONS = """
[versions]
node = "24"
python = "3.13"
"""
SERVICE = """
[services.api]
stack = "fastapi"
path = "services/api"
port = 8000
"""
GOOD = PROJECT + VERSIONS + SERVICE


def named(name: str) -> str:
    return SERVICE.replace("services.api", f"services.{name}").replace("services/api", f"services/{name}")


def check_error(text: str | bytes, where: str, message: str, hint: str = "") -> None:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(UserError) as caught:
        project_reader.load(data, CATALOG)
    found = caught.value
    assert (found.where.removeprefix("bakegen.toml"), found.message, found.hint) == (where, message, hint)
    assert found.where.startswith("bakegen.toml")
    assert found.code == 2


def test_defaults() -> None:
    project = project_reader.load(GOOD.encode(), CATALOG)
    assert (project.description, project.platforms, project.cache) == ("", ("linux/amd64", "linux/arm64"), "gha")
    service = project.service("api")
    assert (service.publish, service.health, service.needs, service.env) == (None, None, (), ())


def test_order_has_no_meaning() -> None:
    other = named("b")
    first = project_reader.load((GOOD + other).encode(), CATALOG)
    swapped = project_reader.load((other + SERVICE + VERSIONS + PROJECT).encode(), CATALOG)
    assert first == swapped
    assert [service.name for service in swapped.services] == ["api", "b"]


def test_crlf_and_bom_read_the_same() -> None:
    crlf = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert project_reader.load(crlf, CATALOG) == project_reader.load(GOOD.encode(), CATALOG)


# What is not TOML.


RULES = "put right what stands there; https://toml.io has the rules"


@pytest.mark.parametrize(
    ("data", "where", "message"),
    [
        (b"x = \n", ":1", "Invalid value"),
        (b"[project]\nname = 'a\n", ":2", 'Expected "\'"'),
        (b"[project\n", ":1", "Expected ']' at the end of a table declaration"),
        (b"[project]\nname = 'a'\nname = 'b'\n", ":3", "Cannot overwrite a value"),
        (b"x = '\x00'\n", ":1", "Found invalid character '\\x00'"),
    ],
)
def test_not_toml(data: bytes, where: str, message: str) -> None:
    check_error(data, where, f"not valid TOML: {message}", RULES)


@pytest.mark.parametrize("mark", ["<<<<<<< ours", "=======", ">>>>>>> theirs"])
def test_conflict_markers(mark: str) -> None:
    hint = "a merge was left half done: while git has it open, bakegen sync; else choose between its sides and delete the marks"
    check_error(f"{GOOD}{mark}\n", ":15", "not valid TOML: Invalid statement", hint)


def test_brackets_without_end() -> None:
    hint = "nothing in it needs more than three levels of brackets"
    check_error(f"{GOOD}\nx = {'[' * 5000}", ":16", "the file is nested too deeply", hint)
    check_error(f"{GOOD}\nx = {'{a=' * 5000}", ":16", "the file is nested too deeply", hint)


def test_numbers_without_end() -> None:
    check_error(f"{GOOD}x = 1{'0' * 5000}", ":15", "not valid TOML: a number is too long", "shorten it")


@pytest.mark.parametrize("filling", [b"#", b"#\n", b"[", b"\xff", b"x = 1\n"])
def test_huge_files_are_not_even_read(filling: bytes) -> None:
    data = GOOD.encode() + filling * (10_000_000 // len(filling))
    hint = "bakegen reads at most 4 MB: take out what is not about services"
    check_error(data, ":1", "the file is too large: 10.0 MB", hint)


def test_end_of_file_too_early() -> None:
    with pytest.raises(UserError, match=r"not valid TOML: .+") as caught:
        project_reader.load(GOOD.encode() + b"x = '''\n\n", CATALOG)
    assert caught.value.where == "bakegen.toml:15"


def test_not_utf_8() -> None:
    check_error(b"[project]\nname = '\xff'\n", ":2", "the file is not UTF-8", "save it as UTF-8")


def test_utf_16() -> None:
    check_error(GOOD.encode("utf-16"), ":1", "the file is not UTF-8", "save it as UTF-8")


# Keys and types.


def test_unknown_table() -> None:
    check_error(f"{GOOD}\n[service.web]\n", ":16", "unknown key: service", "did you mean services?")


def test_unknown_key_close_to_a_known_one() -> None:
    check_error(f"{GOOD}prot = 1\n", ":15", "unknown key: services.api.prot", "did you mean port?")


def test_unknown_key_close_to_none() -> None:
    known = [*keys.SERVICE, *keys.options(CATALOG.stack("fastapi"))]
    check_error(f"{GOOD}zzz = 1\n", ":15", "unknown key: services.api.zzz", f"known keys: {', '.join(known)}")


def test_unknown_key_in_dotted_and_inline_tables() -> None:
    check_error(f"{GOOD}env.A.values = 1\n", ":15", "unknown key: services.api.env.A.values", "did you mean value?")
    check_error(
        f"{GOOD}env = {{ A = {{ values = 1 }} }}\n",
        ":15",
        "unknown key: services.api.env.A.values",
        "did you mean value?",
    )


def test_nothing_at_all() -> None:
    check_error("", ":1", "missing key: project.name", 'for example: name = "Shop"')


def test_missing_keys_point_to_their_table() -> None:
    text = GOOD.replace('stack = "fastapi"\n', "")
    check_error(text, ":11", "missing key: services.api.stack", 'for example: stack = "fastapi"')
    check_error(PROJECT, ":1", "missing key: versions.node", 'for example: node = "24"')


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "hint"),
    [
        ('name = "Shop"', "name = 1", 2, "project.name must be a string", 'for example: name = "Shop"'),
        ("port = 8000", 'port = "8000"', 14, "services.api.port must be an integer", "for example: port = 8000"),
        ("port = 8000", "port = true", 14, "services.api.port must be an integer", "for example: port = 8000"),
        ("port = 8000", "port = 8000.0", 14, "services.api.port must be an integer", "for example: port = 8000"),
        (
            "port = 8000",
            "needs = 'redis'",
            14,
            "services.api.needs must be a list of strings",
            'for example: needs = ["postgres"]',
        ),
        (
            "port = 8000",
            "needs = [1]",
            14,
            "services.api.needs must be a list of strings",
            'for example: needs = ["postgres"]',
        ),
        (
            "port = 8000",
            "health = 07:32:00",
            14,
            "services.api.health must be a string",
            'for example: health = "/health"',
        ),
        (
            "port = 8000",
            "env = []",
            14,
            "services.api.env must be a table",
            "write it as a table of its own: [services.api.env]",
        ),
        (
            "port = 8000",
            "[services.api.env]\nA = 1",
            15,
            "A must be a string or a table",
            'for example: A = "info"',
        ),
        (
            "port = 8000",
            "env.A.secret = 'yes'",
            14,
            "services.api.env.A.secret must be true or false",
            "for example: secret = true",
        ),
        (
            SERVICE,
            "[[services.api]]\n",
            10,
            "services.api must be a table",
            "write it as a table of its own: [services.api]",
        ),
        (
            SERVICE,
            "[services]\napi = 1\n",
            11,
            "services.api must be a table",
            "write it as a table of its own: [services.api]",
        ),
        (SERVICE, "", 1, "services must be a table", "write it as a table of its own: [services]"),
    ],
)
def test_wrong_types(old: str, new: str, line: int, message: str, hint: str) -> None:
    text = GOOD.replace(old, new)
    check_error(text if new else f"services = 1\n{text}", f":{line}", message, hint)


# Whatever it is: a project or an error with its place.


@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 12),
    st.binary(max_size=6) | st.text("=[]{}.'\"\n#0a", max_size=6).map(str.encode),
)
def test_damaged_files_never_crash(place: int, length: int, new: bytes) -> None:
    data = GOOD.encode()
    damaged = data[:place] + new + data[place + length :]
    check_read(damaged)


@given(st.binary(max_size=200) | st.text("[]{}=.'\"\\\n\r\t #a1-_\0\ufeff", max_size=200).map(str.encode))
def test_any_bytes_give_a_project_or_an_error_with_its_place(data: bytes) -> None:
    check_read(data)


@given(st.data())
def test_mutants_give_a_project_or_an_error_with_its_place(data: st.DataObject) -> None:
    lines = RICH.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 4))):
        place, other = data.draw(st.tuples(*[st.integers(0, len(lines) - 1)] * 2))
        match data.draw(st.sampled_from(["drop", "double", "swap", "value", "key"])):
            case "drop":
                lines[place] = "\n"
            case "double":
                lines[place] += lines[place]
            case "swap":
                lines[place], lines[other] = lines[other], lines[place]
            case "value":
                lines[place] = f"{lines[place].partition('=')[0]}= {data.draw(st.sampled_from(VALUES))}\n"
            case _:
                lines[place] = lines[place].replace("a", data.draw(st.sampled_from(["b", "A", ".", "", "'"])), 1)
    check_read("".join(lines).encode())


RICH = GOOD + named("b") + 'needs = ["api", "redis"]\n[services.b.env]\nA = "1"\nB = { secret = true }\n'
VALUES = [
    "1",
    "-1",
    '""',
    '"a"',
    "[]",
    '["a"]',
    "[[]]",
    "{}",
    "{ a = 1 }",
    "1.5",
    "inf",
    "true",
    "1979-05-27",
    '"../x"',
]


def check_read(data: bytes) -> None:
    """A project, or an error whose place is a line of the file."""
    try:
        project_reader.load(data, CATALOG)
    except UserError as error:
        name, _, line = error.where.partition(":")
        assert name == "bakegen.toml"
        assert 1 <= int(line) <= data.count(b"\n") + 1
