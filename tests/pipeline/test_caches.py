"""A release takes no cache that a pull request wrote: only runs of the default branch write one.

Of the cache of GitHub Actions a run sees what its own branch wrote and what the default branch did: that is GitHub's
doing. In a registry all see the same cache, and there it is this alone.
"""

import json
import re
import subprocess
from dataclasses import replace
from itertools import product
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from tests.world import rendered, scaffold

WRITE = "${{ needs.prepare.outputs.cache-write }}"


def images_yml(*, pr_tags: bool = True, by_service: bool = False, builder: str = "runner") -> dict[str, Any]:
    project = scaffold(images="acme/shop", cache="registry")
    fan_out = "service" if by_service else "platform"
    pipeline = replace(project.pipeline, pr_tags=pr_tags, fan_out=fan_out, builder=builder)
    files = rendered(replace(project, pipeline=pipeline))
    workflow: dict[str, Any] = yaml.safe_load(files[PurePosixPath(".github/workflows/images.yml")].text)
    return workflow


@pytest.mark.parametrize(("by_service", "builder"), list(product((True, False), ("runner", "remote", "kubernetes"))))
def test_one_output_says_who_writes(*, by_service: bool, builder: str) -> None:
    workflow = images_yml(by_service=by_service, builder=builder)
    for text in re.findall(r'"CACHE_WRITE": ("[^"]*"|\w+)', json.dumps(workflow)):
        assert json.loads(text) == WRITE
    for name, job in workflow["jobs"].items():
        steps = [step for step in job.get("steps", ()) if "bake-action" in step.get("uses", "")]
        writing = [bool({"CACHE_WRITE"} & {*job.get("env", {}), *step.get("env", {})}) for step in steps]
        assert any(writing) == (name == "test" or name.startswith("build"))


@pytest.mark.parametrize(
    ("ref_type", "given", "publish", "write"),
    [
        pytest.param("branch", {"PUBLISH": "true"}, "true", "true", id="default branch"),
        pytest.param("tag", {"PUBLISH": "true"}, "true", "false", id="version"),
        pytest.param("branch", {"PUBLISH": "false"}, "false", "false", id="branch"),
        pytest.param("branch", {"PUBLISH": "false", "PULL_REQUEST": "7"}, "true", "false", id="pull request"),
        pytest.param("branch", {"PUBLISH": "true", "LOGIN": "false"}, "false", "false", id="without secrets"),
    ],
)
def test_which_runs_publish_and_write(
    tmp_path: Path, ref_type: str, given: dict[str, str], publish: str, write: str
) -> None:
    steps = images_yml()["jobs"]["prepare"]["steps"]
    (script,) = (step["run"] for step in steps if step.get("id") == "tags")
    run = {"GITHUB_REF_TYPE": ref_type, "GITHUB_REF_NAME": "v1.2.3", "GITHUB_SHA": "0" * 40}
    environment = run | {"PULL_REQUEST": "false", "LOGIN": "true", "GITHUB_OUTPUT": str(tmp_path / "output")} | given
    command = ["bash", "-euo", "pipefail", "-c", script]
    subprocess.run(command, env={"PATH": "/usr/bin:/bin", **environment}, check=True, capture_output=True)
    output = dict(line.split("=", 1) for line in (tmp_path / "output").read_text(encoding="utf-8").splitlines())
    assert (output["publish"], output["cache-write"]) == (publish, write)
