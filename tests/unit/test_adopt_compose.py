"""Compose files of all kinds, read as Compose reads them."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.adopt.facts import Build, Entry, Health
from bakegen.adopt.read_compose import filled, read
from bakegen.errors import UserError
from bakegen.stack import Variable

BASE, OVER = PurePosixPath("compose.yaml"), PurePosixPath("compose.override.yaml")


def entry(body: str, name: str = "a") -> Entry:
    text = "services:\n  a:\n" + "".join(f"    {line}\n" for line in body.splitlines())
    return next(each for each in read({BASE: text.encode()}) if each.name == name)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("build: ./a", ("a", "a/Dockerfile", None)),
        ("build: {context: a, dockerfile: ../D, target: t}", ("a", "D", "t")),
        ("build: {dockerfile: a/Dockerfile}", (".", "a/Dockerfile", None)),
        ("build: ${DIR:-apps}/a", ("apps/a", "apps/a/Dockerfile", None)),
    ],
)
def test_build(body: str, expected: tuple[str, str, str | None]) -> None:
    context, dockerfile, target = expected
    built = Build(context=PurePosixPath(context), dockerfile=PurePosixPath(dockerfile), target=target)
    assert entry(body).build == built


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("build: $DIR", "its build has variables that only the environment can tell"),
        ("build: {dockerfile_inline: FROM x}", "its Dockerfile is written in the Compose file"),
        ("build: ../a", "its build context is not in the repository: ../a"),
    ],
)
def test_build_that_cannot_be_told(body: str, reason: str) -> None:
    assert (entry(body).build, entry(body).reason) == (None, reason)


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ('["8000:80"]', (80, 8000)),
        ("[22:22]", (22, 22)),  # a number of base 60 in YAML 1.1
        ("[80]", (80, None)),
        ('["127.0.0.1:8000:80/tcp"]', (80, 8000)),
        ('["[::1]:8000:80"]', (80, 8000)),
        ('["${PORT:-8000}:80"]', (80, 8000)),
        ('["${PORT}:80"]', (80, None)),
        ('["53:53/udp", "8000:80"]', (80, 8000)),
        ('["8000-8001:80-81"]', (None, None)),
        ('[{target: 80, published: "8000"}]', (80, 8000)),
        ("[{target: 53, protocol: udp}]", (None, None)),
        ("nonsense", (None, None)),
    ],
)
def test_ports(ports: str, expected: tuple[int | None, int | None]) -> None:
    found = entry(f"image: x\nports: {ports}")
    assert (found.port, found.publish) == expected


def test_exposed_port() -> None:
    assert entry('image: x\nexpose: ["9000"]').port == 9000


@pytest.mark.parametrize(
    "check",
    [
        '["CMD", "curl", "http://localhost:80/up"]',
        "curl http://localhost:80/up",
        '["CMD-SHELL", "x http://localhost:80/up"]',
    ],
)
def test_health(check: str) -> None:
    assert entry(f"image: x\nhealthcheck: {{test: {check}}}").health == Health(path="/up", port=80)


def test_variables() -> None:
    body = """environment:
  LEVEL: info
  BOLD: on
  COUNT: 010
  EMPTY: ""
  PASSED_ON:
  FROM_ENV: ${X:-y}
  API_KEY: abc
  DATABASE_URL: postgres://app:pw@db/app"""
    assert entry(body).env == (
        Variable(name="API_KEY", secret=True),
        Variable(name="BOLD", value="on"),
        Variable(name="COUNT", value="010"),
        Variable(name="DATABASE_URL", secret=True),
        Variable(name="EMPTY", value=""),
        Variable(name="FROM_ENV", secret=True),
        Variable(name="LEVEL", value="info"),
        Variable(name="PASSED_ON", secret=True),
    )


def test_variables_as_a_list() -> None:
    assert entry("environment: [A=b=c, SECRET]").env == (
        Variable(name="A", value="b=c"),
        Variable(name="SECRET", secret=True),
    )


