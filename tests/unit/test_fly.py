"""The files of the host fly: each fly.toml is one that flyctl understands whole, and says what bakegen.toml does."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest

from bakegen import run_clashes, service
from bakegen.model import Project
from bakegen.running import REGIONS, Run
from bakegen.service import Request
from bakegen.stack import Variable
from tests.fly_toml import problems
from tests.pairs import pairs
from tests.world import CATALOG, rendered, scaffold

FLY = CATALOG.hosts["fly"]
HOSTILE = r"""Größe "x" 'y' ${HOME} %{z} $(id) `id` {{ w }} \ <b> # & *"""
REQUESTS = (
    Request(name="api", needs=("postgres", "redis")),
    Request(name="web", stack="nextjs", needs=("api",)),
    Request(name="jobs", stack="python-worker", needs=("api", "redis")),
    Request(name="own", stack="dockerfile", port=9000, path=PurePosixPath("own"), needs=("web",)),
)
RUNS: Mapping[str, tuple[Any, ...]] = {
    "cpus": ("1", "0.25", "1.5", "4", "7", "12", "99"),
    "memory": ("512MiB", "100MiB", "3GiB", "17GiB", "40GiB", "900GiB"),
    "replicas": (1, 3),
    "max_replicas": (None, 5),
    "regions": ((), ("us-east",), ("asia", "us-west")),
    "domains": ((), ("api.example.com", "www.example.com")),
    "public": (None, True, False),
    "pre_deploy": (None, "node dist/migrate.js", HOSTILE.replace("'", "").replace('"', "").replace("\\", "")),
    "processes": ({}, {"worker": "python -m app.worker"}, {"app": "a 'b c'", "mail-out": "d"}),
}


def shop(**keys: object) -> Project:
    """Four services on Fly.io that run with these keys, as far as those go together with them."""
    project = replace(scaffold(), hosts=(FLY,))
    for request in REQUESTS:
        project = project.with_service(service.add(project, CATALOG, request))
    changed = []
    for each in project.services:
        run = Run(**keys, stated=tuple(keys))  # type: ignore[arg-type]
        if each.port is None or run.public is False:
            run = replace(run, domains=())
        env = (*each.env, Variable(name="GREETING", value=HOSTILE), Variable(name="KEY", value="dear", secret=True))
        changed.append(
            replace(each, run=replace(run, domains=tuple(f"{each.name}.{name}" for name in run.domains)), env=env)
        )
    return replace(project, services=tuple(changed))


def files(project: Project) -> dict[str, str]:
    return {str(path): file.text.decode() for path, file in rendered(project).items()}


def configs(project: Project) -> dict[str, dict[str, Any]]:
    """Each service's fly.toml, as data."""
    texts = files(project)
    return {each.name: tomllib.loads(texts[str(each.path / "fly.toml")]) for each in project.services}


def described(project: Project, name: str) -> str:
    """What deploy/fly.sh says of a service."""
    found = re.search(rf"(?ms)^    {name}\)\n(.+?)\n      ;;", files(project)["deploy/fly.sh"])
    assert found
    return " ".join(line.strip() for line in found[1].splitlines())


CHOICES = pairs({name: [str(number) for number in range(len(values))] for name, values in RUNS.items()})


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: "-".join(choice.values()))
def test_flyctl_understands_every_key(choice: dict[str, str]) -> None:
    project = shop(**{name: RUNS[name][int(number)] for name, number in choice.items()})
    assert [*run_clashes.clashes(project)] == []
    for name, config in configs(project).items():
        assert (name, problems(config)) == (name, [])
    assert "dear" not in "".join(text for path, text in files(project).items() if path != "bakegen.toml")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"restrat": [{"policy": "always"}]}, "unknown key: restrat"),
        ({"http_service": {"auto_start_machine": True}}, "unknown key: http_service.auto_start_machine"),
        ({"primary_region": 1}, "primary_region is no str: 1"),
        ({"kill_timeout": "30"}, "kill_timeout is no duration: 30"),
        ({"kill_signal": "TERM"}, "kill_signal cannot be TERM"),
        ({"env": {"FLY_X": "y"}}, "env.FLY_X begins with FLY_"),
        ({"processes": {"web": ""}}, "processes: a service or check has none"),
        ({"restart": [{"policy": "always", "processes": ["web"]}]}, "processes: web is none"),
        ({"vm": [{"size": "shared-cpu-1x", "memory": "4096mb"}]}, "vm: shared-cpu-1x cannot have 4096mb"),
        ({"http_service": {"checks": []}}, "deploy.strategy: bluegreen needs a check"),
    ],
)
def test_what_flyctl_would_not_understand_is_found(change: dict[str, Any], problem: str) -> None:
    config = configs(shop())["api"]
    for name, value in change.items():
        config[name] = config[name] | value if name in config and isinstance(value, dict) else value
    assert problem in problems(config)


def test_an_app_of_its_own_for_each_service_with_the_image_of_the_project() -> None:
    project = shop()
    found = configs(project)
    assert {name: config["app"] for name, config in found.items()} == {name: f"shop-{name}" for name in found}
    assert {config["build"]["image"] for config in found.values()} == {
        f"{project.images}-{name}:latest" for name in found
    }


def test_who_is_reached_how() -> None:
    """Others find a service by an address that answers without a redirection, and without TLS where there is none."""
    for public, url, force in ((None, "https://shop-api.fly.dev", True), (False, "http://shop-api.flycast", False)):
        found = configs(shop(public=public))
        assert found["web"]["env"]["API_URL"] == found["jobs"]["env"]["API_URL"] == url
        assert found["api"]["http_service"]["force_https"] is force
        assert "http_service" not in found["jobs"]
    assert described(shop(public=False), "api").startswith("folder=services/api reach=private ")
    assert described(shop(), "api").startswith("folder=services/api reach=public ")
    assert described(shop(), "jobs").startswith("folder=services/jobs reach=nobody ")
    assert described(shop(), "own").endswith(" addresses='WEB_URL=web'")


