"""What hosts make of a project: where variables come from, and what a host has no place for."""

from dataclasses import replace
from typing import Any

import pytest

from bakegen import hosting, keys
from bakegen.extras import Host
from bakegen.model import Project, Service
from bakegen.rules import BACKING
from bakegen.running import Run
from bakegen.stack import Variable
from tests.world import CATALOG, member, scaffold

KINDS = frozenset(hosting.DEVELOPMENT)
EVERY = {**hosting.OF_A_SERVICE, **hosting.OF_THE_PROJECT}
HERE = Host(
    id="here",
    title="Here",
    description="",
    deploys=False,
    regions={"eu": "fra", "us-east": "iad"},
    sources={"value": "file", "secret": "by hand", "redis": "by hand"},
    by_hand={"postgres": "POSTGRES_PASSWORD"},
    cannot={key: f"no {key}" for key in EVERY},
)
PLAIN = replace(HERE, cannot={}, regions={})
MOST = replace(PLAIN, most={"cpus": "2", "memory": "2GiB", "replicas": 3})


def project(host: Host = HERE, **fields: Any) -> Project:
    """A project on one host with the service `api`, which asks for nothing, or for these."""
    plain = replace(scaffold(), hosts=(host,))
    return plain.with_service(replace(member(plain, "api"), **{"health": None, **fields}))


@pytest.mark.parametrize("host", CATALOG.hosts)
def test_hosts_say_it_in_the_models_words(host: str) -> None:
    known = CATALOG.hosts[host]
    assert known.sources.keys() == KINDS
    assert known.cannot.keys() <= EVERY.keys()
    assert known.most.keys() <= hosting.AMOUNTS.keys()
    assert known.by_hand.keys() <= set(BACKING)
    assert not [text for text in known.cannot.values() if text != text.strip(" .") or "\n" in text]


def test_every_key_of_a_host_is_one_of_the_project_file_or_a_need() -> None:
    of_a_service = {*keys.SERVICE, *BACKING}
    assert hosting.OF_A_SERVICE.keys() <= of_a_service
    assert hosting.OF_THE_PROJECT.keys() <= keys.PROJECT.keys()


def test_what_is_usual_is_no_matter() -> None:
    assert hosting.notes(project()) == ()
    assert hosting.notes(project(run=Run(cpus="1", memory="512MiB", replicas=1, public=True))) == ()


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("cpus", {"run": Run(cpus="0.5")}),
        ("domains", {"run": Run(domains=("api.example.com",))}),
        ("health", {"health": "/up"}),
        ("max_replicas", {"run": Run(max_replicas=2)}),
        ("memory", {"run": Run(memory="1GiB")}),
        ("postgres", {"needs": ("postgres",)}),
        ("pre_deploy", {"run": Run(pre_deploy="migrate")}),
        ("processes", {"run": Run(processes={"worker": "work"})}),
        ("public", {"run": Run(public=False)}),
        ("redis", {"needs": ("redis",)}),
        ("regions", {"run": Run(regions=("asia",))}),
        ("replicas", {"run": Run(replicas=2)}),
    ],
)
def test_keys_of_a_service(key: str, fields: dict[str, Any]) -> None:
    assert hosting.notes(project(**fields)) == (f"here: api: {key}: no {key}",)
    assert hosting.notes(project(PLAIN, **fields)) == ()


def test_every_key_is_tried() -> None:
    (marked,) = [mark for mark in test_keys_of_a_service.pytestmark if mark.name == "parametrize"]
    assert {key for key, _ in marked.args[1]} == hosting.OF_A_SERVICE.keys()


def test_keys_of_the_project() -> None:
    arm = replace(project(), platforms=("linux/arm64",))
    assert hosting.notes(arm) == ("here: platforms: no platforms",)
    assert hosting.notes(replace(project(replace(HERE, regions={})), region="asia")) == ("here: region: no region",)


def test_regions_that_a_host_has_no_name_for() -> None:
    some = replace(HERE, cannot={})
    assert hosting.notes(replace(project(some), region="asia")) == ("here: region: it has none that would be asia",)
    far = project(some, run=Run(regions=("asia", "us-east", "us-west")))
    assert hosting.notes(far) == ("here: api: regions: it has none that would be asia, us-west",)


@pytest.mark.parametrize("name", ["API_IMAGE", "API_PORT", "IMAGES", "TAG"])
def test_secrets_by_the_names_that_compose_files_read(name: str) -> None:
    note = f"api: env: {name} in .env is what Compose files read for images and ports: take another name"
    secret = project(env=(Variable(name=name, secret=True),))
    assert hosting.notes(replace(secret, hosts=())) == hosting.notes(secret) == (note,)
    assert hosting.notes(project(env=(Variable(name=name, value="a"),))) == ()
    assert hosting.notes(project(env=(Variable(name=f"X_{name}", secret=True),))) == ()


