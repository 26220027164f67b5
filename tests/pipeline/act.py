"""Run a generated workflow as GitHub would, with `act`.

The workflow file is run as it is, with the real expressions, needs and outputs, bake, builds and pushes. Replaced are
the actions' own code (by the folders in actions/) and the runners (all jobs run on this machine, one after the other,
arm64 by emulation). Permissions, timeouts, concurrency and the limits of outputs mean nothing to act.
"""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .shop import REPOSITORY, Shop

ACTIONS = Path(__file__).parent / "actions"
LABELS = {"RUNNER_AMD64": "ubuntu-24.04", "RUNNER_ARM64": "ubuntu-24.04-arm"}
JOBS = {"prepare", "lint", "test", "build-amd64", "build-arm64", "merge", "release", "images"}
SECRETS = {"REGISTRY_PASSWORD": "correct horse"}
VARIABLES = {"REGISTRY_USERNAME": "publishing-robot"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What happened on GitHub. `fork`: the repository that runs the workflow is itself a fork."""

    name: str
    payload: dict[str, Any] = field(default_factory=dict)
    fork: bool = False

    def json(self) -> str:
        owner, name = REPOSITORY.split("/")
        repository = {"full_name": REPOSITORY, "name": name, "owner": {"login": owner}, "default_branch": "main"}
        return json.dumps({**self.payload, "repository": repository | {"fork": self.fork}})


def push(ref: str = "refs/heads/main", *, fork: bool = False) -> Event:
    return Event(name="push", payload={"ref": ref}, fork=fork)


def pull_request(head: str) -> Event:
    """A pull request to main, from a branch of the repository `head`."""
    pull = {"number": 7, "head": {"ref": "topic", "repo": {"full_name": head}}, "base": {"ref": "main"}}
    return Event(name="pull_request", payload={"number": 7, "pull_request": pull})


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """`jobs` has the result of each job that was not skipped; `log` what all steps printed, `summary` what was for it.

    A job of a matrix goes by its whole name. `seconds` is what the steps of a job took together; `outputs` has those of
    steps, by `JOB.NAME`. `artifacts` and `releases` have the text of each uploaded file, by the name of its artifact or
    release and its own; they are kept in `folder`.
    """

    ok: bool
    jobs: Mapping[str, str]
    seconds: Mapping[str, float]
    log: str
    summary: str
    outputs: Mapping[str, str]
    folder: Path
    artifacts: Mapping[str, str]
    releases: Mapping[str, str]


def run(  # noqa: PLR0913  (keywords with defaults, but for two)
    shop: Shop,
    event: Event,
    *,
    secrets: Mapping[str, str] = SECRETS,
    variables: Mapping[str, str] | None = None,
    workflow: str = "images.yml",
    job: str = "",
    again: Outcome | None = None,
    cancelled_at: str = "",
) -> Outcome:
    """Run a workflow for an event at the commit that is checked out; only a job and what it needs, if one is named.

    `again`: it is a run that was run before, and has its artifacts. `cancelled_at`: the job at whose start it is stopped.
    """
    scratch = shop.scratch()
    (scratch / "event.json").write_text(event.json(), encoding="utf-8")
    file = shop.folder / ".github/workflows" / workflow
    command = ["act", event.name, "--workflows", str(file), "--eventpath", str(scratch / "event.json")]
    command += ["--concurrent-jobs=1", "--no-cache-server"]
    command += [f"--platform={label}=-self-hosted" for label in _labels(variables or {})]
    command += [f"--secret={name}={value}" for name, value in secrets.items()]
    command += [f"--var={name}={value}" for name, value in (VARIABLES | dict(variables or {})).items()]
    if job:
        command.append(f"--job={job}")
    if "GITHUB_API_URL" in shop.environment:  # which act would set itself
        command.append(f"--env=GITHUB_API_URL={shop.environment['GITHUB_API_URL']}")
    return as_written(shop, command, kept=again.folder if again else scratch, cancelled_at=cancelled_at)


def as_written(shop: Shop, command: Sequence[str], *, kept: Path | None = None, cancelled_at: str = "") -> Outcome:
    """Run a command line of act as it is, with our actions in the place of those that it would fetch."""
    kept = kept or shop.scratch()
    file = shop.folder / command[command.index("--workflows") + 1]
    command = [*command, "--json", f"--action-cache-path={shop.scratch() / 'act'}"]
    command += [f"--local-repository={name}@{sha}={ACTIONS / name.split('/')[1]}" for name, sha in _actions(file)]
    for folder in ("artifacts", "releases"):
        (kept / folder).mkdir(exist_ok=True)
    environment = {
        **shop.environment,
        "PATH": f"{ACTIONS.parent / 'programs'}:{shop.environment['PATH']}",
        "ARTIFACTS": str(kept / "artifacts"),
        "GITHUB_RELEASES": str(kept / "releases"),
    }
    with subprocess.Popen(
        ["timeout", shop.environment.get("ACT_SECONDS", "300"), *command],
        cwd=shop.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line) if line.startswith("{") else {"msg": line})
            if cancelled_at and lines[-1].get("jobID") == cancelled_at:
                process.terminate()
    return Outcome(
        ok=process.returncode == 0,
        jobs={_job(line): line["jobResult"] for line in lines if "jobResult" in line},
        seconds=_seconds(lines),
        log="".join(_text(line) for line in lines),
        summary="".join(line["content"] for line in lines if line.get("command") == "summary"),
        outputs={f"{_job(line)}.{line['name']}": line["arg"] for line in lines if line.get("command") == "set-output"},
        folder=kept,
        artifacts=_files(kept / "artifacts"),
        releases=_files(kept / "releases"),
    )


def _labels(variables: Mapping[str, str]) -> list[str]:
    """The labels of the runners, which variables of the repository may name."""
    return [variables.get(name, label) for name, label in LABELS.items()]


def _actions(workflow: Path) -> set[tuple[str, str]]:
    """The repositories of actions with their SHAs, as the workflow and those beside it name them.

    One may call another; and act itself knows how to check out.
    """
    texts = [file.read_text(encoding="utf-8") for file in workflow.parent.iterdir()]
    used = {found for text in texts for found in re.findall(r"uses: ([\w-]+/[\w-]+)[\w/-]*@([0-9a-f]{40}) ", text)}
    return {(name, sha) for name, sha in used if name != "actions/checkout"}


def _files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.glob("*/*")}


def _job(line: Mapping[str, Any]) -> str:
    """The name of a job; act adds a number to those of a matrix."""
    name: str = line["jobID"]
    return re.sub(r"-[0-9]+ *$", "", line["job"].partition("/")[2]) if line["matrix"] else name


def _seconds(lines: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    found: Counter[str] = Counter()
    for line in lines:
        if "executionTime" in line:  # nanoseconds, where a step ends
            found[_job(line)] += line["executionTime"]
    return {job: time / 1e9 for job, time in found.items()}


def _text(line: Mapping[str, Any]) -> str:
    return f"{line.get('jobID', 'act')}: {line['msg'].rstrip()}\n"
