"""Bake files of all kinds, as `docker buildx bake` without `-f` would find them."""

import json
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.adopt.facts import Build, Target
from bakegen.adopt.read_bake import Bake, read
from bakegen.errors import UserError

HCL, JSON = PurePosixPath("docker-bake.hcl"), PurePosixPath("docker-bake.json")
OVERRIDE = PurePosixPath("docker-bake.override.hcl")


def bake(text: str) -> Bake:
    return read({HCL: text.encode()})


def target(text: str, name: str = "a") -> Target:
    return next(each for each in bake(text).targets if each.name == name)


def names(text: str) -> list[str]:
    return [each.name for each in bake(text).targets]


def build(context: str, dockerfile: str, target: str | None = None) -> Build:
    return Build(context=PurePosixPath(context), dockerfile=PurePosixPath(dockerfile), target=target)


def test_a_target_without_attributes_builds_the_root() -> None:
    assert target("target a {}").build == build(".", "Dockerfile")


def test_a_dockerfile_is_relative_to_its_context() -> None:
    text = 'target "a" {\n  context = "./apps/a/"\n  dockerfile = "../a.Dockerfile"\n  target = "prod"\n}\n'
    assert target(text).build == build("apps/a", "apps/a.Dockerfile", "prod")


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        (
            'context = "https://github.com/acme/x.git"',
            "its build context is not a folder: https://github.com/acme/x.git",
        ),
        ('context = "../x"', "its build context is not in the repository: ../x"),
        ('context = "/srv"', "its build context is not in the repository: /srv"),
        ('dockerfile = "../Dockerfile"', "its Dockerfile is not in the repository: ../Dockerfile"),
        ('dockerfile-inline = "FROM x"', "its Dockerfile is written in the bake file"),
        ("context = lower(X)", "its context is an expression that only bake can tell"),
    ],
)
def test_a_build_that_is_not_of_this_repository(attribute: str, reason: str) -> None:
    assert (
        target(f'target "a" {{\n  {attribute}\n}}\n').build,
        target(f'target "a" {{\n {attribute}\n}}\n').reason,
    ) == (
        None,
        reason,
    )


def test_attributes_are_inherited_in_order_and_arguments_by_key() -> None:
    text = """
    target "one" {
      context = "one"
      dockerfile = "D"
      args = { A = 1, B = 1 }
    }
    target "two" {
      context = "two"
      args = { B = 2 }
    }
    target "a" {
      inherits = ["one", "two"]
      args = { C = 3 }
    }
    """
    assert target(text).build == build("two", "two/D")
    assert target(text).args == {"A": "1", "B": "2", "C": "3"}
    assert names(text) == ["a"]


def test_a_base_that_a_group_lists_is_an_image_too() -> None:
    text = 'target "a" {}\ntarget "b" { inherits = ["a"] }\ngroup "all" { targets = ["a"] }\n'
    assert names(text) == ["a", "b"]


def test_targets_that_inherit_from_each_other_do_not_hang() -> None:
    assert names('target "a" { inherits = ["b"] }\ntarget "b" { inherits = ["a"] }\n') == []


def test_a_stage_that_others_link_to_is_no_image() -> None:
    assert names('target "deps" {}\ntarget "a" { contexts = { deps = "target:deps" } }\n') == ["a"]


@pytest.mark.parametrize(
    "attribute", ['output = ["type=cacheonly"]', 'output = ["out"]', 'output = [{ type = "local" }]', 'call = "check"']
)
def test_what_makes_no_image_is_left_out(attribute: str) -> None:
    found = bake(f'target "a" {{\n  {attribute}\n}}\n')
    assert (found.targets, [each.reason for each in found.omitted]) == ((), ["it makes no image"])
    assert found.names == {"a"}


def test_images_come_without_tags_and_what_functions_give() -> None:
    text = 'target "a" {\n  tags = ["localhost:5000/x/a:1", "b@sha256:0", tag("c")]\n}\n'
    assert target(text).images == ("localhost:5000/x/a", "b")


