"""What a stack seeds follows the options of a service, as long as nobody has edited it."""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from bakegen import contract, lock
from bakegen.plan import Wish
from bakegen.service import Request
from bakegen.stack import Stack
from bakegen.tree import PACKAGE_JSON
from tests.world import CATALOG, TOML, World

API = PurePosixPath("services/api")
LOCK, PROJECT, NEW = API / "uv.lock", API / "pyproject.toml", API / "requirements.txt"


def options() -> Iterator[tuple[str, str]]:
    """Every stack with every value of its options but the first, as `add-service` takes it."""
    for name, stack in CATALOG.stacks.items():
        for option in stack.options:
            yield from ((name, text) for text in values(stack, option)[1:])


def values(stack: Stack, option: str) -> list[str]:
    return [f"{option}={str(choice).lower()}" for choice in stack.options[option].choices]


def choose(world: World, text: str) -> list[str]:
    """What `set` says of a service of that option."""
    name, _, value = text.partition("=")
    plan = world.set("api", {name: {"true": True, "false": False}.get(value, value)})
    assert plan.conflicts == ()
    return list(plan.notes)


@pytest.mark.parametrize(("stack", "option"), list(options()))
def test_another_option_gives_the_files_that_a_new_service_has(stack: str, option: str) -> None:
    world, new = World.new(requests=[Request(name="api", stack=stack)]), World.new()
    new.add(Request(name="api", stack=stack, options=(option,)))
    assert choose(world, option) == []
    assert world.files == new.files
    choose(world, values(CATALOG.stacks[stack], option.partition("=")[0])[0])
    choose(world, option)
    assert world.files == new.files


@pytest.fixture
def world() -> World:
    return World.new(requests=[Request(name="api", stack="fastapi")])


def test_edited_files_stay_and_are_named(world: World) -> None:
    world.files[PROJECT] += b"# mine\n"
    world.files[LOCK] += b"# mine\n"
    edited = dict(world.files)
    way = f"bring it in line, or take bakegen's: bakegen sync --only {PROJECT} --discard-edits"
    assert choose(world, "package_manager=pip") == [
        f"{PROJECT} is yours, and stays as it was before package_manager=pip: {way}",
        f"{LOCK} is yours, and stays: with package_manager=pip nothing of bakegen's reads it",
    ]
    assert {path: world.files[path] for path in (PROJECT, LOCK)} == {path: edited[path] for path in (PROJECT, LOCK)}
    assert NEW in world.files


def test_what_is_in_the_place_of_a_new_file_stays(world: World) -> None:
    world.files[NEW] = b"mine\n"
    notes = choose(world, "package_manager=pip")
    assert [note.partition(" ")[0] for note in notes] == [str(NEW)]
    assert world.files[NEW] == b"mine\n"


def test_what_the_user_deleted_does_not_come_back(world: World) -> None:
    test = API / "tests/test_health.py"
    del world.files[test]
    choose(world, "package_manager=pip")
    assert test not in world.files


def test_other_keys_touch_no_seeded_file(world: World) -> None:
    del world.files[LOCK]
    sources = {path: text for path, text in world.files.items() if path.is_relative_to(API / "app")}
    world.set("api", {"needs": ["postgres"], "port": 9000})
    assert LOCK not in world.files
    assert {path: text for path, text in world.files.items() if path.is_relative_to(API / "app")} == sources


def test_crlf_stays(world: World) -> None:
    world.files[PROJECT] = world.files[PROJECT].replace(b"\n", b"\r\n")
    choose(world, "package_manager=poetry")
    assert b"poetry" in world.files[PROJECT]
    assert world.files[PROJECT].count(b"\r\n") == world.files[PROJECT].count(b"\n")


def test_the_dockerfile_of_an_option_builds_with_what_is_there(world: World) -> None:
    world.files[PROJECT] += b"# mine\n"
    for option in values(CATALOG.stacks["fastapi"], "package_manager"):
        choose(world, option)
        service = world.project.service("api")
        there = {*world.files, *(parent for path in world.files for parent in path.parents)}
        texts = {service.dockerfile: world.files[service.dockerfile]}
        assert contract.bound(world.project, texts, there.__contains__, ()) == ()


def test_what_only_one_path_has_followed_is_not_forgotten() -> None:
    world = World.new(requests=[Request(name="api", stack="flask")])
    text = world.files[TOML].replace(b'stack = "flask"\n', b'stack = "flask"\nserver = "dev"\n')
    whole, world.files[TOML] = World({**world.files, TOML: text}), text
    whole.sync()
    world.sync(Wish(only=frozenset({API / "Dockerfile"})))
    assert "server" not in world.lock.services["api"]
    world.sync()
    assert world.files == whole.files


def test_an_edited_package_json_comes_back_from_the_workspace() -> None:
    world, path = World.new(), API / PACKAGE_JSON
    world.add(Request(name="api", stack="nestjs", options=("package_manager=pnpm",), uses=("shared",)))
    world.files[path] = world.files[path].replace(b'    "test":', b'    "hello": "echo hi",\n    "test":')
    there = world.files[path]
    new = World.new(requests=[Request(name="api", stack="nestjs")])
    plan = world.set("api", {"package_manager": None, "uses": None})
    assert (plan.conflicts, plan.notes) == ((), ())
    assert world.files[path].replace(b'    "hello": "echo hi",\n', b"") == new.files[path]
    assert world.files[path] != new.files[path]
    assert world.lock == new.lock
    assert world.set("api", {"package_manager": "pnpm", "uses": ["shared"]}).conflicts == ()
    assert world.files[path] == there


def test_a_package_json_brought_back_by_hand_can_go_into_the_workspace_again() -> None:
    world, path = World.new(), API / PACKAGE_JSON
    world.add(Request(name="api", stack="nestjs", options=("package_manager=pnpm",), uses=("shared",)))
    text = json.loads(world.files[path])
    del text["dependencies"]["@shop/shared"]
    world.files[path] = json.dumps(text, indent=2).encode() + b"\n"
    world.set("api", {"package_manager": None, "uses": None})
    assert world.set("api", {"package_manager": "pnpm", "uses": ["shared"]}).conflicts == ()
    assert json.loads(world.files[path])["dependencies"]["@shop/shared"] == "workspace:*"


@pytest.mark.parametrize("winner", ["pip", "poetry"])
def test_after_a_merge_of_branches_the_files_of_the_other_go(winner: str) -> None:
    base = World.new(requests=[Request(name="api", stack="fastapi")])
    sides = {name: base.copy() for name in ("pip", "poetry")}
    for name, world in sides.items():
        choose(world, f"package_manager={name}")
    merged, other = (sides[winner], sides["poetry" if winner == "pip" else "pip"])
    expected = dict(merged.files)
    stated = lock.union(*(one.files[lock.FILE] for one in (base, merged, other)))
    merged.files = {**other.files, **merged.files, lock.FILE: stated}
    assert merged.sync().conflicts == ()
    assert merged.files == expected
