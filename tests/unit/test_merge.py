"""Merges as a person would write them down: base, ours, theirs, and what comes out."""

from pathlib import PurePosixPath

import pytest

from bakegen.merge import Conflicted, Merged, Refused, merge

HCL = 'group "default" {\n  targets = [\n    "api",\n    "web",\n  ]\n}\n\ntarget "api" {\n  context = "."\n}\n'
YAML = "services:\n  api:\n    image: api\n    ports:\n      - 80:80\n  web:\n    image: web\n"
TOML = '[services.api]\nport = 80\n\n[services.web]\nport = 81\nneeds = ["api"]\n'
JSON = '{\n  "target": {\n    "api": {\n      "context": "."\n    }\n  }\n}\n'
ENV = "# api\nAPI_PORT=1\n\n# web\nWEB_PORT=2\n"
IGNORE = "*.pyc\ndist\n"
TEXT = "FROM alpine:3.20\nRUN one\nRUN two\nCMD three\n"


def swap(text: str, *pairs: tuple[str, str]) -> str:
    """The text with each first string, which is there once, replaced by the second."""
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def check_merge(name: str, base: str, ours: str, theirs: str, expected: str) -> None:
    done = merge(PurePosixPath(name), base.encode(), ours.encode(), theirs.encode())
    assert isinstance(done, Merged), done
    assert done.text.decode() == expected


@pytest.mark.parametrize(
    ("name", "base", "edit", "change"),
    [
        ("docker-bake.hcl", HCL, ("context", "# mine\n  context"), ('    "web",\n', '    "web",\n    "worker",\n')),
        ("docker-bake.hcl", HCL, ('    "api",\n', '    "api", # first\n'), ('    "web",\n', "")),
        ("docker-bake.hcl", HCL, ('"."', '"."\n  pull    = true'), ("}\n\ntarget", "}\n\nx = 1\n\ntarget")),
        ("docker-bake.hcl", HCL, ("targets = [", "targets = [ # all"), ('"."', '"api"')),
        ("compose.yaml", YAML, ("  web:", "  # shop\n  web:"), ("      - 80:80\n", "      - 80:80\n      - 90:90\n")),
        ("compose.yaml", YAML, ("image: api", "image: api # pinned"), ("  web:\n    image: web\n", "")),
        (
            "compose.yaml",
            YAML,
            ("services:\n", "name: x\nservices:\n"),
            ("    image: web\n", "    image: web\n    init: true\n"),
        ),
        ("fly.toml", TOML, ("port = 80\n", "port = 80 # http\n"), ('needs = ["api"]', 'needs = ["api", "db"]')),
        ("fly.toml", TOML, ("[services.web]", "# shop\n[services.web]"), ("port = 80\n", 'port = 80\nhealth = "/"\n')),
        (
            "docker-bake.json",
            JSON,
            ('"."\n', '".",\n      "pull": true\n'),
            ("    }\n  }", '    },\n    "web": {}\n  }'),
        ),
        (
            ".env.example",
            ENV,
            ("API_PORT=1", "API_PORT=9"),
            ("\n# web\nWEB_PORT=2\n", "\n# web\nWEB_PORT=2\n\n# x\nX=1\n"),
        ),
        (".env.example", ENV, ("WEB_PORT=2", "WEB_PORT=2\nMINE=1"), ("API_PORT=1", "API_PORT=3")),
        ("Dockerfile.dockerignore", IGNORE, ("dist\n", "dist\nmine\n"), ("*.pyc\n", "*.pyc\n.venv\n")),
        ("Dockerfile", TEXT, ("RUN one", "RUN mine"), ("CMD three", "CMD four")),
    ],
)
def test_edit_and_change_come_together_either_way(
    name: str, base: str, edit: tuple[str, str], change: tuple[str, str]
) -> None:
    both = swap(swap(base, edit), change)
    check_merge(name, base, swap(base, edit), swap(base, change), both)
    check_merge(name, base, swap(base, change), swap(base, edit), both)


