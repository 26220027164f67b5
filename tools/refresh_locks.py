"""Write the lock files that stacks seed anew, each by its own client, with the newest versions that fit.

    python tools/refresh_locks.py [STACK...]        all stacks that have lock files, or those named

A lock file is made anew where there is one, in `files` or in a variant; an empty file asks for its first. It is made for
a service for which the conditions of its folder hold, and nothing else is chosen. Like the manifest it is a template, and
the name of the package is the only answer in it.
uv and Poetry must find or fetch an interpreter that the manifests allow: UV_PYTHON names one that is not on the path.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "generator"))

from bakegen import catalog, render, tree
from bakegen.catalog import Catalog
from bakegen.model import Project, Service, Versions
from bakegen.stack import Stack

SLUG, NAME = "placeholder", "package"
TEMPLATE = "<< service.package >>"
REQUIREMENTS = ("uv", "pip", "compile", "pyproject.toml", "--universal", "--generate-hashes", "--quiet")


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A package client: from the manifest beside it, `command` writes the lock file. `{poetry}` is its pinned version."""

    manifest: str
    lock: str
    command: tuple[str, ...]


# In this order: the requirements for development are those of the application, and more.
CLIENTS = (
    Client(
        manifest="pyproject.toml",
        lock="uv.lock",
        command=("uv", "lock"),
    ),
    Client(
        manifest="pyproject.toml",
        lock="requirements.txt",
        command=(*REQUIREMENTS, "--output-file=requirements.txt"),
    ),
    Client(
        manifest="pyproject.toml",
        lock="requirements-dev.txt",
        command=(*REQUIREMENTS, "--group=dev", "--constraints=requirements.txt", "--output-file=requirements-dev.txt"),
    ),
    Client(
        manifest="pyproject.toml",
        lock="poetry.lock",
        command=("uv", "tool", "run", "poetry@{poetry}", "lock", "--no-interaction"),
    ),
    Client(
        manifest="package.json",
        lock="package-lock.json",
        # Without addresses, whatever the caller's npmrc says: each team's npm asks the registry that it is set to.
        command=("npm", "install", "--package-lock-only", "--omit-lockfile-registry-resolved=true", "--no-audit"),
    ),
)


def main() -> int:
    data = catalog.load()
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("stacks", nargs="*", metavar="STACK", help=f"of: {', '.join(data.stacks)}")
    names = parser.parse_args().stacks or list(data.stacks)
    unknown = sorted(set(names) - set(data.stacks))
    if unknown:
        parser.error(f"no such stack: {', '.join(unknown)}")
    for folder in data.files:
        if folder.partition("/")[0] in names:
            refresh(data, folder)
    return 0


def refresh(data: Catalog, folder: str) -> None:
    """Write those lock files of a folder of the catalog that change, and say which."""
    paths = {path for path in data.files[folder] if path.name in {client.lock for client in CLIENTS}}
    for parent in sorted({path.parent for path in paths}):
        clients = [client for client in CLIENTS if parent / client.lock in paths]
        for name, text in locks(data, folder, parent, clients).items():
            path = path_of(folder) / parent / name
            old = path.read_text(encoding="utf-8")
            path.write_text(text, encoding="utf-8")
            print(f"{'unchanged' if old == text else 'refreshed'}: {folder}/{parent / name}")


def locks(data: Catalog, folder: str, parent: PurePosixPath, clients: list[Client]) -> dict[str, str]:
    """The lock files of the manifests in one place alone, by name, without the locks that there are now."""
    service = service_for(data, folder)
    made = {}
    with tempfile.TemporaryDirectory() as place:
        for client in clients:
            Path(place, client.manifest).write_bytes(manifest(data, service, parent / client.manifest))
            command = [word.format(**data.pins.tools) for word in client.command]
            done = subprocess.run(command, cwd=place, env=environment(), stdout=sys.stderr, check=False)
            if done.returncode:
                sys.exit(f"error: {command[0]} made no {client.lock} for {folder}")
            made[client.lock] = template(
                Path(place, client.lock).read_text(encoding="utf-8"), f"{folder}/{client.lock}"
            )
    return made


def service_for(data: Catalog, folder: str) -> Service:
    """A service for which the conditions of a folder of the catalog hold."""
    stack, _, variant = folder.partition("/")
    conditions = [condition.partition("=") for condition in variant.split("+") if condition]
    return Service(
        name=NAME,
        stack=data.stacks[stack],
        path=PurePosixPath(NAME),
        slug=SLUG,
        needs=(*data.stacks[stack].defaults.needs, *(value for key, _, value in conditions if key == "needs")),
        uses=tuple(value for key, _, value in conditions if key == "uses"),
        chosen={
            key: choice(data.stacks[stack], key, value) for key, _, value in conditions if key not in {"needs", "uses"}
        },
    )


def choice(stack: Stack, option: str, text: str) -> str | bool:
    """The choice of an option that is written so in a condition."""
    return next(each for each in stack.options[option].choices if str(each).lower() == text)


def manifest(data: Catalog, service: Service, path: PurePosixPath) -> bytes:
    """A manifest as that service gets it."""
    project = Project(
        name=SLUG,
        slug=SLUG,
        description="",
        repository="",
        images=SLUG,
        platforms=(),
        cache="none",
        versions=Versions(node="", python="", pnpm=""),
        services=(service,),
    )
    folders = [folder for folder in tree.folders(service, data) if path in data.files[folder]]
    if not folders:
        sys.exit(f"error: {service.stack.id} has a lock file and no {path}")
    alone = {folder: {path: data.files[folder][path]} for folder in folders}
    return render.render(project, replace(data, project={}, files={service.stack.id: {}} | alone))[
        service.path / path
    ].text


def path_of(folder: str) -> Path:
    """Where a folder of the catalog is on the disk."""
    stack, _, variant = folder.partition("/")
    return Path(catalog.__file__).parent / "stacks" / stack / (f"variants/{variant}" if variant else "files")


def environment() -> dict[str, str]:
    """The caller's, with the programs that are installed beside this Python first, and no settings of the caller's uv."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path, "UV_NO_CONFIG": "1"}


def template(text: str, where: str) -> str:
    """The text with the name of the package as a template expression."""
    if any(mark in text for mark in ("<<", "<%", "<#")):
        sys.exit(f"error: {where} has a template's delimiter in it")
    return text.replace(f"{SLUG}-{NAME}", TEMPLATE)


if __name__ == "__main__":
    sys.exit(main())
