"""What a Dockerfile says about how its image runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.adopt.facts import Health
from bakegen.adopt.read_dockerfile import health, read


def ports(text: str, target: str | None = None, **args: str) -> tuple[int, ...]:
    stage = read(text.encode(), args).stage(target)
    assert stage is not None
    return stage.ports


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("EXPOSE 80", (80,)),
        ("expose 80/tcp 443", (80, 443)),
        ("EXPOSE 53/udp 8053", (8053,)),
        ("EXPOSE 8000-8010", ()),
        ("EXPOSE 99999", ()),
        ("ARG PORT=9000\nEXPOSE ${PORT}", (9000,)),
        ("ENV PORT 9000\nEXPOSE $PORT", (9000,)),
        ('ENV A=1 PORT="9000"\nEXPOSE $PORT', (9000,)),
        ("EXPOSE ${PORT:-7000}", (7000,)),
        ("EXPOSE $PORT", ()),
        ("EXPOSE \\\n  # a comment\n\n  80", (80,)),
        ("RUN <<EOF\nEXPOSE 1\nEOF\nEXPOSE 2", (2,)),
        ("COPY <<-'A' <<B /\nEXPOSE 1\nA\nEXPOSE 2\nB\nEXPOSE 3", (3,)),
        ('RUN echo "EXPOSE 1"', ()),
    ],
)
def test_exposed_ports(line: str, expected: tuple[int, ...]) -> None:
    assert ports(f"FROM scratch\n{line}\n") == expected


def test_the_last_stage_counts_unless_one_is_named() -> None:
    text = "FROM a AS base\nEXPOSE 1\nFROM base AS dev\nEXPOSE 2\nFROM --platform=$BUILDPLATFORM b\nEXPOSE 3\n"
    assert (ports(text), ports(text, "DEV"), ports(text, "base")) == ((3,), (1, 2), (1,))
    assert read(text.encode(), {}).stage("none") is None


def test_a_build_argument_beats_the_default() -> None:
    text = "ARG PORT=1\nFROM a\nARG PORT\nEXPOSE $PORT\n"
    assert (ports(text), ports(text, PORT="2")) == ((1,), (2,))
    assert ports("FROM a\nARG PORT=1\nEXPOSE $PORT\n", PORT="2") == (2,)


def test_another_escape_character() -> None:
    assert ports("# escape=`\nFROM a\nEXPOSE `\n 80\nCOPY . C:\\\nEXPOSE 81\n") == (80, 81)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("curl -f http://localhost:8000/health || exit 1", Health(path="/health", port=8000)),
        ("wget -qO- http://127.0.0.1/a/b?x=1", Health(path="/a/b")),
        ("curl http://[::1]:80", Health(path="/", port=80)),
        ("curl http://localhost:$PORT/up", Health(path="/up")),
        ("curl http://localhost:${PORT:-80}/up", Health(path="/up")),
        ("curl https://example.com/health", None),
        ("pg_isready", None),
    ],
)
def test_address_of_a_health_check(command: str, expected: Health | None) -> None:
    assert health(command) == expected


def test_health_check_of_the_stage_and_none() -> None:
    text = "FROM a AS a\nENV P=8000\nHEALTHCHECK CMD curl http://localhost:$P/up\nFROM a\nFROM a\nHEALTHCHECK NONE\n"
    stages = read(text.encode(), {}).stages
    assert [stage.health for stage in stages] == [Health(path="/up", port=8000)] * 2 + [None]


@given(st.binary(max_size=200) | st.text(alphabet="FROMEXPSE \\\n<\"'$A={}#`:18", max_size=80).map(str.encode))
def test_any_bytes_can_be_read(text: bytes) -> None:
    assert len(read(text, {}).stages) <= text.upper().count(b"FROM")