@pytest.mark.parametrize(
    ("run", "notes"),
    [
        (Run(cpus="2", memory="2048MiB", replicas=3), ()),
        (Run(cpus="2.001"), ("here: api: cpus: 2.001 is more than it has: at most 2",)),
        (Run(memory="3GiB"), ("here: api: memory: 3GiB is more than it has: at most 2GiB",)),
        (Run(replicas=4), ("here: api: replicas: 4 is more than it has: at most 3",)),
    ],
)
def test_the_most_that_a_host_has(run: Run, notes: tuple[str, ...]) -> None:
    assert hosting.notes(project(MOST, run=run)) == notes
    assert hosting.notes(project(PLAIN, run=run)) == ()


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("dokploy", "DOKPLOY_DEPLOY_URL"),
        ("fly", "FLY_REGION"),
        ("fly", "PRIMARY_REGION"),
        ("kubernetes", "KUBERNETES_SERVICE_HOST"),
        ("railway", "RAILWAY_X"),
        ("render", "RENDER"),
        ("render", "RENDER_X"),
    ],
)
def test_names_that_are_a_hosts_own(host: str, name: str) -> None:
    for variable in (Variable(name=name), Variable(name=name, secret=True)):
        (note,) = hosting.notes(project(CATALOG.hosts[host], env=(variable,)))
        assert note.startswith(f"{host}: api: env: {name} is one of its own variables, ")
        assert hosting.notes(project(CATALOG.hosts["compose"], env=(variable,))) == ()
    for other in (f"MY_{name}", f"X{name}", f"{host.upper()}ING", "PRIMARY_REGIONS"):
        assert hosting.notes(project(CATALOG.hosts[host], env=(Variable(name=other),))) == ()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("http://localhost:4000", True),
        ("localhost", True),
        ("redis://:x@127.0.0.1/0", True),
        ("https://example.com,http://[::1]:3000", True),
        ("https://localhost.example.com", False),
        ("https://my-localhost", False),
        ("0.0.0.0:4000", False),
        ("", False),
    ],
)
def test_addresses_of_this_machine(value: str, told: bool) -> None:  # noqa: FBT001
    env = (Variable(name="A", value="a"), Variable(name="B", value=value), Variable(name="C", value=value))
    note = "api: hosts are given localhost as B, C: write what people reach: bakegen add-env api B=https://example.com"
    assert hosting.notes(project(PLAIN, env=env)) == (note,) * told
    assert hosting.notes(replace(project(PLAIN, env=env), hosts=())) == ()


def test_only_what_is_new() -> None:
    before = project(run=Run(replicas=2))
    after = project(run=Run(replicas=3, cpus="2"))
    assert hosting.notes(after, before) == ("here: api: cpus: no cpus",)


def api() -> Service:
    variables = (
        Variable(name="GREETING", value="Hello $you", description="How to greet"),
        Variable(name="LEVEL", value="info"),
        Variable(name="TOKEN", secret=True),
    )
    return replace(member(scaffold(), "api", needs=("postgres", "redis")), env=variables)


def test_where_variables_come_from() -> None:
    project = replace(scaffold(), hosts=(HERE,)).with_service(api())
    found = {each.setting.name: each.sources for each in hosting.origins(project)}
    assert found["DATABASE_URL"] == {"development": "compose.yaml"}
    assert found["TOKEN"] == {"development": ".env", "here": "by hand"}
    assert list(found) == ["DATABASE_URL", "GREETING", "LEVEL", "REDIS_URL", "TOKEN"]


def test_a_template_has_every_variable() -> None:
    project = replace(scaffold(), hosts=(HERE,)).with_service(api())
    more = (Variable(name="A", secret=True), Variable(name="TOKEN", secret=True))
    project = project.with_service(replace(member(project, "jobs"), env=more))
    assert list(hosting.dotenv(project, project.services, HERE)) == [
        "# here: by hand. What is in a comment comes from elsewhere, or stands above.",
        "",
        "# api",
        "# For postgres",
        "POSTGRES_PASSWORD=",
        "# Address of postgres",
        "# DATABASE_URL= ()",
        "# How to greet",
        '# GREETING="Hello \\$you" (file)',
        "# LEVEL=info (file)",
        "# Address of redis",
        "REDIS_URL=",
        "TOKEN=",
        "",
        "# jobs",
        "A=",
        "# TOKEN=",
    ]
