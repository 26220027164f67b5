"""What act cannot show is read from the workflow: which jobs there are, when they run, and what is cancelled."""

import json
import os
import subprocess
from typing import Any

import pytest

from bakegen.rules import PLATFORMS

from .workflows import CASES, Workflow, case, workflow

LABELS = {"amd64": "ubuntu-24.04", "arm64": "ubuntu-24.04-arm"}
UNBROKEN = "!failure() && !cancelled()"  # a job that was skipped stops nobody, one that failed everybody

each_case = pytest.mark.parametrize("flow", [case(name) for name in CASES], ids=list(CASES))


def condition(job: dict[str, str]) -> str:
    return " ".join(job["if"].split()).removeprefix("${{ ").removesuffix(" }}")


def test_services_are_not_in_the_workflow() -> None:
    """What their builds are given as secrets is there, once for all of them."""
    texts = {
        preset: workflow({"preset": preset, "pipeline.fan_out": "service"}).text
        for preset in ("empty", "single-image", "flask-sveltekit", "api-web")
    }
    assert texts["empty"] == texts["single-image"] == texts["flask-sveltekit"]
    added = set(texts["api-web"].splitlines()) - set(texts["empty"].splitlines())
    assert any("secrets.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY" in line for line in added)
    assert not [line for line in added if set(line.replace(":", " ").split()) & {"api", "web"}]


@pytest.mark.parametrize(("given", "warned"), [("false", True), ("true", False)])
def test_a_secret_that_is_not_set_is_said(given: str, *, warned: bool) -> None:
    key = "NEXT_SERVER_ACTIONS_ENCRYPTION_KEY"
    steps = case("build secrets").steps()
    (step,) = [step for name, step in steps if name == "prepare" and key in step.get("name", "")]
    assert step["env"] == {"GIVEN": f"${{{{ secrets.{key} != '' }}}}"}
    assert "if" not in step
    command = ["bash", "-c", step["run"]]
    done = subprocess.run(command, env={"GIVEN": given}, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"::warning::The secret {key} is not set: ") is warned
    assert (done.stdout != "") is warned


@each_case
def test_triggers(flow: Workflow) -> None:
    # YAML 1.1 reads the key `on` as true.
    assert flow.yaml[True] == {"push": {"branches": ["**"], "tags": ["v*.*.*"]}, "pull_request": None}


@each_case
def test_jobs(flow: Workflow) -> None:
    builds = ["build"] if flow.by_service else [f"build-{platform[6:]}" for platform in flow.project.platforms]
    deployments = ["deploy-staging", "deploy-production"] if flow.project.deploys else []
    before, after = ["prepare", "lint", "test", *builds, "merge"], ["release", *deployments, "images"]
    assert list(flow.jobs) == [*before, *flow.proofs, *after]
    expected = {"lint": ["prepare"], "test": ["prepare"], "merge": ["prepare", *builds]}
    expected |= {name: ["prepare", "lint", "test"] for name in builds}
    expected |= {name: ["prepare", "merge"] for name in flow.proofs}
    expected |= {"release": ["prepare", "merge", *flow.proofs]}
    expected |= {name: ["prepare", "release"] for name in deployments}
    needs = {name: job.get("needs", []) for name, job in flow.jobs.items()}
    assert {name: [need] if isinstance(need, str) else need for name, need in needs.items()} == expected | {
        "prepare": [],
        "images": [*before, *flow.proofs, "release"],
    }


@each_case
def test_every_platform_is_built_on_runners_of_its_own(flow: Workflow) -> None:
    for name, job in flow.builds.items():
        arch = "${{ matrix.arch }}" if flow.by_service else name.removeprefix("build-")
        runner = "${{ matrix.runner }}"
        if not flow.by_service:
            runner = f"${{{{ vars.RUNNER_{arch.upper()} || '{LABELS[arch]}' }}}}"
        assert job["runs-on"] == runner
        assert job["env"]["PLATFORMS"] == f"linux/{arch}"
        assert job["env"]["CACHE_SCOPE"] == arch
    assert "qemu" not in flow.text.lower()


@each_case
def test_builds_run_only_after_what_they_need(flow: Workflow) -> None:
    """Without a word such as always() in it, a condition asks for the success of all needed jobs too."""
    for name, job in flow.builds.items():
        output = "matrix != '[]'" if flow.by_service else f"targets-{name.removeprefix('build-')} != ''"
        assert condition(job) == f"needs.prepare.outputs.{output}"
    assert "if" not in flow.jobs["lint"] | flow.jobs["test"]


