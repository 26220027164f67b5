"""Hosts, features, registries and the pipeline in bakegen.toml: read, kept in the lock, refused where they clash."""

from dataclasses import fields
from typing import Any

import pytest

from bakegen import keys, model, project_reader, rules
from bakegen.errors import UserError
from bakegen.pipeline import Pipeline
from bakegen.tree import PER_SERVICE, Tree
from tests.project_keys import with_keys
from tests.unit.test_project_reader import GOOD, PROJECT, VERSIONS, check_error, named
from tests.world import CATALOG, TOML, World, rendered, scaffold

BASE = GOOD.replace("images =", 'cache = "gha"\nimages =')
ADDED = [f"features {name}" for name in CATALOG.features] + [f"hosts {name}" for name in CATALOG.hosts]


def load(written: dict[str, Any]) -> model.Project:
    return project_reader.load(with_keys(BASE, written).encode(), CATALOG)


def test_defaults() -> None:
    project = load({})
    assert (project.hosts, project.features, project.mirrors, project.source) == ((), (), (), "")
    assert project.pipeline == Pipeline()
    assert load({f"project.{key}": [] for key in ("hosts", "features", "mirrors")}) == project


def test_every_key_of_the_pipeline_is_read() -> None:
    assert list(keys.PIPELINE) == [field.name for field in fields(Pipeline)]
    for name, key in keys.PIPELINE.items():
        values = key.rule if isinstance(key.rule, tuple) else (False, True)
        for value in values:
            assert getattr(load({f"pipeline.{name}": value}).pipeline, name) == value


def test_lists_are_sorted_and_hold_nothing_twice() -> None:
    project = load({"project.mirrors": ["b/x", "a/x", "b/x"]})
    assert project.mirrors == ("a/x", "b/x")
    assert [registry.domain for registry in project.registries] == ["ghcr.io", "docker.io"]


@pytest.mark.parametrize(
    ("key", "value", "message", "hint"),
    [
        ("project.features", ["clenup"], 'project.features = ["clenup"] is not possible', ", ".join(CATALOG.features)),
        ("project.hosts", ["dokply"], 'project.hosts = ["dokply"] is not possible', ", ".join(CATALOG.hosts)),
        ("project.hosts", "dokploy", "project.hosts must be a list of strings", 'for example: hosts = ["compose"]'),
        ("project.mirrors", ["A/b"], 'project.mirrors = ["A/b"] is not possible', keys.HINTS[rules.IMAGES]),
        ("project.source", "a\nb", 'project.source = "a\\nb" is not possible', "one line of text"),
        ("project.source", True, "project.source must be a string", None),
    ],
)
def test_impossible_values(key: str, value: object, message: str, hint: str | None) -> None:
    written = with_keys(BASE, {key: value})
    line = written[: written.index(key.partition(".")[2] + " =")].count("\n") + 1
    with pytest.raises(UserError) as caught:
        project_reader.load(written.encode(), CATALOG)
    assert (caught.value.where, caught.value.message) == (f"bakegen.toml:{line}", message)
    assert hint is None or hint in caught.value.hint


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("fanout = 'service'", "unknown key: pipeline.fanout", "did you mean fan_out?"),
        ("fan_out = 'job'", 'pipeline.fan_out = "job" is not possible', "one of: platform, service"),
        ("scan = 'medium'", 'pipeline.scan = "medium" is not possible', "one of: off, report, high, critical"),
        ("sbom = 'yes'", "pipeline.sbom must be true or false", "for example: sbom = true"),
    ],
)
def test_impossible_pipelines(line: str, message: str, hint: str) -> None:
    check_error(f"{GOOD}\n[pipeline]\n{line}\n", ":17", message, hint)


def test_registries_that_share_settings() -> None:
    with pytest.raises(UserError) as caught:
        load({"project.mirrors": ["one.example.com/x", "two.example.com/x"]})
    assert caught.value.message == (
        "two.example.com and one.example.com would be given the same settings: REGISTRY_USERNAME, REGISTRY_PASSWORD"
    )
    assert caught.value.where.startswith("bakegen.toml:")
    assert caught.value.hint == "take one of them out"
    assert len(load({"project.mirrors": ["acme/x", "docker.io/acme/y"]}).registries) == 2


