"""What a bake file means: targets and groups, or an error for what cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import bake
from bakegen.errors import UserError
from tests.world import BAKE, World

FILE = World.new().files[BAKE]


def members(text: str, group: str = "default") -> frozenset[str] | None:
    return bake.read(text.encode()).groups[group]


def test_generated_file() -> None:
    file = bake.read(FILE)
    assert file.targets == {"_common"}
    assert file.groups == {"default": frozenset(), "test": frozenset()}
    assert file.functions == {"cache", "cache_from", "cache_to", "given", "output", "reproducible", "tags"}


def test_what_targets_use() -> None:
    file = bake.read(b'target "a" {\n  inherits = ["b", "c"]\n  tags = tags(join("x", []))\n}\ntarget "d" {}\n')
    assert file.inherits == {"a": {"b", "c"}, "d": frozenset()}
    assert file.calls == {"a": {"tags", "join"}, "d": frozenset()}
    assert not file.matrices
    assert bake.read(b'target "a" {\n  matrix = { x = ["1"] }\n}\n').matrices


def test_targets_with_and_without_quotes() -> None:
    assert bake.read(b'target "a" {}\ntarget b {\n}\n').targets == frozenset({"a", "b"})


def test_bom_and_crlf() -> None:
    assert bake.read(b'\xef\xbb\xbftarget "a" {\r\n}\r\n').targets == {"a"}


def test_members() -> None:
    assert members('group "default" { targets = ["a", "b",] }') == frozenset({"a", "b"})


def test_group_of_groups() -> None:
    text = 'group "default" { targets = ["apps", "c"] }\ngroup "apps" { targets = ["a", "b"] }\n'
    assert members(text) == frozenset({"apps", "a", "b", "c"})


def test_groups_in_a_circle() -> None:
    text = 'group "default" { targets = ["apps"] }\ngroup "apps" { targets = ["default", "a"] }\n'
    assert members(text) == frozenset({"apps", "default", "a"})


def test_group_without_targets() -> None:
    assert members('group "default" {}') == frozenset()


def test_last_group_of_a_name_counts() -> None:
    assert members('group "default" { targets = ["a"] }\ngroup "default" { targets = ["b"] }\n') == frozenset({"b"})


@pytest.mark.parametrize(
    "value", ['concat(["a"], ["b"])', "NAMES", '["a", NAME]', '[for n in ["a"] : n]', '["x-${A}"]']
)
def test_members_that_only_bake_can_tell(value: str) -> None:
    assert members(f'group "default" {{ targets = {value} }}') is None


def test_member_group_that_only_bake_can_tell() -> None:
    assert members('group "default" { targets = ["g"] }\ngroup "g" { targets = NAMES }\n') is None


@pytest.mark.parametrize("text", [b'target "a" {', b"\xff", b"target =\n", b"<<<<<<< HEAD\n"])
def test_not_a_bake_file(text: bytes) -> None:
    with pytest.raises(UserError, match="not a bake file that can be read") as caught:
        bake.read(text)
    assert caught.value.where.startswith("docker-bake.hcl")


def test_error_names_the_line() -> None:
    with pytest.raises(UserError) as caught:
        bake.read(b'target "a" {}\n\ntarget "b" ]\n')
    assert caught.value.where == "docker-bake.hcl:3"


SMALL = b'group "default" {\n  targets = [\n    "a",\n  ]\n}\ntarget "a" {\n  tags = tags("a")\n}\n'


@given(st.integers(0, len(SMALL)), st.integers(0, 4), st.text('"{}[]=\n #a,$', max_size=4))
def test_damaged_files_are_read_or_refused(place: int, length: int, new: str) -> None:
    try:
        bake.read(SMALL[:place] + new.encode() + SMALL[place + length :])
    except UserError as error:
        message = error.message
    else:
        message = "not a bake file that can be read"
    assert message.startswith("not a bake file that can be read")
