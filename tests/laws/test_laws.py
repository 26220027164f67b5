"""Laws 1, 2, 3 and the textual part of 8 of the design, on projects in memory."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import service
from bakegen.errors import UserError
from bakegen.extras import Feature
from bakegen.service import Request
from tests.laws.projects import additions, features, hosts, requests, runs
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


def others(wanted: tuple[Request, ...], addition: Request) -> list[Request]:
    """The requests that leave the name of the addition free."""
    return [request for request in wanted if request.name != addition.name]


@given(ANSWERS, features(), hosts(), requests(), st.randoms(use_true_random=False))
def test_scaffolding_is_adding_one_by_one_in_any_order(
    answers: dict[str, str],
    chosen: tuple[Feature, ...],
    where: tuple[str, ...],
    wanted: tuple[Request, ...],
    random: Any,
) -> None:
    project = scaffold(**answers)
    project = replace(project, features=tuple(one for one in chosen if one.registry in (None, project.registry.domain)))
    whole = replace(project, hosts=tuple(CATALOG.hosts[name] for name in sorted(where)))
    for request in wanted:
        whole = whole.with_service(service.add(whole, CATALOG, request))
    world = World.new(project)
    for step in random.sample((*wanted, *where), len(wanted) + len(where)):
        world.add(step) if isinstance(step, Request) else world.add_hosts(step)
    assert world.files == World.new(whole).files


@given(requests())
def test_sync_of_a_fresh_project_does_nothing(wanted: tuple[Request, ...]) -> None:
    planned = World.new(requests=wanted).sync()
    assert (planned.changes, planned.conflicts, planned.kept) == ((), (), ())


@given(requests(), additions())
def test_doing_a_thing_twice_is_doing_it_once(wanted: tuple[Request, ...], addition: Request) -> None:
    world = World.new(requests=others(wanted, addition))
    world.add(addition)
    once = world.copy()
    world.sync()
    with pytest.raises(UserError, match="there is a service"):
        world.add(addition)
    assert world.files == once.files
    world.remove(addition.name)
    once = world.copy()
    world.sync()
    assert world.files == once.files


@given(features(), hosts(), requests(), additions())
def test_removing_what_was_added_gives_the_original_bytes(
    chosen: tuple[Feature, ...], where: tuple[str, ...], wanted: tuple[Request, ...], addition: Request
) -> None:
    world = World.new(replace(scaffold(hosts=",".join(where)), features=chosen), others(wanted, addition))
    before = world.copy()
    world.add(addition)
    assert world.files != before.files
    world.remove(addition.name, delete=True)
    assert world.files == before.files


@given(hosts(), hosts(), requests(), runs())
def test_a_host_comes_and_goes_without_a_trace(
    before: tuple[str, ...], more: tuple[str, ...], wanted: tuple[Request, ...], run: dict[str, object]
) -> None:
    world = World.new(scaffold(hosts=",".join(before)), wanted)
    for request in wanted[:1]:
        world.set(request.name, run)
    fresh = world.copy()
    new = set(more) - set(before)
    world.add_hosts(*new)
    once = world.copy()
    assert not world.sync().changes
    assert world.files == once.files
    world.remove_hosts(*new)
    assert world.files == fresh.files


@given(hosts(), requests())
def test_renaming_there_and_back_gives_the_original_bytes(where: tuple[str, ...], wanted: tuple[Request, ...]) -> None:
    world = World.new(scaffold(hosts=",".join(where)), wanted)
    before = world.copy()
    for request in wanted[:1]:
        if request.path is None:
            world.rename(request.name, "other")
            assert world.files != before.files
            world.rename("other", request.name)
    assert world.files == before.files


@given(requests(), additions())
def test_removing_leaves_the_service_s_own_folder(wanted: tuple[Request, ...], addition: Request) -> None:
    world = World.new(requests=others(wanted, addition))
    world.add(addition)
    folder = world.project.service(addition.name).path
    own = {path: text for path, text in world.files.items() if path.is_relative_to(folder)}
    world.remove(addition.name)
    assert {path: text for path, text in world.files.items() if path.is_relative_to(folder)} == own


@given(requests())
def test_generated_text_is_clean(wanted: tuple[Request, ...]) -> None:
    for path, text in World.new(requests=wanted).files.items():
        assert b"\r" not in text, path
        assert b"\t\n" not in text, path
        assert b" \n" not in text, path
        assert not text.endswith(b"\n\n"), path
        assert text.endswith(b"\n") or text == b"", path