@pytest.mark.parametrize(
    ("name", "base", "ours", "theirs", "expected"),
    [
        pytest.param(
            "docker-bake.hcl",
            'a = ["x"]\n',
            'a = ["x", "mine"]\n',
            'a = ["x", "y"]\n',
            'a = ["x", "y", "mine"]\n',
            id="a list on one line",
        ),
        pytest.param(
            "docker-bake.hcl",
            'a = [\n  "x",\n]\n',
            'a = [\n    "x"\n]\n',
            'a = [\n  "x",\n  "y",\n]\n',
            'a = [\n    "x",\n    "y"\n]\n',
            id="no trailing comma, other indentation",
        ),
        pytest.param(
            "docker-bake.hcl",
            'a = [\n  "b",\n  "d",\n]\n',
            'a = [\n  "b",\n  "bb",\n  "d",\n]\n',
            'a = [\n  "b",\n  "c",\n  "d",\n]\n',
            'a = [\n  "b",\n  "bb",\n  "c",\n  "d",\n]\n',
            id="at the sorted place",
        ),
        pytest.param(
            "compose.yaml",
            "a:\n  b: 1\n",
            "a:\n    b: 1\n    mine: 2\n",
            "a:\n  b: 1\n  c:\n    d: 3\n",
            "a:\n    b: 1\n    c:\n        d: 3\n    mine: 2\n",
            id="four spaces",
        ),
        pytest.param(
            "compose.yaml",
            "a:\n  - x\n",
            "a:\n- x\n- mine\n",
            "a:\n  - x\n  - y\n",
            "a:\n- x\n- y\n- mine\n",
            id="a list that is not indented",
        ),
        pytest.param(
            "compose.yaml",
            "a: {}\n",
            "# mine\na: {}\n",
            "a:\n  b: 1\n",
            "# mine\na:\n  b: 1\n",
            id="into an empty mapping",
        ),
        pytest.param(
            "compose.yaml",
            "a:\n  b: 1\n",
            "# mine\na:\n  b: 1\n",
            "a: {}\n",
            "# mine\na: {}\n",
            id="out of a mapping that becomes empty",
        ),
        pytest.param(
            "x.yml",
            "s:\n  - uses: a/b@v1\n  - name: t\n    run: x\n",
            "s:\n  - uses: a/b@v1\n    with: {k: v}\n  - name: t\n    run: x\n",
            "s:\n  - uses: a/b@v2\n  - name: t\n    run: y\n",
            "s:\n  - uses: a/b@v2\n    with: {k: v}\n  - name: t\n    run: y\n",
            id="steps are known by their names",
        ),
        pytest.param(
            "compose.yaml",
            "a: 1\r\nb: 2\r\n",
            "a: 1\r\nmine: 3\r\nb: 2\r\n",
            "a: 1\nb: 2\nc: 4\n",
            "a: 1\r\nmine: 3\r\nb: 2\r\nc: 4\r\n",
            id="CRLF",
        ),
        pytest.param("x.yaml", "a: 1\n", "# mine\na: 1", "a: 1\nb: 2\n", "# mine\na: 1\nb: 2", id="no final newline"),
        pytest.param(
            "x.hcl", "a = 1\n", "\ufeffa = 1\nm = 1\n", "a = 2\n", "\ufeffa = 2\nm = 1\n", id="byte order mark"
        ),
        pytest.param("x.hcl", "a = 1\n", "a   =  1 # mine\n", "a = 2\n", "a   =  2 # mine\n", id="alignment"),
        pytest.param(
            "compose.yaml",
            "a: x\n",
            "a: 'x'\n",
            "a: x\nb: 1\n",
            "a: 'x'\nb: 1\n",
            id="quotes that mean nothing",
        ),
        pytest.param(
            "x.hcl",
            "# one\n\na = 1\n\nb = 2\n",
            "# one\n\na = 1\n\nb = 2\n\nmine = 3\n",
            "# two\n\na = 1\n\nb = 2\n\nc = 4\n",
            "# two\n\na = 1\n\nb = 2\n\nc = 4\n\nmine = 3\n",
            id="a comment that stands apart changes",
        ),
        pytest.param(
            "Dockerfile",
            "FROM python:3.13.1-slim\n",
            "FROM python:3.13.4-slim\n",
            "FROM python:3.13.2-slim\n",
            "FROM python:3.13.4-slim\n",
            id="a newer base image",
        ),
    ],
)
def test_what_is_new_looks_like_its_neighbours(name: str, base: str, ours: str, theirs: str, expected: str) -> None:
    check_merge(name, base, ours, theirs, expected)


