"""What 200 services need of what GitHub and Linux limit: outputs, variables, jobs; and the artifacts' names."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .workflows import CASES, Workflow, case

OUTPUTS = 1_000_000  # bytes, of one job: https://docs.github.com/en/actions/reference/workflow-syntax#jobsjob_idoutputs
VARIABLE = 128 * 1024  # bytes, of one variable of a program: MAX_ARG_STRLEN of Linux
NAMES = [f"{number:03}-{'a' * 35}" for number in range(200)]
IMAGES = {
    name: {"repository": f"registry.example.com/{'b' * 60}-{name}", "platforms": ["linux/amd64", "linux/arm64"]}
    for name in NAMES
}

each_case = pytest.mark.parametrize("flow", [case(name) for name in CASES], ids=list(CASES))


def chosen(flow: Workflow, folder: Path) -> dict[str, str]:
    """What prepare's last step says of 200 services."""
    (step,) = [step for _, step in flow.steps() if step.get("id") == "targets"]
    targets: dict[str, Any] = {name: {"context": f"services/{name}", "dockerfile": "Dockerfile"} for name in NAMES}
    bake = {"target": targets, "group": {"test": {"targets": NAMES}}}
    (folder / "bake.json").write_text(json.dumps(bake), encoding="utf-8")
    runners = json.dumps({"amd64": "ubuntu-24.04", "arm64": "ubuntu-24.04-arm"})
    environment = os.environ | {"ALL": json.dumps(IMAGES), "RUNNERS": runners, "RUNNER_TEMP": str(folder)}
    environment |= {"GITHUB_OUTPUT": str(folder / "outputs")}
    subprocess.run(["bash", "-c", step["run"]], env=environment, check=True, capture_output=True)
    lines = (folder / "outputs").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("name", ["default", "by service"])
def test_outputs_of_200_services_are_far_from_the_limits(name: str, tmp_path: Path) -> None:
    outputs = chosen(case(name), tmp_path)
    digest = f"sha256:{'0' * 64}"
    digests = json.dumps(dict.fromkeys(NAMES, digest))
    merged = json.dumps([{"service": key, "image": IMAGES[key]["repository"], "digest": digest} for key in NAMES])
    for value in (*outputs.values(), json.dumps(IMAGES), digests):
        assert len(value) < VARIABLE
    assert sum(map(len, outputs.values())) + len(json.dumps(IMAGES)) < OUTPUTS / 4
    assert len(merged) < OUTPUTS / 4
    assert len(json.loads(outputs.get("matrix", "[]"))) == (400 if name == "by service" else 0)


@each_case
def test_jobs_give_outputs_only_of_what_is_small(flow: Workflow) -> None:
    """Names, digests and answers: never what bake says of a build."""
    assert flow.yaml["env"]["BUILDX_METADATA_PROVENANCE"] == "disabled"
    assert flow.yaml["env"]["DOCKER_BUILD_RECORD_UPLOAD"] is False
    given = {name: set(job["outputs"]) for name, job in flow.jobs.items() if "outputs" in job}
    targets = {"matrix"} if flow.by_service else {f"targets-{each[6:]}" for each in flow.project.platforms}
    decided = {"images", "tests", "publish", "cache-write", "login", "tag", "moving-tags"}
    decided |= {"builder"} if flow.project.pipeline.builder != "runner" else set()
    assert given == {
        "prepare": decided | targets | ({"environment"} if flow.deployments else set()),
        "merge": {"indexes"} | ({"platforms"} if "scan" in flow.jobs else set()),
    } | ({} if flow.by_service else {name: {"digests"} for name in flow.builds})
    assert not re.search(r"outputs\.metadata", json.dumps([job.get("outputs") for job in flow.jobs.values()]))


@each_case
def test_artifacts_have_exact_names_and_can_be_written_again(flow: Workflow) -> None:
    names = {"merge": "release"}
    if flow.by_service:
        names["build"] = "digest.${{ matrix.target }}.${{ matrix.arch }}"
    uploads = flow.steps("actions/upload-artifact@")
    assert {name: step["with"]["name"] for name, step in uploads} == names
    for _, step in uploads:
        assert (step["with"]["overwrite"], step["with"]["if-no-files-found"]) == (True, "error")
    downloads = {name: step["with"] for name, step in flow.steps("actions/download-artifact@")}
    assert downloads.pop("release") == {"name": "release"}
    assert {name: given["pattern"] for name, given in downloads.items()} == (
        {"merge": "digest.*"} if flow.by_service else {}
    )


@each_case
def test_matrices_are_computed(flow: Workflow) -> None:
    """From what prepare and merge say: no service is listed by hand; one job that fails does not stop the others."""
    matrices = {name: job["strategy"] for name, job in flow.jobs.items() if "strategy" in job}
    needed = {"build": "prepare.outputs.matrix", "scan": "merge.outputs.platforms", "attest": "merge.outputs.indexes"}
    assert matrices == {
        name: {"fail-fast": False, "matrix": {"include": f"${{{{ fromJSON(needs.{needed[name]}) }}}}"}}
        for name in ("build", "scan", "attest")
        if name in flow.jobs
    }
