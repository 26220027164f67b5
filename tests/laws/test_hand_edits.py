"""No hand edit is ever lost: it is kept, or it is a reported conflict and nothing at all is written.

`pytest -s tests/laws/test_hand_edits.py` prints what became of each kind of edit.
"""

from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.service import Request
from tests.world import BAKE, TOML, Files, World

COMPOSE = PurePosixPath("compose.yaml")
WORKFLOW = PurePosixPath(".github/workflows/images.yml")
DOCKERFILE = PurePosixPath("services/api/Dockerfile")
README = PurePosixPath("README.md")
MAIN = PurePosixPath("services/api/app/main.py")
LOCK = PurePosixPath("bakegen.lock")

Edit = Callable[[bytes], bytes | None]
KEPT, REPORTED = "kept", "reported"


def swap(old: bytes, new: bytes) -> Edit:
    """An edit that replaces the one place where `old` stands; it must be there."""

    def edit(text: bytes) -> bytes:
        assert old in text
        return text.replace(old, new, 1)

    return edit


EDITS: dict[str, tuple[PurePosixPath, Edit, str]] = {
    "a comment in the bake file": (BAKE, lambda text: b"# ours\n" + text, REPORTED),
    "a target of one's own": (BAKE, lambda text: text + b'\ntarget "mine" {\n  context = "x"\n}\n', REPORTED),
    "a reordered list": (BAKE, swap(b'    "api",\n    "web",\n', b'    "web",\n    "api",\n'), REPORTED),
    "another port in compose.yaml": (COMPOSE, swap(b":-8000}", b":-8100}"), REPORTED),
    "a trigger in the workflow": (
        WORKFLOW,
        swap(b"  pull_request:\n", b"  schedule:\n    - cron: '5 4 * * *'\n"),
        KEPT,
    ),
    "a package in a Dockerfile": (DOCKERFILE, swap(b"USER 10001:10001\n", b"RUN true\nUSER 10001:10001\n"), KEPT),
    "a chapter in the README": (README, lambda text: text + b"\n## Ours\n", KEPT),
    "a line between the README's marks": (
        README,
        swap(b"<!-- /bakegen:services -->", b"- ours\n<!-- /bakegen:services -->"),
        REPORTED,
    ),
    "the application": (MAIN, lambda text: text + b"# ours\n", KEPT),
    "CRLF in the bake file": (BAKE, lambda text: text.replace(b"\n", b"\r\n"), KEPT),
    "a comment in bakegen.toml": (TOML, swap(b"[services.api]\n", b"# ours\n[services.api]\n"), KEPT),
    "a deleted workflow": (WORKFLOW, lambda _: None, KEPT),
}


def fresh() -> World:
    """The default preset's project."""
    return World.new(requests=[Request(name="api", stack="fastapi"), Request(name="web", stack="nextjs")])


@pytest.mark.parametrize("kind", EDITS)
def test_an_edit_is_kept_or_reported(kind: str) -> None:
    path, edit, expected = EDITS[kind]
    world = fresh()
    text = edit(world.files.pop(path))
    if text is not None:
        world.files[path] = text
    before = world.copy()
    planned = world.add(Request(name="worker", stack="python-worker"))
    outcome = REPORTED if planned.conflicts else KEPT
    print(f"{kind:36} {path!s:28} {outcome}")
    assert outcome == expected
    if outcome == REPORTED:
        assert [conflict.path for conflict in planned.conflicts] == [path]
        assert world.files == before.files
    elif path == TOML:
        assert b"# ours\n[services.api]\n" in world.files[path]
    elif b"\r\n" in before.files.get(path, b""):
        assert b"worker" in world.files[path]
        assert world.files[path].count(b"\r\n") == world.files[path].count(b"\n")
    elif path == README:
        assert world.files[path].endswith(b"\n## Ours\n")
    else:
        assert world.files.get(path) == before.files.get(path)


POSITION = st.floats(0, 1, exclude_max=True)
CHUNK = st.sampled_from((b"", b"#", b"x", b"\n", b"  ", b"\r\n", b'"', b"# note\n", b"\xff", "ü".encode()))


@st.composite
def edited(draw: st.DrawFn) -> tuple[World, Files]:
    """A project in which some generated files were changed by hand, and those files."""
    world = fresh()
    candidates = sorted(path for path in world.files if path not in {TOML, LOCK})
    changed: Files = {}
    for path in draw(st.lists(st.sampled_from(candidates), min_size=1, max_size=4, unique=True)):
        text = world.files[path]
        start = int(draw(POSITION) * (len(text) + 1))
        end = min(len(text), start + draw(st.integers(0, 40)))
        new = text[:start] + draw(CHUNK) + text[end:]
        if new != text:
            changed[path] = new
    world.files.update(changed)
    return world, changed


def lost(world: World, changed: Files, before: World) -> list[PurePosixPath]:
    """The edited files that are not byte for byte as the user left them; of the README, whose list is ours, the lines."""
    unedited = fresh().files
    gone = []
    for path, text in changed.items():
        if world.files.get(path) == text or world.files == before.files:
            continue
        own = set(text.splitlines()) - set(unedited[path].splitlines())
        if path != README or not own <= set(world.files.get(path, b"").splitlines()):
            gone.append(path)
    return gone


@given(edited(), st.sampled_from(("add", "sync", "remove")))
def test_no_random_edit_is_lost(case: tuple[World, Files], verb: str) -> None:
    world, changed = case
    before = world.copy()
    if verb == "add":
        planned = world.add(Request(name="worker", stack="python-worker"))
    elif verb == "remove":
        planned = world.remove("web", delete=True)
    else:
        planned = world.sync()
    if planned.conflicts:
        assert world.files == before.files
    assert lost(world, changed, before) == []


@given(edited())
def test_a_kept_edit_is_still_an_edit_the_next_time(case: tuple[World, Files]) -> None:
    """The lock says what was rendered, never what a file contains: else the second run would overwrite."""
    world, changed = case
    before = world.copy()
    world.sync()
    world.add(Request(name="worker", stack="python-worker"))
    world.add(Request(name="admin", stack="nextjs"))
    assert lost(world, changed, before) == []


@given(edited(), st.sampled_from((b"", b"garbage\n", b"<<<<<<< ours\n", None)))
def test_a_lost_lock_costs_no_edit(case: tuple[World, Files], lock: bytes | None) -> None:
    world, changed = case
    if lock is None:
        del world.files[LOCK]
    else:
        world.files[LOCK] = lock + world.files[LOCK][len(world.files[LOCK]) // 2 :]
    before = world.copy()
    world.sync()
    assert lost(world, changed, before) == []
