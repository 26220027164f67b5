"""Docker's own programs read every generated file of theirs without a word."""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from bakegen import catalog
from tests.lint.verdicts import Verdicts

pytestmark = pytest.mark.engine

Run = tuple[Path, Sequence[str]]


BASES = {language.id: language.base.build for language in catalog.load().languages.values()}
REQUIRED = re.compile(r"\$\{(\w+):\?")
FROM = re.compile(r"^FROM (?:--\S+ )?((?:gcr\.io/distroless/)?(node|python)\S*)", re.MULTILINE)


def services(project: Path) -> dict[str, dict[str, object]]:
    """The services of a project, as its project file has them."""
    found: dict[str, dict[str, object]] = read(project).get("services", {})
    return found


def read(project: Path) -> dict[str, Any]:
    """A project file."""
    return tomllib.loads((project / "bakegen.toml").read_text())


def default_bases(dockerfile: Path) -> list[str]:
    """Options that put the default base images in the place of others, which an engine may not have."""
    images = {found[1]: BASES[found[2]] for found in FROM.finditer(dockerfile.read_text())}
    return [f"--build-context={wanted}=docker-image://{used}" for wanted, used in images.items() if wanted != used]


def said(runs: Sequence[Run], environment: dict[str, str]) -> dict[str, str]:
    """What those of the commands said that failed or warned; all run side by side, each in its folder."""

    def run(one: Run) -> tuple[str, str]:
        folder, command = one
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        silent = done.returncode == 0 and "level=warning" not in done.stderr
        return f"{folder.name}: {' '.join(command)}", "" if silent else done.stdout + done.stderr

    with ThreadPoolExecutor(4) as pool:
        return {command: text for command, text in pool.map(run, runs) if text}


def test_compose_accepts_them(generated: list[Path], docker: dict[str, str]) -> None:
    config = ["config", "--quiet"]
    runs: list[Run] = [(project, ["docker", "compose", *config]) for project in generated]
    runs += [(project, ["docker", "compose", "-f", "compose.yaml", *config]) for project in generated]
    assert said(runs, docker) == {}


def test_compose_accepts_those_for_production_once_they_have_their_secrets(
    generated: list[Path], docker: dict[str, str], verdicts: Verdicts
) -> None:
    command = ["docker", "compose", "-f", "compose.prod.yaml", "config", "--quiet"]
    files = [project / "compose.prod.yaml" for project in generated if (project / "compose.prod.yaml").exists()]
    required = {file: REQUIRED.findall(file.read_text(encoding="utf-8")) for file in files}
    assert any(required.values())
    asked = subprocess.run(["docker", "compose", "version", "--short"], env=docker, capture_output=True, check=True)
    version = asked.stdout.decode().strip()
    secrets = dict.fromkeys((name for names in required.values() for name in names), "secret")
    with verdicts.of(f"compose {version}", files):
        assert said([(file.parent, command) for file in files], docker | secrets) == {}
    lacking = said([(file.parent, command) for file, names in required.items() if names], docker)
    assert len(lacking) == len([names for names in required.values() if names])
    assert all("is missing a value: set it in .env" in text for text in lacking.values())


def test_bake_prints_a_target_for_each_service(generated: list[Path], docker: dict[str, str]) -> None:
    for project in generated:
        command = ["docker", "buildx", "bake", "--print"]
        done = subprocess.run(command, cwd=project, env=docker, capture_output=True, text=True, check=True)
        printed = json.loads(done.stdout)["target"]
        images = {name for name, target in printed.items() if target["output"] != [{"type": "cacheonly"}]}
        assert images == set(services(project))