MATRIX = """
target "app" {
  name    = "app-${item.id}-${v}"
  matrix  = { item = [{ id = "x" }, { id = "y" }], v = ["1", 2] }
  context = item.id
}
group "default" { targets = ["app"] }
"""


def test_a_matrix_is_expanded_and_its_name_is_a_group() -> None:
    found = bake(MATRIX)
    assert names(MATRIX) == ["app-x-1", "app-x-2", "app-y-1", "app-y-2"]
    assert target(MATRIX, "app-y-2").build == build("y", "y/Dockerfile")
    assert found.groups["default"] == frozenset({"app", *names(MATRIX)})
    assert found.names == {"app", *names(MATRIX)}


@pytest.mark.parametrize(
    ("name", "matrix"),
    [('"${replace(v, ".", "-")}"', '["1.0"]'), ("v", "VERSIONS"), ("v", '["1.0"]'), ("v", '["a", b()]')],
)
def test_a_matrix_that_only_bake_can_expand(name: str, matrix: str) -> None:
    found = bake(f'target "app" {{\n  name = {name}\n  matrix = {{ v = {matrix} }}\n}}\n')
    assert (found.targets, found.unclear) == ((), frozenset({"app"}))
    assert [each.reason for each in found.omitted] == ["its matrix has names that only bake can tell"]


def test_a_matrix_of_a_million_is_not_expanded() -> None:
    digits = json.dumps([str(digit) for digit in range(10)])
    axes = ", ".join(f"{name} = {digits}" for name in "abcdef")
    assert bake(f'target "app" {{\n  name = "x${{a}}"\n  matrix = {{ {axes} }}\n}}\n').unclear == {"app"}


def test_later_files_override_earlier_ones() -> None:
    found = read(
        {
            OVERRIDE: b'target "a" { context = "override" }',
            HCL: b'target "a" {\n  context = "hcl"\n  dockerfile = "D"\n}\nvariable "X" { default = "hcl" }',
            JSON: b'{"target": {"b": {"context": "${X}", "target": "t"}}, "variable": {"X": {"default": "json"}}}',
        }
    )
    assert [each.build for each in found.targets] == [
        build("override", "override/D"),
        build("hcl", "hcl/Dockerfile", "t"),
    ]


def test_json_may_list_its_blocks() -> None:
    text = json.dumps({"target": [{"a": {"context": "x"}}, {"b": [{"context": "y"}]}], "group": {"default": {}}})
    assert [each.name for each in read({JSON: text.encode()}).targets] == ["a", "b"]


def test_bom_crlf_and_bytes_that_are_no_utf_8_in_a_comment() -> None:
    assert [each.name for each in read({HCL: b'\xef\xbb\xbf# \xff\r\ntarget "a" {}\r\n'}).targets] == ["a"]


@pytest.mark.parametrize(
    ("path", "text", "where"),
    [
        (HCL, b'target "a" {\n  context =\n}\n', "docker-bake.hcl:"),
        (JSON, b'{"target": {\n  "a" {}}', "docker-bake.json:2"),
        (JSON, b"\xff", "docker-bake.json"),
        (JSON, b"[" * 5000, "docker-bake.json"),
        (HCL, b"a = " + b"[" * 5000, "docker-bake.hcl"),
    ],
)
def test_a_broken_file_is_an_error_with_its_place(path: PurePosixPath, text: bytes, where: str) -> None:
    with pytest.raises(UserError) as error:
        read({path: text})
    assert error.value.where.startswith(where)


def test_a_chain_of_a_thousand_is_an_error_and_no_traceback() -> None:
    text = "".join(f'target "t{n}" {{\n  inherits = ["t{n + 1}"]\n}}\n' for n in range(1000))
    with pytest.raises(UserError, match="too deeply"):
        bake(text)


@given(st.text(alphabet='target "a"{}[]=$\n\\,1.x:', max_size=60).map(str.encode) | st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    for path in (HCL, JSON):
        try:
            assert read({path: text}).unclear <= read({path: text}).names
        except UserError as error:
            assert error.where.startswith(str(path))  # noqa: PT017  (most texts are none that can be read)
