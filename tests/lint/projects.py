"""Generated projects that together have every pair of what a user can choose.

They are made by the commands a user runs, so what is linted is what a user gets. What can be chosen for a service is in
stacks.py.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

from bakegen import answers, catalog, keys, project_text, rules
from bakegen.model import Service, Versions
from bakegen.pipeline import Pipeline
from bakegen.registry import domain_of
from tests.lint import stacks
from tests.pairs import Choice, Pair, pairs
from tests.project_keys import with_keys

HOSTILE = r"""Größe "x" 'y' ${HOME} %{z} $(id) `id` {{ w }} \ <b> # & *"""
PLAIN = "Everything for the shop"
IMAGES = (
    "ghcr.io/acme/shop",
    "127.0.0.1:5000/demo/shop",
    "acme/shop",
    "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop",
    "europe-docker.pkg.dev/acme/shops/shop",
)
MIRRORS = ((), ("docker.io/acme/copy",), ("docker.io/acme/copy", "europe-docker.pkg.dev/acme/copies/shop"))
SOURCES = ("", "git+https://github.com/acme/template@v1", """bakegen[x] @ 'https://x/y.whl' "$(id)" # \\""")

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

# How services run, as `bakegen set` takes it: with nothing said, or with everything. Every second one is not public.
RUNNING: dict[str, Sequence[str]] = {
    "plain": (),
    "full": ("cpus=0.25", "memory=1GiB", "replicas=2", "max_replicas=4", "regions=asia", "pre_deploy=./up --all"),
}
PROCESS = """
[services.{}.processes]
clock = 'sh -c "echo $HOME $$; sleep 9"'
"""


@cache
def options() -> dict[str, Sequence[str]]:
    """What can be chosen, and what is worth trying for each; the first value is the default.

    A name with a dot is a key of bakegen.toml, and its values are written as there. Of a new key of the pipeline, a new
    host and a new feature nothing needs to be said here.
    """
    known = catalog.load()
    found: dict[str, Sequence[str]] = {
        "preset": tuple(known.presets),
        "cache": rules.CACHES,
        "python_version": known.languages["python"].versions,
        "node_version": ("24", "22", "26"),
        "images": IMAGES,
        "description": (PLAIN, HOSTILE),
        "added": tuple(ADDED),
        "running": tuple(RUNNING),
        "project.platforms": _values(rules.PLATFORMS, rules.PLATFORMS[:1]),
        "project.mirrors": _values(*MIRRORS),
        "project.source": _values(*SOURCES),
    }
    for name, key in keys.PIPELINE.items():
        default = getattr(Pipeline(), name)
        values = (False, True) if key.kind is bool else key.rule
        assert isinstance(values, tuple)
        found[f"pipeline.{name}"] = _values(default, *(value for value in values if value != default))
    chosen = {"hosts": known.hosts, "features": known.features}
    return found | {f"{kind} {name}": ("no", "yes") for kind, names in chosen.items() for name in names}


def _values(*values: object) -> tuple[str, ...]:
    """Values as they can stand in bakegen.toml."""
    return tuple(json.dumps(value) for value in values)


def impossible() -> set[Pair]:
    """The pairs that bakegen refuses."""
    return {frozenset({(f"features {name}", "yes"), other}) for name, other in _clashes()}


def _clashes() -> Iterator[tuple[str, tuple[str, str]]]:
    for feature in catalog.load().features.values():
        yield from ((feature.id, (f"features {other}", "yes")) for other in feature.excludes)
        if feature.registry is not None:
            others = (images for images in IMAGES if domain_of(images) != feature.registry)
            yield from ((feature.id, ("images", images)) for images in others)


def choices() -> list[Choice]:
    """Choices with every pair, the first with every default."""
    return pairs(options(), impossible())


def make_all(folder: Path) -> list[Path]:
    """One project for each choice, and those of stacks.py; made side by side."""
    makers = [partial(_with_choice, choice=choice) for choice in choices()]
    makers += [partial(_with_stacks, versions=found, services=services) for found, services in stacks.projects()]
    with ThreadPoolExecutor() as pool:
        made = [pool.submit(maker, folder / f"project-{number:02}") for number, maker in enumerate(makers)]
        return [project.result() for project in made]


def _with_choice(project: Path, *, choice: Choice) -> Path:
    _new(project, choice["preset"], {name: choice[name] for name in answers.NAMES if name in choice})
    _write_keys(project, choice)
    _bakegen(project, "sync")
    for arguments in ADDED[choice["added"]]:
        if "dockerfile" in arguments:
            _write_own_service(project / "own")
        _bakegen(project, "add-service", *arguments)
    _run(project, RUNNING[choice["running"]])
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
    given = {"project_name": "Shop", "owner": "acme", "git_init": "false", **questions, "preset": preset}
    _bakegen(project.parent, "new", project.name, *(f"--set={name}={value}" for name, value in given.items()))


def _write_keys(project: Path, choice: Choice) -> None:
    """Write into bakegen.toml what no question asks for."""
    default = {name: values[0] for name, values in options().items()}
    wanted = {name: value for name, value in choice.items() if value != default[name]}
    named = {name: json.loads(value) for name, value in wanted.items() if "." in name}
    for kind in ("hosts", "features"):
        chosen = [name.removeprefix(f"{kind} ") for name in wanted if name.startswith(f"{kind} ")]
        named |= {f"project.{kind}": chosen} if chosen else {}
    file = project / "bakegen.toml"
    file.write_text(with_keys(file.read_text(), named))


def _run(project: Path, arguments: Sequence[str]) -> None:
    """Say of every service how it runs."""
    file = project / "bakegen.toml"
    services = tomllib.loads(file.read_text()).get("services", {}) if arguments else {}
    for number, (name, service) in enumerate(services.items()):
        people = "public=false" if number % 2 else f"domains={name}.example.com,www.{name}.example.com"
        _bakegen(project, "set", name, *arguments, *[people] * ("port" in service))
        file.write_text(file.read_text() + PROCESS.format(name))
    _bakegen(project, "sync")


def _write_own_service(folder: Path) -> None:
    """A user's own service, that the `dockerfile` stack takes as it is."""
    folder.mkdir()
    (folder / "Dockerfile").write_text('# syntax=docker/dockerfile:1\nFROM redis:8-alpine\nCMD ["redis-server"]\n')


def _bakegen(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "bakegen", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
