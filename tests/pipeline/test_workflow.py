"""What act cannot show is read from the workflow: permissions, time limits, concurrency, logins, triggers.

The cases are the workflow's own options: where images go, how they are cached, for which platforms.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

PINS = tomllib.loads((Path(__file__).parents[2] / "generator/bakegen/pins.toml").read_text(encoding="utf-8"))
BOTH = ("linux/amd64", "linux/arm64")
LABELS = {"amd64": "ubuntu-24.04", "arm64": "ubuntu-24.04-arm"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflow:
    """A rendered images.yml, with the answers that reach it."""

    images: str
    cache: str
    platforms: tuple[str, ...]
    text: str
    yaml: Mapping[Any, Any]

    @property
    def jobs(self) -> Mapping[str, Any]:
        jobs: Mapping[str, Any] = self.yaml["jobs"]
        return jobs

    @property
    def builds(self) -> dict[str, Any]:
        return {name: job for name, job in self.jobs.items() if name.startswith("build-")}

    def steps(self, action: str = "") -> list[tuple[str, Mapping[str, Any]]]:
        """The steps that use an action, each with the name of its job."""
        return [
            (name, step)
            for name, job in self.jobs.items()
            for step in job["steps"]
            if step.get("uses", "").startswith(action)
        ]


def bakegen(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "bakegen", *arguments], cwd=folder, check=True, capture_output=True)


def render(folder: Path, images: str, cache: str, platforms: tuple[str, ...], preset: str = "empty") -> Workflow:
    settings = {"project_slug": "shop", "owner": "acme", "git_init": "false", "images": images, "cache": cache}
    bakegen(folder, "new", "shop", f"--preset={preset}", *(f"--set={name}={value}" for name, value in settings.items()))
    project = folder / "shop/bakegen.toml"
    text = project.read_text(encoding="utf-8")
    listed = ", ".join(f'"{platform}"' for platform in platforms)
    project.write_text(re.sub(r"platforms = .*", f"platforms = [{listed}]", text), encoding="utf-8")
    bakegen(folder / "shop", "sync")
    text = (folder / "shop/.github/workflows/images.yml").read_text(encoding="utf-8")
    return Workflow(images=images, cache=cache, platforms=platforms, text=text, yaml=yaml.safe_load(text))


CASES = [
    *product(("ghcr.io/acme/shop", "acme/shop"), ("gha", "registry", "none"), [BOTH]),
    ("registry.example.com:5000/shop", "gha", ("linux/amd64",)),
    ("ghcr.io/acme/shop", "registry", ("linux/arm64",)),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: " ".join((case[0], case[1], *case[2])))
def workflow(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    images, cache, platforms = request.param
    return render(tmp_path_factory.mktemp("workflow"), images, cache, platforms)


def test_services_are_not_in_the_workflow(tmp_path: Path) -> None:
    """What their builds are given as secrets is there, once for all of them."""
    texts = {}
    for preset in ("empty", "single-image", "flask-sveltekit", "api-web"):
        (tmp_path / preset).mkdir()
        texts[preset] = render(tmp_path / preset, "ghcr.io/acme/shop", "gha", BOTH, preset).text
    assert texts["empty"] == texts["single-image"] == texts["flask-sveltekit"]
    added = set(texts["api-web"].splitlines()) - set(texts["empty"].splitlines())
    assert any("secrets.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY" in line for line in added)
    assert [line for line in added if re.search(r"\b(api|web)\b", line)] == []


@pytest.mark.parametrize(("given", "warned"), [("false", True), ("true", False)])
def test_a_secret_that_is_not_set_is_said(tmp_path: Path, given: str, *, warned: bool) -> None:
    workflow = render(tmp_path, "ghcr.io/acme/shop", "gha", BOTH, "api-web")
    key = "NEXT_SERVER_ACTIONS_ENCRYPTION_KEY"
    (step,) = [step for name, step in workflow.steps() if name == "prepare" and key in step.get("name", "")]
    assert step["env"] == {"GIVEN": f"${{{{ secrets.{key} != '' }}}}"}
    assert "if" not in step
    command = ["bash", "-c", step["run"]]
    done = subprocess.run(command, env={"GIVEN": given}, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"::warning::The secret {key} is not set: ") is warned
    assert (done.stdout != "") is warned


def test_triggers(workflow: Workflow) -> None:
    # YAML 1.1 reads the key `on` as true.
    assert workflow.yaml[True] == {"push": {"branches": ["**"], "tags": ["v*.*.*"]}, "pull_request": None}


def test_one_native_build_job_for_each_platform(workflow: Workflow) -> None:
    arches = [platform.split("/")[1] for platform in workflow.platforms]
    assert list(workflow.builds) == [f"build-{arch}" for arch in arches]
    for arch in arches:
        job = workflow.builds[f"build-{arch}"]
        assert job["runs-on"] == f"${{{{ vars.RUNNER_{arch.upper()} || '{LABELS[arch]}' }}}}"
        assert job["env"]["PLATFORMS"] == f"linux/{arch}"
        assert job["env"]["CACHE_SCOPE"] == arch
    assert "qemu" not in workflow.text.lower()


def test_permissions_are_the_least(workflow: Workflow) -> None:
    assert workflow.yaml["permissions"] == {}
    read = {"contents": "read"}
    push = read | {"packages": "write"} if workflow.images.startswith("ghcr.io/") else read
    expected = dict.fromkeys(workflow.builds, push) | {"prepare": read, "test": read, "merge": push, "images": {}}
    if workflow.cache == "registry":
        expected["test"] = push
    assert {name: job["permissions"] for name, job in workflow.jobs.items()} == expected


def test_every_job_has_a_time_limit(workflow: Workflow) -> None:
    assert all(0 < job["timeout-minutes"] <= 60 for job in workflow.jobs.values())


def test_only_runs_that_publish_nothing_are_cancelled(workflow: Workflow) -> None:
    assert workflow.yaml["concurrency"] == {
        "group": "${{ github.workflow }}-${{ github.ref }}",
        "cancel-in-progress": "${{ github.ref_type != 'tag' && github.ref_name != github.event.repository.default_branch }}",
    }
    assert workflow.jobs["merge"]["concurrency"]["cancel-in-progress"] is False


def test_last_job_waits_for_all_others_and_always_runs(workflow: Workflow) -> None:
    last = workflow.jobs["images"]
    assert set(last["needs"]) == set(workflow.jobs) - {"images"}
    assert last["if"] == "always()"


def test_checkouts_keep_no_credentials(workflow: Workflow) -> None:
    checkouts = workflow.steps("actions/checkout@")
    assert {name for name, _ in checkouts} == set(workflow.jobs) - {"images"}
    assert all(step["with"] == {"persist-credentials": False} for _, step in checkouts)


def test_actions_are_pinned_to_what_the_pins_say(workflow: Workflow) -> None:
    pinned = {f"{name}@{pin['sha']} # {pin['version']}" for name, pin in PINS["actions"].items()}
    used = set(re.findall(r"uses: (.+)", workflow.text))
    assert used
    assert used <= pinned


def test_scripts_have_no_expressions(workflow: Workflow) -> None:
    scripts = [step["run"] for _, step in workflow.steps() if "run" in step]
    assert scripts
    assert not any("${{" in script for script in scripts)


def test_secrets_are_only_for_login(workflow: Workflow) -> None:
    """The other place asks whether they are there."""
    for line in workflow.text.splitlines():
        if "secrets." in line or "github.token" in line:
            assert re.fullmatch(r" +(username|password|LOGIN): \$\{\{ .+ \}\}", line)
    ghcr = workflow.images.startswith("ghcr.io/")
    assert ("secrets." in workflow.text) != ghcr
    assert ("github.token" in workflow.text) == ghcr


def test_logins_are_gated_and_name_the_registry(workflow: Workflow) -> None:
    logins = workflow.steps("docker/login-action@")
    reading = {"test"} if workflow.cache == "registry" else set()
    assert {name for name, _ in logins} == {*workflow.builds, "merge", *reading}
    host = {"ghcr.io/acme/shop": "ghcr.io", "acme/shop": None}.get(workflow.images, "registry.example.com:5000")
    for _, step in logins:
        assert step["if"] == "needs.prepare.outputs.login == 'true'"
        assert step["with"].get("registry") == host


def test_builders_are_pinned_and_attest_no_event(workflow: Workflow) -> None:
    tools = PINS["tools"]
    builder = f"image=moby/buildkit:{tools['buildkit']}\nprovenance-add-gha=false\n"
    for name, step in workflow.steps("docker/setup-buildx-action@"):
        kind = {"driver-opts": builder} if name == "test" or name in workflow.builds else {"driver": "docker"}
        assert step["with"] == {"version": tools["buildx"], "cache-binary": False} | kind


def test_bake_output_stays_small_and_leaves_no_artifacts(workflow: Workflow) -> None:
    settings = workflow.yaml["env"]
    assert settings["BUILDX_METADATA_PROVENANCE"] == "disabled"
    assert settings["DOCKER_BUILD_RECORD_UPLOAD"] is False
    assert settings["CACHE"] == workflow.cache
    assert "artifact@" not in workflow.text
    for job in workflow.builds.values():
        assert job["outputs"] == {"digests": "${{ steps.digests.outputs.digests }}"}


def test_only_publishing_runs_write_the_cache_and_push(workflow: Workflow) -> None:
    bakes = workflow.steps("docker/bake-action@")
    for name, step in bakes:
        assert step["with"]["source"] == "."
        assert "call" not in step["with"]
        variables = step.get("env", {})
        if variables.keys() & {"CACHE_WRITE", "PUSH_BY_DIGEST"}:
            assert step["if"] == "needs.prepare.outputs.publish == 'true'"
        elif name in workflow.builds:
            assert step["with"]["set"] == "*.output=type=docker"
    writing = [name for name, job in workflow.jobs.items() if "CACHE_WRITE" in job.get("env", {})]
    assert writing == ["test"]
    assert workflow.jobs["test"]["env"]["CACHE_WRITE"] == "${{ needs.prepare.outputs.publish }}"
