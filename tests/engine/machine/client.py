"""What a shell or a test needs to use the engine: programs, configuration and environment.

The configuration folders are the engine's own: nothing of the user's Docker is read or changed.
"""

import os
import shlex
import subprocess
from collections.abc import Iterable

from . import daemons, folders, pins, programs
from .process import run

BUILDER = "bakegen"
PLUGINS = {"docker-buildx": "buildx", "docker-compose": "docker-compose"}


def environment() -> dict[str, str]:
    """The whole environment of a process that uses the engine."""
    return os.environ | settings()


def settings() -> dict[str, str]:
    """The variables that differ from the caller's: builder and PATH, and for our own Docker its address."""
    own = f"{folders.state()}/bin"
    others = [part for part in os.environ.get("PATH", "").split(os.pathsep) if part != own]
    common = {"BUILDX_BUILDER": BUILDER, "PATH": os.pathsep.join([own, *others])}
    if not (folders.state() / "bin" / "docker").exists():
        return common | {"BUILDX_CONFIG": f"{folders.state()}/buildx-own"}
    return common | {
        "BUILDX_CONFIG": f"{folders.state()}/buildx",
        "DOCKER_CONFIG": f"{folders.state()}/docker-config",
        "DOCKER_HOST": daemons.docker_host(),
    }


def exports() -> str:
    """The settings as lines for `eval`."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings().items())


def link_programs(wanted: Iterable[pins.Program]) -> None:
    """Put these programs, and no others, in one folder, and Docker's plugins where it looks for them."""
    folder = folders.state() / "bin"
    plugins = folders.state() / "docker-config" / "cli-plugins"
    folder.mkdir(parents=True, exist_ok=True)
    plugins.mkdir(parents=True, exist_ok=True)
    binaries = [name for program in wanted for name in program.binaries]
    links = {folder / name: name for name in binaries}
    links |= {plugins / plugin: name for plugin, name in PLUGINS.items() if name in binaries}
    for former in {*folder.iterdir(), *plugins.iterdir()} - set(links):
        former.unlink()
    for link, name in links.items():
        target = programs.path(name)
        if not (link.is_symlink() and link.readlink() == target):
            link.unlink(missing_ok=True)
            link.symlink_to(target)


def knows_builder() -> bool:
    """Whether buildx has a builder of our name."""
    inspect = ["docker", "buildx", "inspect", BUILDER]
    return subprocess.run(inspect, capture_output=True, env=environment(), check=False).returncode == 0


def create_builder() -> None:
    """Make BuildKit known to buildx, once."""
    if not knows_builder():
        options = ["--name", BUILDER, "--driver", "remote"]
        run(["docker", "buildx", "create", *options, daemons.buildkit_host()], env=environment())
