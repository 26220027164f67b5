"""Use the Docker that a machine already has, where that is enough.

Enough means: it answers, its buildx is new enough, and Docker Hub can be reached for the real base
images. `BAKEGEN_ENGINE=own` insists on it, `BAKEGEN_ENGINE=built` on ours. A registry and the small
tools are still ours, and so is the builder: Docker's own cannot push by digest.
"""

import os
import re
import subprocess
import urllib.error
import urllib.request

from . import client, daemons, emulation, folders, pins, programs
from .process import EngineError, run, say

CHOICE = "BAKEGEN_ENGINE"
TOOLS = ("registry", "crane", "act", "actionlint", "hclfmt")
HUB = "https://registry-1.docker.io/v2/"


def is_chosen() -> bool:
    """Whether to use it; EngineError if it is insisted on and cannot be."""
    choice = os.environ.get(CHOICE, "")
    if choice == "built" or os.environ.get("DOCKER_HOST") == daemons.docker_host():
        return False
    problem = _problem()
    if choice == "own" and problem is not None:
        raise EngineError(f"{CHOICE}=own, but {problem}")
    return problem is None and (choice == "own" or _reaches_hub())


def up() -> None:
    """The tools, a registry, and a builder in a container that can reach it."""
    say("using the Docker of this machine")
    tools = [program for program in pins.programs() if program.name in TOOLS]
    programs.ensure(tools)
    client.link_programs(tools)
    daemons.start_registry()
    _create_builder()


def down() -> None:
    """Remove the builder; the registry is a daemon like any other."""
    remove = ["docker", "buildx", "rm", "--force", client.BUILDER]
    subprocess.run(remove, env=client.environment(), capture_output=True, check=False)


def _create_builder() -> None:
    if client.knows_builder():
        return
    config = folders.state() / "buildkitd-own.toml"
    config.write_text(f'[registry."{daemons.REGISTRY}"]\nhttp = true\n', encoding="utf-8")
    image = f"image=moby/buildkit:{_buildkit_version()}"
    options = ["--driver", "docker-container", "--driver-opt", f"network=host,{image}", "--bootstrap"]
    create = ["docker", "buildx", "create", "--name", client.BUILDER, "--buildkitd-config", str(config), *options]
    run(create, env=client.environment())
    listed = run(["docker", "buildx", "inspect", client.BUILDER], env=client.environment())
    if f"linux/{emulation.FOREIGN}" not in listed:
        raise EngineError(
            f"this Docker cannot run linux/{emulation.FOREIGN}: "
            f"docker run --privileged --rm tonistiigi/binfmt --install {emulation.FOREIGN}"
        )


def _buildkit_version() -> str:
    return next(program.version for program in pins.programs() if program.name == "buildkit")


def _problem() -> str | None:
    if not _succeeds("docker", "info"):
        return "`docker info` does not answer: start Docker"
    minimum: str = pins.read()["buildx"]["minimum"]
    answer = subprocess.run(["docker", "buildx", "version"], capture_output=True, text=True, check=False)
    found = re.search(r"v(\d+)\.(\d+)", answer.stdout)
    wanted = tuple(int(part) for part in minimum.split("."))
    if found is None or tuple(map(int, found.groups())) < wanted:
        return f"its buildx is not {minimum} or newer: update Docker's buildx plugin"
    return None


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _reaches_hub() -> bool:
    """Docker Hub answers 401 to who has no token, which is an answer."""
    try:
        urllib.request.urlopen(HUB, timeout=5).close()
    except urllib.error.HTTPError as refusal:
        return refusal.code == 401
    except OSError:
        return False
    return True
