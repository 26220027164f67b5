"""Generated projects that together have every pair of what a user can choose, and every stack and option.

They are made by the commands a user runs, so what is linted is what a user gets.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bakegen import catalog, model
from tests.pairs import pairs

HOSTILE = r"""Größe "x" 'y' ${HOME} %{z} $(id) `id` {{ w }} \ <b> # & *"""
PLAIN = "Everything for the shop"
IMAGES = ("ghcr.io/acme/shop", "127.0.0.1:5000/demo/shop", "acme/shop")

# What is added to the preset's services, as `bakegen add-service` takes it.
ADDED: dict[str, Sequence[Sequence[str]]] = {
    "nothing": (),
    "worker": (("jobs",),),
    "one-of-each": (
        ("gateway", "--stack", "fastapi", "--needs", "postgres,redis", "--secret", "STRIPE_KEY"),
        ("jobs", "--stack", "python-worker", "--needs", "gateway,redis", "--env", f"GREETING={HOSTILE}"),
        ("shop-front", "--stack", "nextjs", "--path", "apps/front.2", "--needs", "gateway"),
        ("own", "--stack", "dockerfile", "--path", "own", "--port", "9000", "--needs", "postgres"),
    ),
    "python": (
        ("rows", "--stack=fastapi", "--option=package_manager=pip", "--needs=postgres", "--health=/up"),
        ("poems", "--stack=fastapi", "--option=package_manager=poetry", "--build-secret=PIP_TOKEN"),
        ("jobs-pip", "--stack=python-worker", "--option=package_manager=pip", "--build-arg=INDEX=https://x/$y"),
        ("jobs-poetry", "--stack=python-worker", "--option=package_manager=poetry"),
        ("flask", "--stack=flask"),
        ("flask-dev", "--stack=flask", "--option=server=dev", "--option=package_manager=uv"),
        ("tools", "--stack=mcp", "--option=package_manager=pip"),
    ),
    "node": (
        ("nest", "--stack=nestjs", "--option=distro=slim", "--health=/healthz"),
        ("queue", "--stack=node-worker", "--build-secret=NPM_TOKEN", "--build-arg=INDEX=https://x"),
        ("kit", "--stack=sveltekit", "--needs=nest"),
        ("kit-preview", "--stack=sveltekit", "--option=server=preview", "--option=distro=slim", "--port=5173"),
        ("spa", "--stack=static", "--needs=nest", "--budget=25MB"),
        ("whole", "--stack=bundle"),
        ("next-15", "--stack=nextjs", "--option=next=15", "--option=image_optimizer=false", "--option=distro=slim"),
    ),
    "workspace": (
        ("nest", "--stack=nestjs", "--option=package_manager=pnpm", "--uses=db,shared", "--needs=postgres"),
        ("queue", "--stack=node-worker", "--option=package_manager=pnpm", "--build-secret=NPM_TOKEN"),
        ("next", "--stack=nextjs", "--option=package_manager=pnpm", "--uses=ui", "--option=image_optimizer=false"),
    ),
}
# What goes with some versions only.
ALONE: tuple[dict[str, Any], ...] = (
    {
        "added": (
            ("api", "--stack=fastapi", "--option=distro=distroless"),
            ("flask", "--stack=flask", "--option=distro=distroless"),
            ("jobs", "--stack=python-worker", "--option=distro=distroless"),
            ("tools", "--stack=mcp", "--option=distro=distroless"),
            ("nest", "--stack=nestjs", "--option=distro=distroless"),
            ("queue", "--stack=node-worker", "--option=distro=distroless"),
            ("kit", "--stack=sveltekit", "--option=distro=distroless"),
            ("next", "--stack=nextjs", "--option=distro=distroless"),
        ),
    },
    {
        "node_version": "20",
        "added": (("queue", "--stack=node-worker"),),
    },
    *(
        {
            "pnpm_version": version,
            "added": (("nest", "--stack=nestjs", "--option=package_manager=pnpm", "--uses=shared"),),
        }
        for version in ("11", "10")
    ),
)


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
    }


def make_all(folder: Path) -> list[Path]:
    """One project for each choice, made side by side; the first has every default."""
    default: dict[str, Any] = {name: values[0] for name, values in options().items()}
    wanted: list[dict[str, Any]] = [choice | {"added": ADDED[choice["added"]]} for choice in pairs(options())]
    wanted += [default | {"preset": "empty"} | alone for alone in ALONE]
    choices = list(enumerate(wanted))
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda numbered: _make(folder / f"project-{numbered[0]:02}", numbered[1]), choices))


def _make(project: Path, choice: Mapping[str, Any]) -> Path:
    questions = {name: value for name, value in choice.items() if name not in {"platforms", "added"}}
    answers = {"project_name": "Shop", "owner": "acme", "git_init": "false"} | questions
    settings = [f"--set={name}={value}" for name, value in answers.items() if name != "preset"]
    _bakegen(project.parent, "new", project.name, "--preset", choice["preset"], *settings)
    if choice["platforms"] != "both":
        _choose_platform(project, choice["platforms"])
    for arguments in choice["added"]:
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
