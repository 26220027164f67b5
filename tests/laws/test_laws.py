"""Laws 1, 2, 3 and the textual part of 8 of the design, on projects in memory."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bakegen import service
from bakegen.service import Request
from tests.laws.projects import names, requests
from tests.world import CATALOG, World, scaffold

ANSWERS = st.fixed_dictionaries(
    {
        "cache": st.sampled_from(("gha", "registry", "none")),
        "python_version": st.sampled_from(("3.12", "3.13", "3.14")),
        "node_version": st.sampled_from(("22", "24", "26")),
        "images": st.sampled_from(("ghcr.io/acme/shop", "registry.example.com:5000/shop", "acme/shop")),
        "description": st.sampled_from(("", 'says "hi" to ${you} \\ ünd %{x}')),
    }
)


@given(ANSWERS, requests(), st.randoms(use_true_random=False))
def test_scaffolding_is_adding_one_by_one_in_any_order(
    answers: dict[str, str], wanted: tuple[Request, ...], random: Any
) -> None:
    project = scaffold(**answers)
    whole = project
    for request in wanted:
        added = service.add(whole, CATALOG, request)
        whole = replace(whole, services=tuple(sorted((*whole.services, added), key=lambda each: each.name)))
    shuffled = random.sample(wanted, len(wanted))
    assert World.new(project, shuffled).files == World.new(whole).files


@given(requests())
def test_sync_of_a_fresh_project_does_nothing(wanted: tuple[Request, ...]) -> None:
    planned = World.new(requests=wanted).sync()
    assert (planned.changes, planned.conflicts, planned.kept) == ((), (), ())


@given(requests(), names())
def test_doing_a_thing_twice_is_doing_it_once(wanted: tuple[Request, ...], name: str) -> None:
    world = World.new(requests=[request for request in wanted if name not in request.name])
    world.add(Request(name=name, stack="python-worker"))
    once = world.copy()
    world.sync()
    assert world.files == once.files


@given(requests(), names(), st.sampled_from(sorted(CATALOG.stacks)))
def test_removing_what_was_added_gives_the_original_bytes(wanted: tuple[Request, ...], name: str, stack: str) -> None:
    world = World.new(requests=[request for request in wanted if name not in request.name])
    before = world.copy()
    world.add(Request(name=name, stack=stack))
    assert world.files != before.files
    world.remove(name, delete=True)
    assert world.files == before.files


@given(requests(), names())
def test_removing_leaves_the_service_s_own_folder(wanted: tuple[Request, ...], name: str) -> None:
    world = World.new(requests=[request for request in wanted if name not in request.name])
    world.add(Request(name=name, stack="fastapi"))
    folder = PurePosixPath("services", name)
    own = {path: text for path, text in world.files.items() if path.is_relative_to(folder)}
    world.remove(name)
    assert {path: text for path, text in world.files.items() if path.is_relative_to(folder)} == own


@given(requests())
def test_generated_text_is_clean(wanted: tuple[Request, ...]) -> None:
    for path, text in World.new(requests=wanted).files.items():
        assert b"\r" not in text, path
        assert b"\t\n" not in text, path
        assert b" \n" not in text, path
        assert not text.endswith(b"\n\n"), path
        assert text.endswith(b"\n") or text == b"", path
