"""What each job may do and is given: permissions, secrets, logins, credentials, pinned actions, no text of events."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from bakegen.registry import DOCKER, GITHUB
from bakegen.render import render
from tests.world import CACHE, CATALOG

from .workflows import CASES, Workflow, case

PINS = tomllib.loads((Path(__file__).parents[2] / "generator/bakegen/pins.toml").read_text(encoding="utf-8"))
BUILDKIT = {
    "remote": {"BUILDKIT_CA", "BUILDKIT_CERT", "BUILDKIT_KEY"},
    "kubernetes": {"BUILDKIT_KUBECONFIG"},
}
BUILDER = "needs.prepare.outputs.builder"
READ = {"contents": "read"}
WRITE = {"packages": "write"}

each_case = pytest.mark.parametrize("flow", [case(name) for name in CASES], ids=list(CASES))


@each_case
def test_permissions_are_the_least(flow: Workflow) -> None:
    project, hosts = flow.project, {registry.domain for registry in flow.project.registries}
    push = WRITE if project.registry.domain == GITHUB else {}
    tag = WRITE if GITHUB in hosts else {}
    attested = {"id-token": "write"} | ({"attestations": "write"} if project.pipeline.attest else {})
    pull = {"packages": "read"} if project.registry.domain == GITHUB else {}
    assert flow.yaml["permissions"] == {}
    expected = {
        "prepare": READ,
        "lint": READ,
        "test": READ | (push if project.cache == "registry" else {}),
        **dict.fromkeys(flow.builds, READ | push),
        "merge": READ | tag,
        "scan": READ | pull | {"actions": "read", "security-events": "write"},
        "attest": READ | push | attested,
        "release": {"contents": "write"} | tag,
        **{name: READ | pull | {"statuses": "write"} for name in flow.deployments},
        "images": {},
    }
    assert {name: job["permissions"] for name, job in flow.jobs.items()} == {name: expected[name] for name in flow.jobs}


@each_case
def test_checkouts_keep_no_credentials(flow: Workflow) -> None:
    checkouts = flow.steps("actions/checkout@")
    scanning = {"scan"} & set(flow.jobs)
    assert {name for name, _ in checkouts} == {"prepare", "lint", "test", *flow.builds, "merge", *scanning}
    # A version is compared with the others: that takes the tags, which come with the history.
    history: dict[str, object] = {"prepare": "${{ github.ref_type == 'tag' && '0' || '1' }}"}
    history |= {"prepare": 0} if flow.project.pipeline.affected else {}
    history |= {"lint": 0} if flow.project.source else {}
    for name, step in checkouts:
        depth = {"fetch-depth": history[name]} if name in history else {}
        assert step["with"] == {"persist-credentials": False} | depth


@each_case
def test_actions_are_pinned_to_what_the_pins_say(flow: Workflow) -> None:
    pinned = {f"{name}@{pin['sha']} # {pin['version']}" for name, pin in PINS["actions"].items()}
    used = set(re.findall(r"(?m)^[ -]+uses: (.+)", flow.text))
    called = {line for line in used if line.startswith("./")}
    assert {line.split()[0] for line in called} == ({"./.github/workflows/deploy.yml"} if flow.deployments else set())
    assert used - called
    assert used - called <= pinned


def test_every_pinned_action_is_in_a_case() -> None:
    """Also those whose name has a path, and those of hosts, which are in deploy.yml."""
    every = replace(case("deployed").project, hosts=tuple(CATALOG.hosts.values()))
    deploying = render(every, CATALOG, CACHE)[PurePosixPath(".github/workflows/deploy.yml")].text.decode()
    texts = [*(case(key).text for key in CASES), deploying]
    used = {name for text in texts for name in re.findall(r"(?m)^[ -]+uses: (\S+)@", text)}
    assert used == set(PINS["actions"])


@each_case
def test_scripts_have_no_expressions(flow: Workflow) -> None:
    scripts = [step["run"] for _, step in flow.steps() if "run" in step]
    assert scripts
    assert not any("${{" in script for script in scripts)


@each_case
def test_nothing_that_a_stranger_can_write_is_read(flow: Workflow) -> None:
    """Of an event only what GitHub itself says of it: repositories, a number, the default branch."""
    read = set(re.findall(r"github\.event\.[\w.]+", flow.text))
    assert read <= {
        "github.event.number",
        "github.event.pull_request.head.repo.full_name",
        "github.event.repository.default_branch",
        "github.event.repository.fork",
    }
    assert "github.head_ref" not in flow.text
    based = [step for _, step in flow.steps() if "github.base_ref" in json.dumps(step)]
    assert len(based) == flow.text.count("github.base_ref") == flow.project.pipeline.affected
    assert all('"$BASE...HEAD"' in step["run"] for step in based)


@each_case
def test_secrets_are_only_where_they_belong(flow: Workflow) -> None:
    """Steps, and not jobs, are given them: what a step runs can read all that its job has."""
    assert not re.search(r"secrets\.|github\.token", json.dumps([flow.yaml["env"], flow.yaml["defaults"]]))
    for job in flow.jobs.values():
        assert not re.search(r"secrets\.|github\.token", json.dumps(job.get("env", {})))
    build, registries = set(flow.project.build_secrets), flow.project.registries
    expected = {registry.domain: set(registry.secrets or ("token",)) for registry in registries}
    for name, step, found in flow.tokens():
        if step.get("uses", "").startswith("docker/login-action@"):
            assert found == expected[step["with"].get("registry", DOCKER)]
            assert set(step["with"]) <= {"registry", "username", "password"}
            # GitHub empties the outputs that a secret is in, and a user's name is in the names of images.
            assert "secrets." not in step["with"]["username"].replace("secrets.AWS_ACCESS_KEY_ID", "")
        elif step.get("if") == f"{BUILDER} == 'true'":
            assert name in {"lint", "test", *flow.builds}
            assert found == BUILDKIT[flow.project.pipeline.builder]
        elif name == "prepare":
            values = [value for value in step["env"].values() if "secrets." in str(value)]
            assert all(re.fullmatch(r"\$\{\{ ((?:vars|secrets)\.\w+ != ''( && )?)+ \}\}", value) for value in values)
        elif name == "release":
            assert (found, step["if"]) == ({"token"}, "github.ref_type == 'tag'")
        else:
            assert name in {"test", *flow.builds}
            assert found <= build
            assert all(step["env"][secret] == f"${{{{ secrets.{secret} }}}}" for secret in found)
    for job in flow.deployments.values():
        hosts = {secret for host in flow.project.hosts for secret in host.secrets}
        assert set(job["secrets"]) == hosts | set(flow.project.registry.secrets)


@each_case
def test_logins_are_gated_and_name_the_registry(flow: Workflow) -> None:
    hosts = [registry.domain for registry in flow.project.registries]
    found: dict[str, list[str]] = {}
    for name, step in flow.steps("docker/login-action@"):
        assert step["if"] == "needs.prepare.outputs.login == 'true'"
        found.setdefault(name, []).append(step["with"].get("registry", DOCKER))
    reading = ["test"] if flow.project.cache == "registry" else []
    expected = dict.fromkeys((*reading, *flow.builds, *flow.proofs), hosts[:1])
    assert found == expected | {"merge": hosts, "release": hosts}


@each_case
def test_builders_are_pinned_and_attest_no_event(flow: Workflow) -> None:
    tools = PINS["tools"]
    wanted, builds = flow.project.pipeline.builder, {"lint", "test", *flow.builds}
    own: dict[str, list[str]] = {}
    for name, step in flow.steps("docker/setup-buildx-action@"):
        given = step["with"]
        assert (given["version"], given["cache-binary"]) == (tools["buildx"], False)
        options = given.get("driver-opts", "").splitlines()
        if name not in builds:
            assert (given["driver"], options) == ("docker", [])
        elif "driver" not in given:
            assert options == [f"image=moby/buildkit:{tools['buildkit']}", "provenance-add-gha=false"]
            always = wanted == "runner" or name == "lint"
            assert step.get("if") == (None if always else f"{BUILDER} != 'true'")
        else:
            assert step["if"] == f"{BUILDER} == 'true'"
            own.setdefault(name, []).append(given["driver"])
            assert wanted == "remote" or options[0] == f"image=moby/buildkit:{tools['buildkit']}"
    assert own == {name: [wanted] for name in builds - {"lint"} if wanted != "runner"}


@each_case
def test_only_publishing_runs_write_the_cache_and_push(flow: Workflow) -> None:
    publishing, writing = "needs.prepare.outputs.publish == 'true'", "${{ needs.prepare.outputs.cache-write }}"
    pushes = {name: step for name, step in flow.steps("docker/bake-action@") if step.get("id") == "push"}
    assert set(pushes) == set(flow.builds)
    for name, step in flow.steps("docker/bake-action@"):
        variables = step.get("env", {})
        assert step["with"]["source"] == "."
        assert "call" not in step["with"]
        if step.get("id") == "push":
            assert (step["if"], variables["CACHE_WRITE"], variables["PUSH_BY_DIGEST"]) == (publishing, writing, True)
        else:
            assert not variables.keys() & {"CACHE_WRITE", "PUSH_BY_DIGEST", "PUSH"}
            assert name == "test" or variables["TAGS"] == "candidate"
    jobs = {name: job["env"]["CACHE_WRITE"] for name, job in flow.jobs.items() if "CACHE_WRITE" in job.get("env", {})}
    assert jobs == {"test": writing}
    assert flow.yaml["env"]["CACHE"] == flow.project.cache