@pytest.mark.parametrize(
    ("images", "mirrors", "refused"),
    [
        ("ghcr.io/acme/shop", ["ghcr.io/acme/shop"], "ghcr.io/acme/shop"),
        ("acme/shop", ["docker.io/acme/shop"], "docker.io/acme/shop"),
        ("docker.io/acme/shop", ["acme/shop"], "acme/shop"),
        ("ghcr.io/acme/shop", ["acme/shop", "docker.io/acme/shop"], "docker.io/acme/shop"),
    ],
)
def test_a_mirror_is_another_place(images: str, mirrors: list[str], refused: str) -> None:
    with pytest.raises(UserError) as caught:
        load({"project.images": images, "project.mirrors": mirrors})
    assert caught.value.message == f"the mirror {refused} is no other place: the images go there already"
    assert caught.value.hint == "take it out"
    assert load({"project.images": images, "project.mirrors": ["quay.io/acme/shop"]}).mirrors == ("quay.io/acme/shop",)


@pytest.mark.parametrize(
    "mirrors",
    [
        ["eu.gcr.io/acme/x", "us.gcr.io/acme/x"],
        ["1.dkr.ecr.eu-west-1.amazonaws.com/x", "1.dkr.ecr.us-east-1.amazonaws.com/x"],
    ],
)
def test_registries_of_one_account_take_the_same_settings(mirrors: list[str]) -> None:
    registries = load({"project.mirrors": mirrors}).registries
    assert len(registries) == 3
    assert len({registry.names for registry in registries[1:]}) == 1


def test_features_that_exclude_each_other_or_need_a_registry() -> None:
    for feature in CATALOG.features.values():
        for other in feature.excludes:
            assert feature.id in CATALOG.features[other].excludes
            with pytest.raises(UserError, match=f"{feature.id} and {other} do the same|{other} and {feature.id} do"):
                load({"project.features": [feature.id, other]})
        if feature.registry is not None:
            text = with_keys(BASE, {"project.features": [feature.id]}).replace("ghcr.io/", "registry.example.com/")
            with pytest.raises(UserError, match=f"{feature.id} works with {feature.registry} only"):
                project_reader.load(text.encode(), CATALOG)


@pytest.mark.parametrize(
    ("key", "value", "most"), [("fan_out", "service", 128), ("scan", "report", 128), ("attest", True, 256)]
)
def test_matrices_that_github_would_not_start(key: str, value: object, most: int) -> None:
    def text(count: int) -> str:
        services = "".join(named(f"a{number}") for number in range(count))
        return with_keys(
            PROJECT.replace("images =", 'cache = "gha"\nimages =') + VERSIONS + services, {f"pipeline.{key}": value}
        )

    project_reader.load(text(most).encode(), CATALOG)
    jobs = 258 if most == 128 else 257
    with pytest.raises(UserError) as caught:
        project_reader.load(text(most + 1).encode(), CATALOG)
    assert caught.value.message == f"pipeline.{key} would be {jobs} jobs, and GitHub starts at most 256 of a kind"
    assert caught.value.where == f"bakegen.toml:{text(most + 1).count(chr(10))}"


def around(**written: object) -> World:
    """A world whose bakegen.toml was edited, and synced."""
    world = World.new(scaffold())
    world.files[TOML] = with_keys(
        world.files[TOML].decode(), {f"project.{key}": written[key] for key in written}
    ).encode()
    assert not world.sync().conflicts
    return world


@pytest.mark.parametrize("added", ADDED)
def test_a_host_or_feature_brings_and_takes_exactly_its_files(added: str) -> None:
    kind, name = added.split()
    bare, world = World.new(scaffold()), around(**{kind: [name]})
    files: Tree = rendered(world.project)
    own = {path for path in CATALOG.files[f"/{kind}/{name}"] if not PER_SERVICE.search(str(path))}
    shared = set(CATALOG.files["/hosts"]) if world.project.deploys else set()
    assert own
    assert world.files.keys() - bare.files.keys() == own | shared
    assert all(files[path].ownership == "managed" for path in own)
    assert world.lock.project is not None
    assert world.lock.project["project"][kind] == [name]
    planned = world.sync()
    assert (planned.changes, planned.conflicts, planned.kept) == ((), (), ())
    world.files[TOML] = bare.files[TOML]
    assert not world.sync().conflicts
    assert world.files == bare.files


@pytest.mark.parametrize("added", ADDED)
def test_an_edited_file_of_one_that_is_taken_out_is_kept(added: str) -> None:
    kind, name = added.split()
    world = around(**{kind: [name]})
    path = min(CATALOG.files[f"/{kind}/{name}"])
    world.files[path] += b"# mine\n"
    edited = world.files[path]
    world.files[TOML] = World.new(scaffold()).files[TOML]
    planned = world.sync()
    assert (planned.conflicts, planned.kept) == ((), (path,))
    assert world.files[path] == edited
    planned = world.sync()
    assert (planned.changes, planned.conflicts, planned.kept) == ((), (), ())
