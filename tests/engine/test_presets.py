"""Every preset in the three commands of its README: scaffold it, bake it, and all of it is healthy; in production, too."""

import json
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bakegen import catalog
from bakegen.rules import BACKING
from tests.engine.conftest import Engine
from tests.engine.shop import get, run_bakegen

ROOT = Path(__file__).parents[2]
PRESETS = tuple(name for name, preset in catalog.load().presets.items() if preset.services)
FIRST_PORT = 22100
FIRST_PRODUCTION_PORT = 22150
PRODUCTION = "compose.prod.yaml"
# What answers where, beside the health of everything: service -> path -> text.
ANSWERS: dict[str, dict[str, dict[str, str]]] = {
    "api-web": {"web": {"/": "The API is up."}},
    "single-image": {"app": {"/": "<html", "/api/health": '"status":"ok"'}},
    "nextjs-dokploy": {"web": {"/": "<html"}},
    "pnpm-monorepo": {"web": {"/": "The API is up."}, "api": {"/api/v1/health": '"status":"ok"'}},
    "flask-sveltekit": {"backend": {"/health": '"status":"ok"'}, "frontend": {"/": "The API is up."}},
    "fastapi-mcp-nextjs": {
        "backend": {"/health": '"status":"ok"'},
        "web": {"/": "The API is up."},
        "chatbot": {"/": "The API is up."},
    },
}
MEGABYTE = 1_000_000
# What the images may weigh, in MB, compressed (it is their services' budget too) and unpacked; the engine's base images
# are somewhat larger than the official ones.
COMPRESSED = {"pnpm-monorepo": {"api": 100, "web": 150, "worker": 100}}
UNPACKED = {"fastapi-mcp-nextjs": {"backend": 450, "web": 280, "chatbot": 280}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A preset's project with all its containers up; `seconds` are how long each of the three commands took."""

    name: str
    folder: Path
    engine: Engine
    ports: dict[str, int]
    seconds: dict[str, float]
    file: str = "compose.yaml"

    @property
    def services(self) -> dict[str, Any]:
        services: dict[str, Any] = tomllib.loads((self.folder / "bakegen.toml").read_text(encoding="utf-8"))["services"]
        return services

    def compose(self, *arguments: str) -> str:
        variables = {f"{name.upper().replace('-', '_')}_PORT": str(port) for name, port in self.ports.items()}
        return self.engine.run("docker", "compose", "-f", self.file, *arguments, cwd=self.folder, **variables)


@pytest.fixture(scope="module", params=PRESETS)
def preset(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A preset scaffolded by cookiecutter, baked and started."""
    name: str = request.param
    folder = tmp_path_factory.mktemp("preset")
    answers = [f"project_name={name}", f"preset={name}", "git_init=false"]
    services = catalog.load().presets[name].services
    ports = {service["name"]: FIRST_PORT + at for at, service in enumerate(services)}
    running = Running(name=name, folder=folder / name, engine=engine, ports=ports, seconds={})
    with timed(running, "cookiecutter"):
        command = [sys.executable, "-m", "cookiecutter", "--no-input", str(ROOT), "-o", str(folder), *answers]
        subprocess.run(command, check=True, capture_output=True)
    with timed(running, "docker buildx bake"):
        engine.run("docker", "buildx", "bake", "--progress=quiet", cwd=running.folder)
    try:
        with timed(running, "docker compose up --wait"):
            running.compose("up", "--detach", "--wait", "--wait-timeout", "180")
        yield running
    finally:
        running.compose("down", "--volumes", "--timeout", "5", "--rmi", "local")


@contextmanager
def timed(preset: Running, command: str) -> Iterator[None]:
    """Note down how long this takes."""
    start = time.monotonic()
    yield
    preset.seconds[command] = time.monotonic() - start


def test_everything_is_healthy(preset: Running) -> None:
    expect_health(preset)
    parts = ", ".join(f"{command} {seconds:.1f}" for command, seconds in preset.seconds.items())
    print(f"\n{preset.name}: healthy in {sum(preset.seconds.values()):.1f} seconds: {parts}")


def test_it_answers(preset: Running) -> None:
    assert ANSWERS.keys() == set(PRESETS)
    expect_answers(preset)


def test_in_production_it_is_healthy_answers_and_has_no_more_rights_than_it_needs(
    preset: Running, tmp_path: Path
) -> None:
    """By compose.prod.yaml, beside the project for development, with the images that are here."""
    folder = shutil.copytree(preset.folder, tmp_path / preset.name)
    run_bakegen(folder, "add-host", "compose")
    text = (folder / PRODUCTION).read_text(encoding="utf-8")
    required = re.findall(r"\$\{(\w+):\?", text)
    settings = dict.fromkeys(required, "secret") | {"COMPOSE_PROJECT_NAME": f"{preset.name}-production"}
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
    ports = {name: FIRST_PRODUCTION_PORT + at for at, name in enumerate(preset.ports)}
    production = replace(preset, folder=folder, ports=ports, file=PRODUCTION)
    try:
        production.compose("up", "--detach", "--wait", "--wait-timeout", "180")
        expect_health(production)
        expect_answers(production)
        containers = production.compose("ps", "--all", "--quiet").split()
        for container in json.loads(preset.engine.run("docker", "inspect", *containers)):
            host = container["HostConfig"]
            assert (host["ReadonlyRootfs"], host["CapDrop"], host["SecurityOpt"]) == (
                True,
                ["ALL"],
                ["no-new-privileges:true"],
            )
            assert min(host["Memory"], host["NanoCpus"], host["PidsLimit"]) > 0
            assert container["Config"]["User"].split(":")[0] not in {"", "0", "root"}
    finally:
        production.compose("down", "--volumes", "--timeout", "5")


def expect_health(running: Running) -> None:
    """Of everything but what production runs once before a service: that has ended well."""
    lines = running.compose("ps", "--all", "--format", "json").splitlines()
    found = [json.loads(line) for line in lines]
    states = {state["Service"]: state["Health"] or f"{state['State']} {state['ExitCode']}" for state in found}
    needed = {need for service in running.services.values() for need in service.get("needs", ()) if need in BACKING}
    first = {f"{name}_pre_deploy" for name, service in running.services.items() if "pre_deploy" in service}
    ended = first if running.file == PRODUCTION else set()
    assert states == dict.fromkeys({*running.services, *needed}, "healthy") | dict.fromkeys(ended, "exited 0")


def expect_answers(running: Running) -> None:
    for service, paths in ANSWERS[running.name].items():
        for path, text in paths.items():
            assert text in get(f"http://127.0.0.1:{running.ports[service]}{path}")


def test_compressed_images_are_as_small_as_teams_asked_for(preset: Running) -> None:
    """What a registry says that it holds."""
    images = f"{preset.engine.registry}/presets/{preset.name}"
    preset.engine.run("docker", "buildx", "bake", "--progress=quiet", cwd=preset.folder, IMAGES=images, PUSH="true")
    sizes = {name: compressed(preset, f"{images}-{name}:latest") for name in preset.services}
    print(f"\n{preset.name}: MB compressed: {told(sizes)}")
    assert min(sizes.values()) > MEGABYTE
    wanted = COMPRESSED.get(preset.name, {})
    budgets = {name: service["budget"] for name, service in preset.services.items() if "budget" in service}
    assert budgets == {name: f"{limit}MB" for name, limit in wanted.items()}
    assert {name: sizes[name] for name, limit in wanted.items() if sizes[name] > limit * MEGABYTE} == {}


def test_unpacked_images_are_as_small_as_teams_asked_for(preset: Running) -> None:
    sizes = {name: unpacked(preset, f"ghcr.io/acme/{preset.name}-{name}") for name in preset.services}
    print(f"\n{preset.name}: MB unpacked: {told(sizes)}")
    assert min(sizes.values()) > MEGABYTE
    wanted = UNPACKED.get(preset.name, {})
    assert {name: sizes[name] for name, limit in wanted.items() if sizes[name] > limit * MEGABYTE} == {}


def told(sizes: dict[str, int]) -> str:
    return ", ".join(f"{name} {size / MEGABYTE:.1f}" for name, size in sizes.items())


def compressed(preset: Running, image: str) -> int:
    """The bytes of all layers in the registry."""
    manifest = json.loads(preset.engine.run("crane", "manifest", "--platform=linux/amd64", image))
    return sum(layer["size"] for layer in manifest["layers"])


def unpacked(preset: Running, image: str) -> int:
    """The bytes of all layers on a disk; `docker image inspect` adds the compressed ones in some image stores."""
    sizes = preset.engine.run("docker", "history", "--human=false", "--format={{.Size}}", image).split()
    return sum(int(size) for size in sizes)
