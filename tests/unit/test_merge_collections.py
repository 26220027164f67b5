"""Containers and lists of which only a part is bakegen's: what goes, what stays, and what is one conflict."""

from pathlib import PurePosixPath

import pytest

from bakegen.merge import Conflicted, Merged, merge
from tests.unit.test_merge import check_merge, swap

SHOP = """\
services:
  api:
    image: api
    depends_on:
      redis:
        condition: service_healthy
    environment:
      LOG_LEVEL: info
volumes:
  redis:
"""
LESS = "services:\n  api:\n    image: api\n"


def test_of_a_collection_that_goes_what_is_the_user_s_stays() -> None:
    mine = swap(SHOP, ("volumes:\n", "volumes:\n  mine: {} # precious\n"))
    mine = swap(mine, ("      LOG_LEVEL: info\n", "      LOG_LEVEL: info\n      # mine\n      MINE: 1\n"))
    mine = swap(mine, ("    depends_on:\n", "    depends_on:\n      mydb: {condition: service_started}\n"))
    left = swap(mine, ("      redis:\n        condition: service_healthy\n", ""), ("      LOG_LEVEL: info\n", ""))
    check_merge("compose.yaml", SHOP, mine, LESS, left.removesuffix("  redis:\n"))


@pytest.mark.parametrize(
    ("name", "base", "ours", "theirs", "expected"),
    [
        ("x.yaml", "a: 1\nvolumes: {b: {}}\n", "a: 1\nvolumes: {b: {}, c: {}}\n", "a: 1\n", "a: 1\nvolumes: {c: {}}\n"),
        ("x.yaml", "a: 1\nneeds:\n- b\n", "a: 1\nneeds:\n- b\n- c\n", "a: 1\n", "a: 1\nneeds:\n- c\n"),
        ("x.yaml", "a: 1\nneeds:\n- b\n", "a: 1\nneeds:\n- c\n", "a: 1\n", "a: 1\nneeds:\n- c\n"),
        ("x.hcl", 'args = {\n  A = "1"\n}\n', 'args = {\n  A = "1"\n  B = X\n}\n', "", "args = {\n  B = X\n}\n"),
        (
            "x.json",
            '{"a": 1, "target": {"b": {}}}',
            '{"a": 1, "target": {"b": {}, "c": {}}}',
            '{"a": 1}',
            '{"a": 1, "target": {"c": {}}}',
        ),
    ],
)
def test_of_any_collection_that_goes(name: str, base: str, ours: str, theirs: str, expected: str) -> None:
    check_merge(name, base, ours, theirs, expected)


def test_an_edited_item_of_a_collection_that_goes_is_a_conflict() -> None:
    ours = swap(SHOP, ("      LOG_LEVEL: info\n", "      LOG_LEVEL: debug\n      MINE: 1\n"))
    path, sides = PurePosixPath("compose.yaml"), (SHOP.encode(), ours.encode(), LESS.encode())
    done = merge(path, *sides)
    assert isinstance(done, Conflicted)
    found = [(conflict.key, conflict.line, conflict.message) for conflict in done.conflicts]
    assert found == [("services > api > environment > LOG_LEVEL", 8, "you edited it, and it must go")]
    own = f"{LESS}    environment:\n      MINE: 1\n"
    kept = swap(own, ("      MINE", "      LOG_LEVEL: debug\n      MINE"))
    assert merge(path, *sides, favor="ours") == Merged(text=kept.encode())
    assert merge(path, *sides, favor="theirs") == Merged(text=own.encode())


def test_an_edited_item_that_another_takes_the_place_of_is_one_conflict() -> None:
    base = b'ports:\n  - "127.0.0.1:8000:8000"\n'
    ours, theirs = base.replace(b"127.0.0.1", b"0.0.0.0"), base.replace(b':8000"', b':9000"')
    path = PurePosixPath("compose.yaml")
    done = merge(path, base, ours, theirs)
    assert isinstance(done, Conflicted)
    assert [(each.key, each.message) for each in done.conflicts] == [
        ("ports > 8000", "you and bakegen both changed it")
    ]
    parts = (
        b"ports:\n<<<<<<< ours\n",
        ours[7:],
        b"||||||| base\n",
        base[7:],
        b"=======\n",
        theirs[7:],
        b">>>>>>> theirs\n",
    )
    assert done.marked == b"".join(parts)
    assert merge(path, base, ours, theirs, favor="ours") == Merged(text=ours)
    assert merge(path, base, ours, theirs, favor="theirs") == Merged(text=theirs)


