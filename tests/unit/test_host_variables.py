"""Every host gives a process the same variables, by its files or by the commands they name; and no file has a secret."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from bakegen import answers, hosting, lock, planner
from bakegen.extras import Host
from bakegen.model import Process, Project, Service
from bakegen.running import run_of
from bakegen.stack import Variable
from tests.world import CATALOG, member, rendered, scaffold

Text = Callable[[str], str]
Reader = Callable[[Text, Process], Mapping[str, object]]

# What hosts and images set beside what a service asks for.
FURTHER = {"HOSTNAME", "PORT"}
SECRET = "8d1f2c5e-a-secret"


def compose(text: Text, process: Process) -> Mapping[str, object]:
    service = yaml.safe_load(text("compose.prod.yaml"))["services"][process.name]
    return {name: value.replace("$$", "$") for name, value in service.get("environment", {}).items()}


def dokploy(text: Text, process: Process) -> Mapping[str, object]:
    """An address is that of an application, on the port that it listens on."""
    applications = json.loads(text("deploy/dokploy.json"))["applications"]
    found: dict[str, object] = applications[process.name].get("env", {})
    ports = {json.dumps({"address": name}): f"http://{name}:{each.get('port')}" for name, each in applications.items()}
    return {name: ports.get(json.dumps(value), value) for name, value in found.items()}


def fly(text: Text, process: Process) -> Mapping[str, object]:
    """What fly.toml has: all processes of an app share it, and its secrets."""
    found: Mapping[str, object] = tomllib.loads(text(f"{process.service.path}/fly.toml")).get("env", {})
    return found


def kubernetes(text: Text, process: Process) -> Mapping[str, object]:
    """What a ConfigMap has that the container takes whole, and what it takes from elsewhere one by one."""
    documents = yaml.safe_load_all(text(f"kubernetes/base/{process.service.name}.yaml"))
    (deployment,) = [
        each for each in documents if (each["kind"], each["metadata"]["name"]) == ("Deployment", process.name)
    ]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    base = yaml.safe_load(text("kubernetes/base/kustomization.yaml"))
    maps = {each["name"]: each["literals"] for each in base.get("configMapGenerator", ())}
    taken = [maps[each["configMapRef"]["name"]] for each in container.get("envFrom", ())]
    literals = [literal.partition("=") for each in taken for literal in each]
    return {each["name"]: each.get("value") for each in container.get("env", ())} | {
        name: value for name, _, value in literals
    }


def railway(text: Text, process: Process) -> Mapping[str, object]:
    """The keys of `env: { … }` in `service("NAME", { … })`, as prettier has laid them out; texts are as in JSON."""
    found = re.search(
        rf"^( +)service\(\"{process.name}\", {{\n(?:\1 .*\n)*?\1  env: {{\n((?:\1   .*\n)*)",
        text(".railway/railway.ts"),
        re.MULTILINE,
    )
    lines = re.findall(r"^ +\"?([A-Z]\w*)\"?:\s+(.*),$", found[2], re.MULTILINE) if found else []
    return {name: json.loads(value) if value[:1] == '"' else value for name, value in lines}


def render(text: Text, process: Process) -> Mapping[str, object]:
    services = yaml.safe_load(text("render.yaml"))["services"]
    (service,) = [each for each in services if each["name"] == f"{process.service.slug}-{process.name}"]
    return {each["key"]: each.get("value", each.get("fromService")) for each in service.get("envVars", ())}


READERS: Mapping[str, Reader] = {
    "compose": compose,
    "dokploy": dokploy,
    "fly": fly,
    "kubernetes": kubernetes,
    "railway": railway,
    "render": render,
}
# What no file has, but a command that the files of the host name.
BY_COMMAND: Mapping[str, frozenset[str]] = {"fly": frozenset({"secret", "postgres", "redis"})}
# What stands for the address of another service, which is public.
ADDRESSES: Mapping[str, Callable[[Service], object]] = {
    "compose": lambda service: f"http://{service.name}:{service.port}",
    "dokploy": lambda service: f"http://{service.name}:{service.port}",
    "fly": lambda service: f"https://{service.slug}-{service.name}.fly.dev",
    "kubernetes": lambda service: f"http://{service.name}",
    "railway": lambda service: f"http://${{{{{service.name}.RAILWAY_PRIVATE_DOMAIN}}}}:{service.port}",
    "render": lambda service: {
        "type": "web",
        "name": f"{service.slug}-{service.name}",
        "envVarKey": "RENDER_EXTERNAL_URL",
    },
}


def projects() -> Iterator[tuple[str, Project]]:
    """Every preset, and a project with every kind of variable and of process."""
    for name in CATALOG.presets:
        yield name, answers.project(answers.complete({"project_name": "Shop", "preset": name}, CATALOG), CATALOG)
    env = (
        Variable(name="GREETING", value="Grüße, \"$you\" & 'all' # %{x} ${Y} \\"),
        Variable(name="SWITCH", value="yes", description="A word of YAML's"),
        Variable(name="TOKEN", secret=True, description="Said to others"),
    )
    run = run_of({"pre_deploy": "migrate --all", "replicas": 2, "max_replicas": 4}, {"beat": "beat", "work": "a 'b c'"})
    project = scaffold().with_service(replace(member(scaffold(), "api", needs=("postgres", "redis")), env=env, run=run))
    jobs = replace(member(project, "jobs", "node-worker", needs=("api", "redis")), env=env[1:])
    project = project.with_service(jobs).with_service(replace(member(project, "own", "dockerfile"), env=()))
    yield "everything", project.with_service(replace(member(project, "web-shop", "nextjs", needs=("api",)), env=env))


PROJECTS = dict(projects())


def on(host: str, project: Project) -> Project:
    return replace(project, hosts=(CATALOG.hosts[host],))


def test_every_host_has_a_reader() -> None:
    assert READERS.keys() == CATALOG.hosts.keys()


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("host", CATALOG.hosts)
def test_every_host_gives_the_same_variables(host: str, name: str) -> None:
    project = on(host, PROJECTS[name])
    tree = rendered(project)
    for process in project.processes:
        found = READERS[host](lambda path: tree[PurePosixPath(path)].text.decode(), process)
        settings = project.environment(process.service)
        by_command = {each.name for each in settings if each.kind in BY_COMMAND.get(host, ())}
        wanted = {each.name for each in settings}
        assert (found.keys() - FURTHER) | by_command == wanted, process.name
        assert found.keys() & by_command == set(), process.name
        told = {each.name: ADDRESSES[host](each.service) for each in settings if each.service is not None}
        told |= {each.name: each.value for each in settings if each.kind == "value"}
        assert {name: found[name] for name in told} == told, process.name


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("host", CATALOG.hosts.values(), ids=list(CATALOG.hosts))
def test_every_template_has_the_same_variables(host: Host, name: str) -> None:
    project = on(host.id, PROJECTS[name])
    for service in project.services:
        lines = list(hosting.dotenv(project, [service], host))
        keys = [match[1] for line in lines if (match := re.match(r"(?:# )?([A-Z][A-Z0-9_]*)=", line))]
        more = [host.by_hand[need] for need in service.needs if need in host.by_hand]
        assert keys == [*more, *(each.name for each in project.environment(service))]
        filled = {line.partition("=")[0] for line in lines if re.match("[A-Z]", line)}
        secrets = {each.name for each in project.environment(service) if each.kind == "secret"}
        assert filled >= secrets


def test_what_compose_reads_is_in_the_example() -> None:
    for project in PROJECTS.values():
        tree = rendered(replace(project, hosts=tuple(CATALOG.hosts.values())))
        example = tree[PurePosixPath(".env.example")].text.decode()
        offered = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE))
        assigned = re.findall(r"^([A-Z][A-Z0-9_]*)=", example, re.MULTILINE)
        texts = [file.text.decode() for path, file in tree.items() if re.fullmatch(r"compose.*\.yaml", str(path))]
        read = {name for text in texts for name in re.findall(r"(?<!\$)\$\{(\w+)", text)}
        images = {f"{service.variable}_IMAGE" for service in project.services}  # of images.env
        assert read - images <= offered
        assert set(assigned) <= read
        assert len(assigned) == len(set(assigned))
        for service in project.services:
            assert {each.name for each in project.environment(service)} <= offered


@pytest.mark.parametrize("name", PROJECTS)
def test_no_file_has_the_value_of_a_secret(name: str) -> None:
    """Even if a project had one: the project file refuses it."""
    project = replace(PROJECTS[name], hosts=tuple(CATALOG.hosts.values()), features=tuple(CATALOG.features.values()))
    services = []
    for service in project.services:
        secrets = (*service.env, Variable(name="LAST", secret=True))
        env = tuple(replace(each, value=SECRET) if each.secret else each for each in secrets)
        services.append(replace(service, env=env))
    project = replace(project, services=tuple(services))
    tree: dict[Any, bytes] = {path: file.text for path, file in rendered(project).items()}
    tree[lock.FILE] = lock.dump(planner.expected_lock(project, CATALOG, {}))
    assert [path for path, text in tree.items() if SECRET.encode() in text] == []
    for host in project.hosts:
        assert SECRET not in "\n".join(hosting.dotenv(project, project.services, host))
