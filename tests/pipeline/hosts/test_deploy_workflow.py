"""What act cannot show of deployments is read from the workflows: environments, permissions, secrets, one at a time.

The cases are the places that images can be in: they decide on logins.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from bakegen import catalog

ENVIRONMENTS = ("staging", "production")
DOKPLOY = {"DOKPLOY_API_KEY", "DOKPLOY_URL", "DOKPLOY_WEBHOOK_URL"}
REGISTRY = {
    "ghcr.io/acme/shop": set(),
    "acme/shop": {"DOCKERHUB_TOKEN"},
    "registry.example.com:5000/shop": {"REGISTRY_PASSWORD"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflows:
    """deploy.yml, and the jobs of images.yml that call it."""

    images: str
    text: str
    deploy: Mapping[Any, Any]
    callers: Mapping[str, Any]
    needed: list[str]

    @property
    def job(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.deploy["jobs"]["deploy"]
        return found

    @property
    def secrets(self) -> set[str]:
        return DOKPLOY | REGISTRY[self.images]

    @property
    def permissions(self) -> dict[str, str]:
        packages = {"packages": "read"} if self.images.startswith("ghcr.io/") else {}
        return {"contents": "read", "statuses": "write"} | packages

    def step(self, name: str) -> Mapping[str, Any]:
        (found,) = [step for step in self.job["steps"] if step.get("name", step.get("uses", "")).startswith(name)]
        return dict(found)


@pytest.fixture(scope="module", params=REGISTRY)
def workflows(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Workflows:
    folder = tmp_path_factory.mktemp("workflows")
    answers = ("project_slug=shop", "git_init=false", f"images={request.param}")
    command = [sys.executable, "-m", "bakegen", "new", "shop", "--preset=nextjs-dokploy"]
    subprocess.run([*command, *(f"--set={answer}" for answer in answers)], cwd=folder, check=True)
    texts = {name: (folder / f"shop/.github/workflows/{name}.yml").read_text() for name in ("deploy", "images")}
    jobs = yaml.safe_load(texts["images"])["jobs"]
    return Workflows(
        images=request.param,
        text=texts["deploy"],
        deploy=yaml.safe_load(texts["deploy"]),
        callers={name: job for name, job in jobs.items() if name.startswith("deploy-")},
        needed=jobs["images"]["needs"],
    )


def test_it_is_called_by_a_release_and_by_hand(workflows: Workflows) -> None:
    on = workflows.deploy[True]  # YAML 1.1 reads the key `on` as true
    assert set(on) == {"workflow_call", "workflow_dispatch"}
    for trigger in on.values():
        assert set(trigger["inputs"]) == {"environment", "tag", "service"}
        assert [trigger["inputs"][name].get("required") for name in ("environment", "tag", "service")] == [
            True,
            True,
            None,
        ]
    assert on["workflow_dispatch"]["inputs"]["environment"]["options"] == list(ENVIRONMENTS)


def test_the_job_is_in_the_environment_that_was_asked_for(workflows: Workflows) -> None:
    assert workflows.job["environment"] == {"name": "${{ inputs.environment }}", "url": "${{ vars.URL }}"}


def test_an_environment_gets_one_deployment_at_a_time_and_none_is_broken_off(workflows: Workflows) -> None:
    group = {"group": "deploy-${{ inputs.environment }}", "cancel-in-progress": False}
    assert workflows.job["concurrency"] == group
    assert 0 < workflows.job["timeout-minutes"] <= 60


def test_permissions_are_the_least_and_the_callers_grant_them(workflows: Workflows) -> None:
    assert workflows.deploy["permissions"] == {}
    assert workflows.job["permissions"] == workflows.permissions
    for caller in workflows.callers.values():
        assert caller["permissions"] == workflows.permissions


def test_each_secret_is_named_on_both_sides_and_none_is_inherited(workflows: Workflows) -> None:
    """An environment's secret reaches a called workflow only under a name that its caller passes."""
    assert set(workflows.deploy[True]["workflow_call"]["secrets"]) == workflows.secrets
    for caller in workflows.callers.values():
        assert caller["secrets"] == {name: f"${{{{ secrets.{name} }}}}" for name in workflows.secrets}
    assert set(re.findall(r"secrets\.(\w+)", workflows.text)) == workflows.secrets


def test_secrets_reach_only_the_step_that_needs_them(workflows: Workflows) -> None:
    for step in workflows.job["steps"]:
        found = set(re.findall(r"secrets\.(\w+)", str(step)))
        if step.get("name") == "Deploy to Dokploy":
            assert found == DOKPLOY
        elif step.get("uses", "").startswith("docker/login-action@"):
            assert found == REGISTRY[workflows.images]
        else:
            assert not found


def test_it_logs_in_where_it_can(workflows: Workflows) -> None:
    names = REGISTRY[workflows.images]
    gate = workflows.step("docker/login-action@").get("if")
    assert gate == ("env.LOGIN == 'true'" if names else None)
    for name in names:
        assert f"secrets.{name} != ''" in workflows.job["env"]["LOGIN"]


def test_releases_of_a_branch_and_of_a_version_are_deployed_and_nothing_waits_for_that(workflows: Workflows) -> None:
    assert list(workflows.callers) == [f"deploy-{name}" for name in ENVIRONMENTS]
    for name in ENVIRONMENTS:
        job = workflows.callers[f"deploy-{name}"]
        assert job["needs"] == ["prepare", "release"]
        assert "!failure() && !cancelled() && needs.release.result == 'success'" in job["if"]
        assert f"needs.prepare.outputs.environment == '{name}'" in job["if"]
        assert f"contains(vars.DEPLOY || 'staging production', '{name}')" in job["if"]
        assert job["uses"] == "./.github/workflows/deploy.yml"
        assert job["with"] == {"environment": name, "tag": "${{ needs.prepare.outputs.tag }}"}
    assert not set(workflows.callers) & set(workflows.needed)


def test_scripts_have_no_expressions_and_the_host_hears_of_a_cancelled_run(workflows: Workflows) -> None:
    scripts = [step["run"] for step in workflows.job["steps"] if "run" in step]
    assert len(scripts) == 4
    assert not any("${{" in script for script in scripts)
    assert workflows.step("Deploy to Dokploy")["run"].splitlines()[-1].startswith("exec sh deploy/dokploy.sh ")


def test_the_status_is_set_at_the_end_whatever_came_of_it(workflows: Workflows) -> None:
    last = workflows.job["steps"][-1]
    assert last["if"] == "always() && steps.images.outputs.revision != ''"
    assert last["env"]["STATE"] == "${{ job.status == 'cancelled' && 'error' || job.status }}"


def test_actions_are_pinned_and_the_checkout_keeps_no_credentials(workflows: Workflows) -> None:
    pinned = {str(action) for action in catalog.load().pins.actions.values()}
    assert set(re.findall(r"\buses: (.+)", workflows.text)) <= pinned
    assert workflows.step("actions/checkout@")["with"] == {"persist-credentials": False}