def test_an_item_that_goes_and_one_that_comes_elsewhere_are_two_things() -> None:
    base = 'ports:\n  - "1:80"\n  - "2:81"\n'
    done = merge(
        PurePosixPath("x.yaml"),
        base.encode(),
        base.replace("1:80", "9:80").encode(),
        b'ports:\n  - "2:81"\n  - "3:82"\n',
        favor="ours",
    )
    assert done == Merged(text=b'ports:\n  - "9:80"\n  - "2:81"\n  - "3:82"\n')


@pytest.mark.parametrize("name", ["worker", "jobs", "services"])
def test_an_entry_with_something_of_one_s_own_in_it_does_not_lose_the_rest(name: str) -> None:
    base = f"services:\n  api:\n    image: api\n  {name}:\n    image: worker\n"
    done = merge(PurePosixPath("compose.yaml"), base.encode(), f"{base}    labels: [mine]\n".encode(), LESS.encode())
    assert isinstance(done, Conflicted)


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        ("volumes: {mine: {}}\n", "volumes: {mine: {}, redis: null}\n"),
        ("volumes: {mine: }\n", "volumes: {mine: , redis: null }\n"),
        ("volumes: {zoo: {}}\n", "volumes: {redis: null, zoo: {}}\n"),
        ("volumes: {}\n", "volumes:\n  redis:\n"),
        ("volumes:\n", "volumes:\n  redis:\n"),
        ("volumes: ~\n", "volumes:\n  redis:\n"),
        ("volumes: # mine\n", "volumes: # mine\n  redis:\n"),
        ("volumes: # mine\r\n", "volumes: # mine\r\n  redis:\r\n"),
    ],
)
def test_a_key_without_a_value_goes_into_any_mapping(ours: str, expected: str) -> None:
    check_merge("compose.yaml", "", ours, "volumes:\n  redis:\n", expected)
    above = "a: 1\r\n" if "\r" in ours else "a: 1\n"
    check_merge("compose.yaml", above, above + ours, "a: 1\nvolumes:\n  redis:\n", above + expected)


@pytest.mark.parametrize("crlf", [(0,), (0, 1, 4), (0, 1, 2, 3, 4, 5)])
def test_lines_that_end_in_two_ways_keep_theirs(crlf: tuple[int, ...]) -> None:
    base = b'group "default" {\n  targets = [\n    "api",\n    "web",\n  ]\n}\n\na = 1\n'
    lines = base.splitlines(keepends=True)
    ours = [line.replace(b"\n", b"\r\n") if number in crlf else line for number, line in enumerate(lines)]
    theirs = b"".join([*lines[:4], b'    "worker",\n', *lines[4:]])
    done = merge(PurePosixPath("docker-bake.hcl"), base, b"".join(ours), theirs)
    assert isinstance(done, Merged)
    found = done.text.splitlines(keepends=True)
    assert found[:4] + found[5:] == ours
    assert found[4].strip() == b'"worker",'


@pytest.mark.parametrize("indent", ["", "  ", "    "])
def test_a_map_on_the_line_of_its_dash_keeps_its_steps(indent: str) -> None:
    new = "{0}- target:\n{0}    kind: Route\n{0}  deep:\n{0}    - b:\n{0}        c: 1\n{0}      d: 2\n"
    base, mine = "a:\n  - x: 1\n", f"a:\n{indent}- x: 1 # mine\nb:\n  c: 1\n  d:\n    e: 1\n"
    expected = mine.replace("b:\n  c", f"{new.format(indent)}b:\n  c")
    check_merge("x.yaml", base, mine, base + new.format("  "), expected)