def test_variables_that_bakegen_cannot_have_are_said() -> None:
    found = entry('environment: {lower: x, LINES: "a\\nb"}')
    assert (found.env, len(found.notes)) == ((), 2)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("postgres:17", "postgres"),
        ("docker.io/bitnami/postgresql@sha256:0", "postgres"),
        ("postgis/postgis", "postgres"),
        ("redis", "redis"),
        ("${REDIS_IMAGE:-redis:8}", "redis"),
        ("prom/redis-exporter", None),
    ],
)
def test_databases(image: str, kind: str | None) -> None:
    assert entry(f"image: {image}").backing == kind


def test_anchors_merge_keys_and_extends() -> None:
    text = b"""
x-env: &env {A: "1", B: "1"}
x-base: &base
  build: .
  environment: &more {<<: *env, B: "2"}
services:
  a:
    <<: [*base]
    environment: {<<: *more, C: "3"}
    depends_on: {b: {condition: service_started}}
  b: {extends: a, ports: ["1:2"]}
  c: {extends: {service: b}, image: c:1}
"""
    a, b, c = read({BASE: text})
    assert [(each.name, each.value) for each in a.env] == [("A", "1"), ("B", "2"), ("C", "3")]
    assert (a.depends, b.build, b.env) == (("b",), a.build, a.env)
    assert (c.port, c.image) == (2, "c")


def test_services_that_extend_each_other_do_not_hang() -> None:
    assert [each.name for each in read({BASE: b"services: {a: {extends: b}, b: {extends: a}}"})] == ["a", "b"]


def test_an_override_is_merged_in() -> None:
    base = b"services: {a: {image: x, ports: ['1:1'], environment: {A: a, B: b}}}"
    over = b"services: {a: {build: {context: a}, ports: !override ['2:2'], environment: [B=c]}, z: {image: z}}"
    a, z = read({BASE: base, OVER: over})
    assert (a.image, a.build and str(a.build.context), a.port) == ("x", "a", 1)
    assert [item.value for item in a.env] == ["a", "c"]
    assert (a.file, z.file) == (BASE, OVER)


@pytest.mark.parametrize("text", [b"", b"services:\n", b"name: x\n", b"services: {a: null}"])
def test_a_file_without_anything(text: bytes) -> None:
    assert [each.build for each in read({BASE: text})] in ([], [None])


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b"services:\n  a: [\n", "compose.yaml:3"),
        (b"services:\n\ta: b\n", "compose.yaml:2"),
        (b"- a\n", "compose.yaml"),
        (b"services: [a]\n", "compose.yaml"),
        (b"a: 1\n---\nb: 1\n", "compose.yaml:2"),
        (b"\xff\x00", "compose.yaml"),
        (b"services: " + b"[" * 3000, "compose.yaml"),
        (b"services: {a: !!int x}", "compose.yaml"),
    ],
)
def test_a_broken_file_is_an_error_with_its_place(text: bytes, where: str) -> None:
    with pytest.raises(UserError) as error:
        read({BASE: text})
    assert error.value.where == where


def test_merges_of_merges_stay_small() -> None:
    lines = ["x0: &x0 {a: b}"]
    lines += [f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * 10)}]}}" for n in range(1, 30)]
    assert read({BASE: "\n".join([*lines, "services: {a: {<<: *x29}}"]).encode()})[0].name == "a"


@given(st.text(alphabet="${}:-?+AB_1", max_size=20))
def test_any_text_is_filled_or_not(text: str) -> None:
    result = filled(text)
    assert result is None or "$" in text or result == text


YAML = st.text(alphabet="services:\n -&*<{}[]!|'\"a1$#", max_size=60).map(
    lambda text: b"services:\n  a: " + text.encode()
)


@given(YAML | st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    try:
        names = [each.name for each in read({BASE: text})]
        assert names == sorted(names)
    except UserError as error:
        assert error.where.startswith("compose.yaml")  # noqa: PT017  (most texts are none that can be read)
