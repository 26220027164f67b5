"""What the engine is made of decides what is built again, and nothing else does."""

from dataclasses import replace

import pytest

from tests.cluster.machine import programs as cluster
from tests.engine.machine import base_images, pins

PROGRAM = pins.Program(
    name="runc", module="example.org/runc", version="v1.2.3+incompatible", packages=(".", "./cmd/a"), rename={"a": "b"}
)


def test_programs_are_named_after_their_packages() -> None:
    assert PROGRAM.binaries == ("runc", "b")


def test_version_is_linked_without_go_s_suffix() -> None:
    assert replace(PROGRAM, version_at=("main.version",)).ldflags == "-s -w -X main.version=v1.2.3"


@pytest.mark.parametrize(
    "change",
    [{"version": "v1.2.4"}, {"cgo": True}, {"tags": ("seccomp",)}, {"packages": (".",)}, {"siblings": "v0.2.3"}],
)
def test_key_moves_with_version_and_flags(change: dict[str, object]) -> None:
    assert replace(PROGRAM, **change).key != PROGRAM.key  # type: ignore[arg-type]


def test_every_pinned_program_has_its_own_name() -> None:
    programs = (*pins.programs(), *pins.programs(cluster.PINS))
    names = [name for program in programs for name in program.binaries]
    assert sorted(names) == sorted(set(names))


def test_base_image_key_moves_with_what_it_is_made_of() -> None:
    recipe = base_images.recipes()[0]
    assert base_images.key(recipe) == base_images.key(recipe)
    assert base_images.key(replace(recipe, made_of=("other",))) != base_images.key(recipe)
    assert base_images.key(replace(recipe, dockerfile="FROM scratch\n")) != base_images.key(recipe)
