"""The lock: whatever git or a hand did to it, it is read, and says when it cannot be relied on."""

import json
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import lock
from bakegen.lock import Lock, digest, dump, load

LOCK = Lock(
    version="1.0",
    pins={"images": {"uv": "1"}},
    project={"project": {"name": "größe"}},
    services={"api": {"stack": "fastapi", "path": "services/api"}, "web": {"path": "services/web"}},
    hashes={"README.md": frozenset({"1"}), "README.md#services": frozenset({"2"}), "a b": frozenset({"3", "4"})},
)
LINES = dump(LOCK).splitlines(keepends=True)


def check_damaged(data: bytes) -> Lock:
    found = load(data)
    assert not found.readable
    return found


def test_what_is_written_is_read() -> None:
    assert load(dump(LOCK)) == LOCK


def test_every_line_is_a_fact_and_they_are_sorted() -> None:
    assert sorted(LINES) == LINES
    kinds = [json.loads(line)[0] for line in LINES]
    assert kinds == ["bakegen", "pins", "project", *["service"] * 2, *["sha256"] * 4]
    assert "größe".encode() in dump(LOCK)


def test_crlf_is_read_the_same() -> None:
    assert load(dump(LOCK).replace(b"\n", b"\r\n")) == LOCK


def test_no_file() -> None:
    found = load(None)
    assert (found.readable, found.version, found.hashes) == (False, "", {})


def test_union_merge_keeps_all_hashes_of_a_path() -> None:
    union = b"".join(sorted({*LINES, b'["sha256", "README.md", "9"]\n', b'["service", "jobs", {"path": "j"}]\n'}))
    found = load(union)
    assert found.readable
    assert found.hashes["README.md"] == {"1", "9"}
    assert set(found.services) == {"api", "jobs", "web"}


def test_two_versions_after_a_union_merge_are_not_relied_on() -> None:
    check_damaged(b'["bakegen", "2.0"]\n' + dump(LOCK))


def test_conflict_markers() -> None:
    text = b"".join([*LINES[:3], b"<<<<<<< HEAD\n", LINES[3], b"=======\n", LINES[4], b">>>>>>> b\n", *LINES[5:]])
    found = check_damaged(text)
    assert found.hashes == LOCK.hashes
    assert found.services == LOCK.services


@pytest.mark.parametrize("number", range(3))
def test_a_missing_first_fact(number: int) -> None:
    check_damaged(b"".join(LINES[:number] + LINES[number + 1 :]))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[",
        b"null",
        b"{}",
        b"[]",
        b'["sha256", "a"]',
        b'["sha256", 1, "x"]',
        b'["sha256", "a", 1]',
        b'["service", "a", []]',
        b'["other", 1]',
        b"\xff",
        b"[" * 100000,
        b"1" * 5000,
        b'["sha256", "a\\u0000b", "x"]',
        b'["sha256", "\\ud800", "x"]',
        b'["sha256", "../x", "x"]',
        b'["sha256", "/etc/passwd", "x"]',
        b'["sha256", "", "x"]',
        b'["bakegen", 1]',
        b'["pins", 1]',
        b'["project", []]',
    ],
)
def test_a_line_that_is_no_fact(line: bytes) -> None:
    first = json.dumps(json.loads(line)[0]).encode() if line.startswith((b'["b', b'["p')) else b"nothing"
    rest = b"".join(each for each in LINES if first not in each.split(b",")[0])
    found = check_damaged(line + b"\n" + rest)
    assert found.hashes == LOCK.hashes


@given(
    st.binary()
    | st.builds(lambda at, new: dump(LOCK)[:at] + new + dump(LOCK)[at + 3 :], st.integers(0, 400), st.binary())
)
def test_nothing_crashes_it(data: bytes) -> None:
    found = load(data)
    assert load(dump(Lock(services={}, hashes=found.hashes))).hashes == found.hashes
    for path in found.hashes:
        place = PurePosixPath(path)
        assert not place.is_absolute()
        assert ".." not in place.parts
        path.encode()


def test_digest_of_uniform_newlines_is_that_of_lf() -> None:
    assert digest(b"a\r\nb\r\n") == digest(b"a\nb\n")


def test_digest_sees_a_file_of_both_newlines() -> None:
    assert digest(b"a\r\nb\n") != digest(b"a\nb\n")


def test_digest_sees_a_lost_final_newline() -> None:
    assert digest(b"a") != digest(b"a\n")


def test_no_lock_says_nothing() -> None:
    assert load(None) == lock.NO_LOCK
