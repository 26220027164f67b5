"""What a shell or a test needs to use the engine: programs, configuration and environment.

The configuration folders are the engine's own: nothing of the user's Docker is read or changed.
"""

import os
import shlex
import subprocess

from . import daemons, folders, pins, programs
from .process import run

BUILDER = "bakegen"
PLUGINS = {"docker-buildx": "buildx", "docker-compose": "docker-compose"}


def environment() -> dict[str, str]:
    """The whole environment of a process that uses the engine."""
    return os.environ | settings()


def settings() -> dict[str, str]:
    """The variables that differ from the caller's: sockets, configuration, and PATH."""
    own = f"{folders.state()}/bin"
    others = [part for part in os.environ.get("PATH", "").split(os.pathsep) if part != own]
    return {
        "BUILDX_BUILDER": BUILDER,
        "BUILDX_CONFIG": f"{folders.state()}/buildx",
        "DOCKER_CONFIG": f"{folders.state()}/docker-config",
        "DOCKER_HOST": daemons.docker_host(),
        "PATH": os.pathsep.join([own, *others]),
    }


def exports() -> str:
    """The settings as lines for `eval`."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings().items())


def link_programs() -> None:
    """Put all programs in one folder, and Docker's plugins where it looks for them."""
    folder = folders.state() / "bin"
    plugins = folders.state() / "docker-config" / "cli-plugins"
    folder.mkdir(parents=True, exist_ok=True)
    plugins.mkdir(parents=True, exist_ok=True)
    links = {folder / name: name for program in pins.programs() for name in program.binaries}
    links |= {plugins / plugin: name for plugin, name in PLUGINS.items()}
    for link, name in links.items():
        target = programs.path(name)
        if not (link.is_symlink() and link.readlink() == target):
            link.unlink(missing_ok=True)
            link.symlink_to(target)


def create_builder() -> None:
    """Make BuildKit known to buildx, once."""
    inspect = ["docker", "buildx", "inspect", BUILDER]
    if subprocess.run(inspect, capture_output=True, env=environment(), check=False).returncode != 0:
        options = ["--name", BUILDER, "--driver", "remote"]
        run(["docker", "buildx", "create", *options, daemons.buildkit_host()], env=environment())
