"""render.yaml: what each key of the model becomes, by a check of our own (tests/render_yaml.py)."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from bakegen.model import Project
from bakegen.render import one
from bakegen.running import REGIONS, run_of
from bakegen.stack import Variable
from tests.render_yaml import problems
from tests.world import CACHE, CATALOG, scaffold

SECRET = Variable(name="STRIPE_KEY", secret=True)


def text_of(project: Project) -> str:
    text = one(project, CATALOG, PurePosixPath("render.yaml"), CACHE).decode()
    assert problems(text) == []
    return text


def blueprint(project: Project) -> dict[str, Any]:
    """The services and databases of a project's Blueprint, by name."""
    found = yaml.safe_load(text_of(project))
    return {each["name"]: each for each in (*found["services"], *found.get("databases", []))}


def shop(preset: str = "pnpm-monorepo", **answers: str) -> Project:
    return scaffold(preset=preset, hosts="render", **answers)


def changed(project: Project, name: str, **changes: Any) -> Project:
    """The project, with other fields of one service."""
    services = [replace(each, **changes) if each.name == name else each for each in project.services]
    return replace(project, services=tuple(services))


def running(project: Project, name: str, processes: Mapping[str, str] | None = None, **keys: Any) -> Project:
    """The project, with keys of one service as bakegen.toml would have them."""
    return changed(project, name, run=run_of(keys, processes or {}))


def variables(service: Mapping[str, Any]) -> dict[str, Any]:
    return {entry.pop("key"): entry for entry in service["envVars"]}


@pytest.mark.parametrize("preset", CATALOG.presets)
def test_every_preset_passes(preset: str) -> None:
    text_of(shop(preset))


def test_without_services_there_are_none() -> None:
    assert blueprint(shop("empty")) == {}


def test_a_service_is_public_private_or_a_worker() -> None:
    project = running(shop(), "api", public=False)
    found = blueprint(project)
    assert {name: each.get("type") for name, each in found.items()} == {
        "shop-api": "pserv",
        "shop-web": "web",
        "shop-worker": "worker",
        "shop-redis": "keyvalue",
        "shop-postgres": None,
    }
    assert [name for name, each in found.items() if "healthCheckPath" in each] == ["shop-web"]
    assert [name for name, each in found.items() if "maxShutdownDelaySeconds" in each] == ["shop-worker"]


@pytest.mark.parametrize(
    ("public", "source"), [(True, {"envVarKey": "RENDER_EXTERNAL_URL"}), (False, {"property": "hostport"})]
)
def test_the_address_of_another_service(*, public: bool, source: Mapping[str, str]) -> None:
    found = variables(blueprint(running(shop(), "api", public=public))["shop-web"])["API_URL"]
    assert found == {"fromService": {"type": "web" if public else "pserv", "name": "shop-api", **source}}


def test_databases_are_wired_and_internal() -> None:
    found = blueprint(shop())
    api = variables(found["shop-api"])
    assert api["DATABASE_URL"] == {"fromDatabase": {"name": "shop-postgres", "property": "connectionString"}}
    key_value = {"type": "keyvalue", "name": "shop-redis", "property": "connectionString"}
    assert api["REDIS_URL"] == {"fromService": key_value}
    assert found["shop-redis"]["maxmemoryPolicy"] == "noeviction"


def test_the_port_is_a_variable_unless_the_service_names_it_itself() -> None:
    project = shop("api-web")
    assert variables(blueprint(project)["shop-api"])["PORT"] == {"value": "8000"}
    own = changed(project, "api", env=(Variable(name="PORT", value="9000"),))
    assert variables(blueprint(own)["shop-api"])["PORT"] == {"value": "9000"}


def test_a_secret_is_asked_for_and_its_processes_take_it_from_there() -> None:
    project = changed(shop("api-web"), "api", env=(SECRET,), run=run_of({}, {"jobs": "python -m app.jobs"}))
    found = blueprint(project)
    assert variables(found["shop-api"])["STRIPE_KEY"] == {"sync": False}
    source = {"type": "web", "name": "shop-api", "envVarKey": "STRIPE_KEY"}
    assert variables(found["shop-api-jobs"]) == {"STRIPE_KEY": {"fromService": source}}


def test_a_process_is_a_worker_with_the_image_and_bounds_of_its_service() -> None:
    keys = {
        "cpus": "2",
        "replicas": 3,
        "max_replicas": 6,
        "pre_deploy": "alembic upgrade head",
        "domains": ["a.example.com"],
    }
    found = blueprint(running(shop("api-web"), "api", {"jobs": "python -m app.jobs"}, **keys))
    api, jobs = found["shop-api"], found["shop-api-jobs"]
    assert (jobs["type"], jobs["dockerCommand"], jobs["numInstances"]) == ("worker", "python -m app.jobs", 1)
    assert (jobs["image"], jobs["plan"]) == (api["image"], api["plan"])
    assert not jobs.keys() & {"preDeployCommand", "domains", "scaling", "healthCheckPath"}
    assert (api["preDeployCommand"], api["domains"]) == ("alembic upgrade head", ["a.example.com"])
    assert api["scaling"] == {"minInstances": 3, "maxInstances": 6, "targetCPUPercent": 70}