def test_databases_and_secrets_have_no_value_and_are_named_with_the_command_that_sets_them() -> None:
    project = shop()
    for each in project.services:
        text = files(project)[str(each.path / "fly.toml")]
        kept = [setting.name for setting in project.environment(each) if setting.kind not in {"value", "service"}]
        assert not set(kept) & set(tomllib.loads(text)["env"])
        assert "KEY" in kept
        for name in set(kept) - {"DATABASE_URL"}:
            assert f"#   fly secrets set --stage --config {each.path}/fly.toml {name}=" in text
        assert ("#   fly mpg attach CLUSTER --app shop-api\n" in text) == (each.name == "api")


def test_nothing_sleeps_but_what_scales() -> None:
    for maximum, expected in ((None, ("off", False, None)), (5, ("stop", True, 3))):
        config = configs(shop(replicas=3, max_replicas=maximum))["api"]
        assert config["restart"] == [{"policy": "always"}]
        found = config["http_service"]
        keys = ("auto_stop_machines", "auto_start_machines", "min_machines_running")
        assert tuple(found.get(key) for key in keys) == expected


def test_how_many_machines_run_where() -> None:
    project = shop(replicas=2, max_replicas=6, regions=("us-east",), processes={"mail": "m"})
    assert "machines='fra:app=6 fra:api-mail=1 iad:app=6' " in described(project, "api")
    assert "machines='fra:app=2 fra:jobs-mail=1 iad:app=2' " in described(project, "jobs")
    assert configs(project)["api"]["primary_region"] == "fra"
    assert configs(replace(project, region="asia"))["api"]["primary_region"] == "sin"
    assert list(FLY.regions) == list(REGIONS)


@pytest.mark.parametrize(
    ("cpus", "memory", "size", "given"),
    [
        ("0.25", "100MiB", "shared-cpu-1x", "256mb"),
        ("1", "512MiB", "shared-cpu-1x", "512mb"),
        ("1", "513MiB", "shared-cpu-1x", "768mb"),
        ("1", "2GiB", "shared-cpu-1x", "2048mb"),
        ("1", "3GiB", "shared-cpu-2x", "3072mb"),
        ("1.5", "256MiB", "shared-cpu-2x", "512mb"),
        ("8", "1GiB", "shared-cpu-8x", "2048mb"),
        ("1", "16GiB", "shared-cpu-8x", "16384mb"),
        ("9", "1GiB", "performance-16x", "32768mb"),
        ("1", "17GiB", "performance-16x", "32768mb"),
        ("16", "33GiB", "performance-16x", "34816mb"),
        ("99", "900GiB", "performance-16x", "131072mb"),
    ],
)
def test_the_smallest_machine_that_has_so_much(cpus: str, memory: str, size: str, given: str) -> None:
    assert configs(shop(cpus=cpus, memory=memory))["api"]["vm"] == [{"size": size, "memory": given}]


def test_processes_are_groups_of_the_same_app() -> None:
    found = configs(shop(processes={"worker": "python -m app.worker", "app": "x"}))["api"]
    assert found["processes"] == {"app": "", "api-app": "x", "api-worker": "python -m app.worker"}
    assert found["http_service"]["processes"] == ["app"]
    assert "processes" not in configs(shop())["api"]


def test_the_command_before_a_deployment() -> None:
    assert configs(shop(pre_deploy="a 'b c'"))["api"]["deploy"]["release_command"] == "a 'b c'"
    assert "release_command" not in configs(shop())["api"]["deploy"]


def test_each_domain_is_named_with_the_command_that_adds_it() -> None:
    text = files(shop(domains=("example.com",)))["services/api/fly.toml"]
    assert "#   fly certs add --config services/api/fly.toml api.example.com\n" in text


def test_a_change_of_the_port_changes_one_line() -> None:
    project = shop()
    changed = replace(
        project, services=tuple(replace(each, port=4100) if each.name == "api" else each for each in project.services)
    )
    for path, text in files(project).items():
        if path.endswith("fly.toml") or path == "deploy/fly.sh":
            after = files(changed)[path]
            expected = text.replace("internal_port = 8000", "internal_port = 4100") if "services/api" in path else text
            assert after == expected


def test_no_image_has_the_file_in_it() -> None:
    """Or a machine more would be another image."""
    project = shop()
    texts = files(project)
    for each in project.services:
        if "Dockerfile" in each.stack.managed:
            assert f"\n{each.path}/fly.toml\n" in texts[f"{each.path}/Dockerfile.dockerignore"]
            without = files(replace(project, hosts=()))[f"{each.path}/Dockerfile.dockerignore"]
            assert "fly.toml" not in without


def test_deploy_yml_brings_flyctl_before_it_is_needed() -> None:
    text = files(shop())[".github/workflows/deploy.yml"]
    action = CATALOG.pins.actions["superfly/flyctl-actions/setup-flyctl"]
    step = (
        f"      - uses: {action}\n        with:\n          version: {CATALOG.pins.tools['flyctl']} # superfly/flyctl\n"
    )
    assert f"{step}      - name: Deploy to Fly.io\n" in text
    elsewhere = replace(shop(), hosts=(CATALOG.hosts["dokploy"],))
    assert "flyctl" not in files(elsewhere)[".github/workflows/deploy.yml"]