@each_case
def test_what_publishes_runs_after_skipped_jobs_and_never_after_failed_ones(flow: Workflow) -> None:
    succeeded = {name: f"needs.{name}.result == 'success'" for name in flow.jobs}
    assert condition(flow.jobs["merge"]) == f"{UNBROKEN} && needs.prepare.outputs.publish == 'true'"
    for name in flow.proofs:
        assert condition(flow.jobs[name]) == f"{UNBROKEN} && {succeeded['merge']}"
    asked = " && ".join(succeeded[name] for name in ("merge", *flow.proofs))
    assert condition(flow.jobs["release"]) == f"{UNBROKEN} && {asked}"
    for name, job in flow.deployments.items():
        environment = name.removeprefix("deploy-")
        assert condition(job) == (
            f"{UNBROKEN} && {succeeded['release']} && needs.prepare.outputs.environment == '{environment}'"
            f" && contains(vars.DEPLOY || 'staging production', '{environment}')"
        )


@each_case
def test_a_commit_is_run_once(flow: Workflow) -> None:
    wanted, seen = "github.event.pull_request.head.repo.full_name", ""
    if flow.project.pipeline.pr_tags:
        wanted = "github.event_name == 'pull_request' || github.ref_type == 'tag'"
        wanted += " || github.ref_name == github.event.repository.default_branch"
        seen = "needs.prepare.result == 'skipped' && 'images (see the pull request)'"
    else:
        seen = f"{wanted} == github.repository && 'images (see the push)'"
        wanted += " != github.repository"
    assert condition(flow.jobs["prepare"]) == wanted
    assert flow.jobs["images"]["name"] == f"${{{{ {seen} || 'images' }}}}"


@each_case
def test_last_job_always_runs_and_its_result_is_that_of_all(flow: Workflow) -> None:
    last = flow.jobs["images"]
    assert last["if"] == "always()"
    assert set(last["needs"]) == set(flow.jobs) - {"images", *flow.deployments}
    fine: dict[str, Any] = {name: {"result": "success", "outputs": {}} for name in last["needs"]}
    skipped: dict[str, Any] = {name: {"result": "skipped", "outputs": {}} for name in last["needs"]}
    published = fine | {"prepare": {"result": "success", "outputs": {"publish": "true"}}}
    assert passes(last, fine)
    assert passes(last, skipped)
    assert passes(last, published)
    assert not passes(last, published | {"release": {"result": "skipped", "outputs": {}}})
    for name in last["needs"]:
        for result in ("failure", "cancelled"):
            assert not passes(last, fine | {name: {"result": result, "outputs": {}}})


def passes(job: dict[str, Any], needs: dict[str, Any]) -> bool:
    """What the job says of these results; its step is a call of jq."""
    (step,) = job["steps"]
    environment = {"NEEDS": json.dumps(needs), "PATH": os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", step["run"]], env=environment, capture_output=True, check=False)
    return done.returncode == 0


@each_case
def test_every_job_has_a_name_and_a_time_limit(flow: Workflow) -> None:
    assert all(job["name"] for job in flow.jobs.values())
    own = {name: job for name, job in flow.jobs.items() if "uses" not in job}
    assert all(0 < job["timeout-minutes"] <= 60 for job in own.values())
    assert set(flow.jobs) - set(own) == set(flow.deployments)


@each_case
def test_runs_for_the_default_branch_and_versions_are_not_cancelled(flow: Workflow) -> None:
    assert flow.yaml["concurrency"] == {
        "group": "${{ github.workflow }}-${{ github.ref }}",
        "cancel-in-progress": "${{ github.ref_type != 'tag' && github.ref_name != github.event.repository.default_branch }}",
    }
    groups = {name: job["concurrency"] for name, job in flow.jobs.items() if "concurrency" in job}
    assert groups == {"merge": {"group": "${{ github.workflow }}-merge-${{ github.sha }}", "cancel-in-progress": False}}


def test_all_platforms_are_in_a_case() -> None:
    assert {flow.project.platforms for flow in map(case, CASES)} == {PLATFORMS, *((each,) for each in PLATFORMS)}