@pytest.mark.parametrize(
    ("keys", "plan"),
    [
        ({}, "0.5c-512mb"),
        ({"cpus": "0.25", "memory": "128MiB"}, "0.5c-512mb"),
        ({"cpus": "1"}, "1c-2g"),
        ({"memory": "513MiB"}, "1c-2g"),
        ({"cpus": "1.5", "memory": "1GiB"}, "2c-4g"),
        ({"memory": "6GiB"}, "2c-8g"),
        ({"cpus": "4", "memory": "16GiB"}, "4c-16g"),
        ({"cpus": "12", "memory": "96GiB"}, "12c-96g"),
        ({"cpus": "64"}, "12c-96g"),
    ],
)
def test_the_plan_is_the_cheapest_that_has_what_was_asked_for(keys: Mapping[str, str], plan: str) -> None:
    assert blueprint(running(shop("api-web"), "api", None, **keys))["shop-api"]["plan"] == plan


@pytest.mark.parametrize("region", REGIONS)
def test_all_of_a_project_is_in_one_region(region: str) -> None:
    found = blueprint(replace(shop(), region=region))
    assert {each["region"] for each in found.values()} == {CATALOG.hosts["render"].regions[region]}


@pytest.mark.parametrize(
    ("images", "name"),
    [
        ("ghcr.io/acme/shop", "ghcr"),
        ("acme/shop", "dockerhub"),
        ("registry.gitlab.com/acme/shop", "gitlab"),
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop", "ecr"),
        ("europe-docker.pkg.dev/acme/shops/shop", "google"),
        ("eu.gcr.io/acme/shop", "google"),
        ("registry.example.com:5000/shop", None),
    ],
)
def test_the_credential_is_that_of_the_registry(images: str, name: str | None) -> None:
    project = shop("api-web", images=images)
    image = blueprint(project)["shop-api"]["image"]
    assert image.pop("url") == f"{images}-api:latest"
    assert image == ({"creds": {"fromRegistryCreds": {"name": name}}} if name else {})
    assert ('credential "' in text_of(project)) == bool(name)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("services:", "service:", "has other keys"),
        ("type: pserv", "type: private", "has the type private"),
        ("runtime: image", "runtime: docker", "wrong runtime"),
        ("region: frankfurt", "region: paris", "wrong region"),
        ("numInstances: 1", "numInstance: 1", "unknown keys ['numInstance']"),
        ("numInstances: 1", "numInstances: 0", "wrong number of instances"),
        ("minInstances: 2", "minInstances: 9", "wrong number of instances"),
        ("targetCPUPercent: 70", "targetCPUPercent: 95", "wrong load"),
        ("maxShutdownDelaySeconds: 60", "maxShutdownDelaySeconds: 600", "wrong maxShutdownDelaySeconds"),
        ("fromRegistryCreds:", "registryCreds:", "wrong credential"),
        ("plan: 0.1c-256mb", "plan: starter", "wrong plan"),
        ("plan: 0.5c-512mb", "plan: 256mb", "wrong runtime or plan"),
        ("ipAllowList: []", "ipAllowList: [{ source: 0.0.0.0/0 }]", "open to the internet"),
        ("maxmemoryPolicy: noeviction", "maxmemoryPolicy: none", "wrong maxmemoryPolicy"),
        ("        sync: false", "        sync: true", "sync that is not false"),
        (
            "        sync: false",
            "        sync: false\n        generateValue: true",
            "comes from ['generateValue', 'sync']",
        ),
        ('value: "4000"', "value: 4000", "value that is no text"),
        ("name: shop-postgres\n          property", "name: other\n          property", "comes from no database"),
        ("property: connectionString", "property: url", "is no property of"),
        ("type: keyvalue\n          name", "type: redis\n          name", "comes from no service"),
        ("property: hostport", "envVarKey: RENDER_EXTERNAL_URL", "is no variable of shop-api"),
        ("property: hostport", "property: hostport\n          envVarKey: PORT", "more than one thing"),
        ("key: PORT", "key: LOG_LEVEL", "has a variable twice"),
        ("name: shop-worker", "name: shop-web", "shop-web is there twice"),
    ],
)
def test_the_check_finds_fault(old: str, new: str, problem: str) -> None:
    text = text_of(running(shop(), "api", public=False, replicas=2, max_replicas=4))
    assert old in text
    assert problem in "\n".join(problems(text.replace(old, new, 1)))
