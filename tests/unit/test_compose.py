"""What a Compose file means: the names of its services."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import compose
from bakegen.errors import UserError


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"services: {}\n", set()),
        (b"services:\n  api:\n    image: x\n  web: {}\n", {"api", "web"}),
        (b"\xef\xbb\xbfservices:\r\n  api: {}\r\n", {"api"}),
        (b"x: &x\n  a: {}\nservices:\n  <<: *x\n  b: *x\n", {"a", "b"}),
        (b"services:\n  api:\n    ports: !reset []\n    env: !override {A: 1}\n    z: !x y\n", {"api"}),
        (b"services:\n  api: {date: 2024-13-45}\n", {"api"}),
    ],
)
def test_names(text: bytes, names: set[str]) -> None:
    assert set(compose.services(text)) == names


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        (b"", "compose.yaml", "`services` is not a mapping"),
        (b"name: x\n", "compose.yaml", "`services` is not a mapping"),
        (b"services:\n", "compose.yaml", "`services` is not a mapping"),
        (b"services: [a]\n", "compose.yaml", "`services` is not a mapping"),
        (b"- a\n", "compose.yaml", "`services` is not a mapping"),
        (b"a:\n  b: [\n", "compose.yaml:3", "not YAML that can be read"),
        (b"<<<<<<< HEAD\na: b\n", "compose.yaml:2", "not YAML that can be read"),
        (b"a: \xff\n", "compose.yaml", "not YAML that can be read"),
        (b"services:\n\tapi: {}\n", "compose.yaml:2", "not YAML that can be read"),
    ],
)
def test_no_names(text: bytes, where: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        compose.services(text)
    assert (caught.value.where, caught.value.message) == (where, message)
    assert caught.value.hint == "see: docker compose config"


@pytest.mark.parametrize("text", [b"a: " + b"[" * 1_000_000, b"- " * 100_000 + b"x\n", b"{a: " * 5000 + b"}" * 5000])
def test_nesting_has_a_limit(text: bytes) -> None:
    with pytest.raises(UserError, match="nested too deeply"):
        compose.services(text)


def test_ports_are_those_in_the_container() -> None:
    text = b'services:\n  a:\n    ports: ["127.0.0.1:${X:-1}:80/tcp", 90, {target: 70}, "5-6:7-8"]\n  b: {}\n'
    assert compose.services(text) == {"a": {80, 90, 70, 7, 8}, "b": set()}


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("80:8000", "80:8080", True),
        ("80:8000", "81:8000", False),
        ("127.0.0.1:${A_PORT:-80}:8000", "127.0.0.1:${B_PORT-80}:8080/tcp", True),
        ("127.0.0.1:80:8000", "80:8000", True),
        ("127.0.0.1:80:8000", "0.0.0.0:80:8000", True),
        ("127.0.0.1:80:8000", "[::]:80:8000", False),
        ("0.0.0.0:80:8000", "[::]:80:8000", False),
        ("[::1]:80:8000", "[::]:80:8000", True),
        ("[::1]:80:8000", "80:8000", True),
        ("[::1]:80:8000", {"target": 8000, "published": 80, "host_ip": "::1"}, True),
        ("127.0.0.1:80:8000", "10.0.0.1:80:8000", False),
        ("80:8000", "80:8000/udp", False),
        ("80:8000", {"target": 8000, "published": "80"}, True),
        ("80:8000", {"target": 8000, "published": 80, "protocol": "udp"}, False),
        ("127.0.0.1:80:8000", {"target": 8000, "published": 80, "host_ip": "127.0.0.1"}, True),
        ("127.0.0.1:80:8000", {"target": 8000, "published": 80, "host_ip": "10.0.0.1"}, False),
        ("80:8000", {"target": 8000}, False),
        ("8000", "8000", False),
        ("${A}:8000", "${A}:8000", False),
        ("80-90:8000", "80-90:8000", False),
    ],
)
def test_two_containers_that_want_one_port_of_the_machine(one: object, other: object, *, meet: bool) -> None:
    services = {"a": {"ports": [one]}, "b": {"ports": [other]}}
    assert compose.rivals(json.dumps({"services": services}).encode()) == ((("a", "b", 80),) if meet else ())


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"deploy": {"replicas": 2}}, (("a", "a", 80),)),
        ({"scale": 2}, (("a", "a", 80),)),
        ({"deploy": {"resources": {}}, "scale": 2}, (("a", "a", 80),)),
        ({"ports": ["0.0.0.0:80:8000", "[::]:80:8000"]}, ()),
        ({"deploy": {"replicas": 1}}, ()),
        ({"deploy": {"replicas": "${N}"}}, ()),
        ({"deploy": {"replicas": 2}, "profiles": ["own"]}, ()),
        ({"deploy": {"replicas": 2}, "ports": ["80"]}, ()),
        ({"deploy": {"replicas": 2}, "ports": None}, ()),
    ],
)
def test_replicas_that_want_one_port_of_the_machine(more: dict[str, object], found: object) -> None:
    services = {"a": {"ports": ["80:8000"]} | more, "b": None}
    assert compose.rivals(json.dumps({"services": services}).encode()) == found


SMALL = b"services:\n  api:\n    image: !x a\n    n: 1\n    d: 2024-01-01\n    b: &x true\n"


@given(st.integers(0, len(SMALL)), st.integers(0, 4), st.text('"{}[]:-\n #a,!&*0<', max_size=5))
def test_damaged_files_are_read_or_refused(place: int, length: int, new: str) -> None:
    where = "compose.yaml"
    try:
        compose.services(SMALL[:place] + new.encode() + SMALL[place + length :])
    except UserError as error:
        where = error.where
    assert where.startswith("compose.yaml")