@pytest.mark.parametrize(
    ("name", "base", "ours", "theirs", "line", "message"),
    [
        ("x.yaml", "a: 1\nb: 1\n", "a: 1\nb: 2\n", "a: 1\nb: 3\n", 2, "you and bakegen both changed it"),
        ("x.yaml", "a: 1\n", "a: 1\nb: 2\n", "a: 1\nb: 3\n", 2, "you and bakegen both added it"),
        ("x.yaml", "a: 1\nb: {c: 1}\n", "a: 1\nb: {c: 2}\n", "a: 1\n", 2, "you edited it, and it must go"),
        ("x.yaml", "a: 1\nb: 1\n", "a: 1\n", "a: 1\nb: 2\n", 2, "you deleted it, and it must change"),
        ("x.yaml", "a:\n- x\n", "a:\n- y\n", "a:\n- z\n", 2, "you and bakegen put different things in one place"),
        ("x.yaml", "# n\na: 1\n", "# m\na: 1\n", "# o\na: 2\n", 1, "you and bakegen both changed the comment above it"),
        ("x.hcl", "a = 1 # n\n", "a = 1 # m\n", "a = 1 # o\n", 1, "you and bakegen both changed the comment behind it"),
        ("x.txt", "a\n", "b\n", "c\n", 1, "you and bakegen both changed it"),
    ],
)
def test_what_both_changed_is_a_conflict(name: str, base: str, ours: str, theirs: str, line: int, message: str) -> None:
    done = merge(PurePosixPath(name), base.encode(), ours.encode(), theirs.encode())
    assert isinstance(done, Conflicted), done
    assert [(conflict.line, conflict.message) for conflict in done.conflicts] == [(line, message)]


@pytest.mark.parametrize(
    ("name", "base", "ours", "theirs", "line", "message"),
    [
        (
            "x.hcl",
            'a = ["x"]\n',
            'a = concat(["x"], Y)\n',
            'a = ["x", "y"]\n',
            1,
            "a is made by an expression, not a list",
        ),
        ("x.yaml", "a:\n  b: 1\n", "a: &x\n  b: 1\nc: *x\n", "a:\n  b: 1\n  d: 2\n", 1, None),
        ("x.yaml", "a: 1\n", "a: 1\na: 1\n", "a: 2\n", 2, "a stands here more than once"),
        ("x.yaml", "a: 1\n", "\ta: 1\n", "a: 2\n", 1, "a tab as indentation"),
        ("x.hcl", "a = 1\n", "a = 1\nb = {\n", "a = 2\n", 2, "`{` is never closed"),
    ],
)
def test_what_is_not_edited_is_refused(
    name: str, base: str, ours: str, theirs: str, line: int, message: str | None
) -> None:
    done = merge(PurePosixPath(name), base.encode(), ours.encode(), theirs.encode())
    assert isinstance(done, Refused), done
    assert done.line == line
    assert done.hint
    assert message is None or done.message == message


def test_one_item_replaced_by_both_never_becomes_two() -> None:
    path, base, ours, theirs = PurePosixPath("x.yaml"), b"a:\n- x\n", b"a:\n- y\n", b"a:\n- z\n"
    done = merge(path, base, ours, theirs)
    assert isinstance(done, Conflicted)
    assert done.marked == b"a:\n<<<<<<< ours\n- y\n||||||| base\n- x\n=======\n- z\n>>>>>>> theirs\n"
    assert merge(path, base, ours, theirs, favor="ours") == Merged(text=ours)
    assert merge(path, base, ours, theirs, favor="theirs") == Merged(text=theirs)


def test_a_comment_behind_a_closing_bracket_does_not_go_unseen() -> None:
    base = b'target "a" { # one\n  x = 1\n}\n'
    done = merge(PurePosixPath("x.hcl"), base, base.replace(b"}\n", b"} # mine\n"), b"")
    assert isinstance(done, Conflicted)


def test_spelling_is_not_a_change() -> None:
    check_merge(
        "compose.yaml",
        YAML,
        swap(YAML, ("image: web", "image: web:2")),
        swap(YAML, ("80:80", '"80:80"')),
        swap(YAML, ("image: web", "image: web:2")),
    )


def test_without_a_base_what_only_theirs_has_goes_in() -> None:
    done = merge(PurePosixPath("x.yaml"), None, b"a: 1\n", b"a: 1\nb: 2\n")
    assert done == Merged(text=b"a: 1\nb: 2\n")


def test_a_base_that_is_a_guess_explains_nothing() -> None:
    path, base = PurePosixPath("x.yaml"), b"a: 1\nb: 1\n"
    done = merge(path, base, b"a: 1\n", b"a: 1\nb: 1\nc: 1\n", known=False)
    assert isinstance(done, Conflicted)
    assert [conflict.message for conflict in done.conflicts] == ["it is not there"]


def test_a_line_that_both_added_to_its_like_is_there_once() -> None:
    done = merge(PurePosixPath("Dockerfile"), b"a\nb\n", b"b\na\nb\nb\n", b"a\nb\nb\n")
    assert isinstance(done, Merged)
    assert done.text == b"b\na\nb\nb\n"
