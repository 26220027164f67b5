"""Generated projects that together have every pair of what a user can choose.

They are made by the commands a user runs, so what is linted is what a user gets.
"""

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bakegen import catalog, model
from tests.pairs import Choice, pairs

HOSTILE = r"""Größe "x" 'y' ${HOME} %{z} $(id) `id` {{ w }} \ <b> # & *"""
PLAIN = "Everything for the shop"
IMAGES = ("ghcr.io/acme/shop", "127.0.0.1:5000/demo/shop", "acme/shop")

# What is added to the preset's services, as `bakegen add-service` takes it.
ADDED: dict[str, Sequence[Sequence[str]]] = {
    "nothing": (),
    "worker": (("worker",),),
    "one-of-each": (
        ("backend", "--stack", "fastapi", "--needs", "postgres,redis", "--secret", "STRIPE_KEY"),
        ("jobs", "--stack", "python-worker", "--needs", "backend,redis", "--env", f"GREETING={HOSTILE}"),
        ("shop-front", "--stack", "nextjs", "--path", "apps/front.2", "--needs", "backend"),
        ("own", "--stack", "dockerfile", "--path", "own", "--port", "9000", "--needs", "postgres"),
    ),
}


def options() -> dict[str, Sequence[str]]:
    """What can be chosen, and what is worth trying for each; the first value is the default."""
    return {
        "preset": tuple(catalog.load().presets),
        "cache": model.CACHES,
        "python_version": model.PYTHON_VERSIONS,
        "node_version": model.NODE_VERSIONS,
        "images": IMAGES,
        "description": (PLAIN, HOSTILE),
        "platforms": ("both", "linux/amd64"),
        "added": tuple(ADDED),
    }


def make_all(folder: Path) -> list[Path]:
    """One project for each choice, made side by side; the first has every default."""
    choices = list(enumerate(pairs(options())))
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda numbered: _make(folder / f"project-{numbered[0]:02}", numbered[1]), choices))


def _make(project: Path, choice: Choice) -> Path:
    questions = {name: value for name, value in choice.items() if name not in {"platforms", "added"}}
    answers = {"project_name": "Shop", "owner": "acme", "git_init": "false"} | questions
    settings = [f"--set={name}={value}" for name, value in answers.items() if name != "preset"]
    _bakegen(project.parent, "new", project.name, "--preset", choice["preset"], *settings)
    if choice["platforms"] != "both":
        _choose_platform(project, choice["platforms"])
    for arguments in ADDED[choice["added"]]:
        if "dockerfile" in arguments:
            _write_own_service(project / "own")
        _bakegen(project, "add-service", *arguments)
    _bakegen(project, "check")
    return project


def _choose_platform(project: Path, platform: str) -> None:
    file = project / "bakegen.toml"
    both = 'platforms = ["linux/amd64", "linux/arm64"]'
    text = file.read_text()
    assert both in text
    file.write_text(text.replace(both, f'platforms = ["{platform}"]'))
    _bakegen(project, "sync")


def _write_own_service(folder: Path) -> None:
    """A user's own service, that the `dockerfile` stack takes as it is."""
    folder.mkdir()
    (folder / "Dockerfile").write_text('# syntax=docker/dockerfile:1\nFROM redis:8-alpine\nCMD ["redis-server"]\n')


def _bakegen(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "bakegen", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
