"""Generated projects that together have every pair of what a user can choose.

They are made by the commands a user runs, so what is linted is what a user gets. What can be chosen for a service is in
stacks.py.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bakegen import catalog, model, project_text, registry
from bakegen.model import Service, Versions
from tests.lint import stacks
from tests.pairs import pairs

HOSTILE = r"""Größe "x" 'y' ${HOME} %{z} $(id) `id` {{ w }} \ <b> # & *"""
PLAIN = "Everything for the shop"
IMAGES = ("ghcr.io/acme/shop", "127.0.0.1:5000/demo/shop", "acme/shop")

FEATURES = ("", "cleanup dependabot", "cleanup renovate")

# What is added to the preset's services, as `bakegen add-service` takes it.
ADDED: dict[str, Sequence[Sequence[str]]] = {
    "nothing": (),
    "one-of-each": (
        ("gateway", "--stack", "fastapi", "--needs", "postgres,redis", "--secret", "STRIPE_KEY"),
        ("jobs", "--stack", "python-worker", "--needs", "gateway,redis", "--env", f"GREETING={HOSTILE}"),
        ("shop-front", "--stack", "nextjs", "--path", "apps/front.2", "--needs", "gateway"),
        ("own", "--stack", "dockerfile", "--path", "own", "--port", "9000", "--needs", "postgres"),
    ),
}


def options() -> dict[str, Sequence[str]]:
    """What can be chosen, and what is worth trying for each; the first value is the default."""
    return {
        "preset": tuple(catalog.load().presets),
        "cache": model.CACHES,
        "python_version": catalog.load().languages["python"].versions,
        "node_version": ("24", "22", "26"),
        "images": IMAGES,
        "description": (PLAIN, HOSTILE),
        "platforms": ("both", "linux/amd64"),
        "added": tuple(ADDED),
        "features": FEATURES,
    }


def make_all(folder: Path) -> list[Path]:
    """One project for each choice, the first with every default, and those of stacks.py; made side by side."""
    makers = [partial(_with_choice, choice=choice) for choice in pairs(options())]
    makers += [partial(_with_stacks, versions=found, services=services) for found, services in stacks.projects()]
    with ThreadPoolExecutor() as pool:
        made = [pool.submit(maker, folder / f"project-{number:02}") for number, maker in enumerate(makers)]
        return [project.result() for project in made]


def _with_choice(project: Path, *, choice: Mapping[str, str]) -> Path:
    questions = {
        name: value for name, value in choice.items() if name not in {"preset", "platforms", "added", "features"}
    }
    _new(project, choice["preset"], questions)
    if choice["platforms"] != "both":
        _choose_platform(project, choice["platforms"])
    if choice["features"]:
        _choose_features(project, choice["features"].split(), choice["images"])
    for arguments in ADDED[choice["added"]]:
        if "dockerfile" in arguments:
            _write_own_service(project / "own")
        _bakegen(project, "add-service", *arguments)
    _bakegen(project, "check")
    return project


def _with_stacks(project: Path, *, versions: Versions, services: Sequence[Service]) -> Path:
    _new(project, "empty", {f"{language}_version": version for language, version in asdict(versions).items()})
    with (project / "bakegen.toml").open("a") as file:
        file.writelines(f"\n{project_text.block(service)}\n" for service in services)
    _bakegen(project, "sync")
    _bakegen(project, "check")
    return project


def _new(project: Path, preset: str, questions: Mapping[str, str]) -> None:
    answers = {"project_name": "Shop", "owner": "acme", "git_init": "false"} | dict(questions)
    settings = [f"--set={name}={value}" for name, value in answers.items()]
    _bakegen(project.parent, "new", project.name, "--preset", preset, *settings)


def _choose_platform(project: Path, platform: str) -> None:
    file = project / "bakegen.toml"
    both = 'platforms = ["linux/amd64", "linux/arm64"]'
    text = file.read_text()
    assert both in text
    file.write_text(text.replace(both, f'platforms = ["{platform}"]'))
    _bakegen(project, "sync")


def _choose_features(project: Path, features: Sequence[str], images: str) -> None:
    """The features, but for those that do not work with the registry."""
    known = catalog.load().features
    chosen = [name for name in features if known[name].registry in (None, registry.host_of(images))]
    file = project / "bakegen.toml"
    text = file.read_text()
    listed = ", ".join(f'"{name}"' for name in chosen)
    file.write_text(text.replace("\n[versions]", f"features = [{listed}]\n\n[versions]", 1))
    _bakegen(project, "sync")


def _write_own_service(folder: Path) -> None:
    """A user's own service, that the `dockerfile` stack takes as it is."""
    folder.mkdir()
    (folder / "Dockerfile").write_text('# syntax=docker/dockerfile:1\nFROM redis:8-alpine\nCMD ["redis-server"]\n')


def _bakegen(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "bakegen", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