def test_the_readme_publishes_what_the_workflow_does(
    generated: list[Path], docker: dict[str, str], tmp_path: Path
) -> None:
    project = shutil.copytree(generated[0], tmp_path / "shop")
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for arguments in (["init", "--quiet"], [*identity, "commit", "--quiet", "--allow-empty", "--message=Begin"]):
        subprocess.run(["git", *arguments], cwd=project, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project, capture_output=True, text=True, check=True)
    readme = (project / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^PUSH=true .*REVISION=.* docker buildx bake$", readme, re.MULTILINE)
    by_hand = printed(project, line, docker)
    workflow = yaml.safe_load((project / ".github/workflows/images.yml").read_text(encoding="utf-8"))
    commit = {"GITHUB_SHA": head.stdout.strip(), "GITHUB_REF_TYPE": "branch", "PUBLISH": "true"}
    outputs = decided(workflow, docker | commit | {"GITHUB_OUTPUT": str(tmp_path / "outputs")})
    repository = read(project)["project"]["repository"]
    known = {"github.sha": commit["GITHUB_SHA"], "github.server_url": repository.rsplit("/", 2)[0]}
    known |= {"github.repository": "/".join(repository.rsplit("/", 2)[1:]), "needs.prepare.outputs.tag": outputs["tag"]}
    known["needs.prepare.outputs.cache-write"] = outputs["cache-write"]
    platforms = set()
    for job in (job for name, job in workflow["jobs"].items() if name.startswith("build-")):
        (push,) = [step["env"] for step in job["steps"] if step.get("id") == "push"]
        given = {
            name: re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known[found[1]], str(value))
            for name, value in (workflow["env"] | job["env"] | push).items()
            if "secrets." not in str(value)
        }
        by_workflow = printed(project, "docker buildx bake", docker | given)
        platforms |= {platform for target in by_workflow.values() for platform in target["platforms"]}
        for name, target in by_hand.items():
            assert {key: target.get(key) for key in ("args", "labels", "attest")} == {
                key: by_workflow[name].get(key) for key in ("args", "labels", "attest")
            }
            tags = [tag.rpartition(":")[2] for tag in target.get("tags", ())]
            assert tags in ([], [outputs["tag"], *outputs["moving-tags"].split()])
    assert all(set(target["platforms"]) == platforms for target in by_hand.values())
    assert any(target.get("tags") for target in by_hand.values())


def printed(project: Path, line: str, environment: dict[str, str]) -> dict[str, Any]:
    """The targets that a line of a shell would bake."""
    command = ["bash", "-c", f"{line} --print"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True)
    targets: dict[str, Any] = json.loads(done.stdout)["target"]
    return targets


def decided(workflow: dict[str, Any], environment: dict[str, str]) -> dict[str, str]:
    """What the workflow decides to publish."""
    (step,) = [step for step in workflow["jobs"]["prepare"]["steps"] if step.get("id") == "tags"]
    subprocess.run(["bash", "-c", step["run"]], env=environment, check=True, capture_output=True)
    lines = Path(environment["GITHUB_OUTPUT"]).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_dockerfiles_pass_the_build_checks(generated: list[Path], docker: dict[str, str]) -> None:
    distinct: dict[tuple[str, bytes], Run] = {}
    for project in generated:
        for file in sorted({*project.rglob("Dockerfile"), *project.rglob("*.Dockerfile")}):
            path = file.relative_to(project)
            context = str(path.parent) if path.parts[0] == "own" else "."
            command = ["docker", "buildx", "build", "--check", *default_bases(file), "-f", str(path), context]
            distinct[context, file.read_bytes()] = (project, command)
    assert distinct
    assert said(list(distinct.values()), docker) == {}


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [
        ("compose.yaml", "services: { a: { image: x, depends_on: [b] } }\n", "docker compose config --quiet"),
        ("compose.yaml", "services: { a: { image: x:$UNSET } }\n", "docker compose config --quiet"),
        ("docker-bake.hcl", 'target "a" { inherits = ["b"] }\n', "docker buildx bake --print a"),
        ("Dockerfile", "FROM scratch as lower\n", "docker buildx build --check ."),
    ],
)
def test_would_say_something(name: str, text: str, command: str, tmp_path: Path, docker: dict[str, str]) -> None:
    (tmp_path / name).write_text(text)
    assert said([(tmp_path, command.split())], docker) != {}
