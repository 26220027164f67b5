"""Write the lock files that stacks seed anew, each by its own client, with the newest versions that fit.

    python tools/refresh_locks.py [STACK...]        all stacks that have a manifest, or those named

A lock file is a template as its manifest is, and the name of the package is the only answer in either.
uv must find or fetch an interpreter that the manifests allow: UV_PYTHON names one that is not on the path.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "generator"))

from bakegen import catalog, render
from bakegen.model import Project, Service, Stack, Versions

SLUG, NAME = "placeholder", "package"
TEMPLATE = "<< service.package >>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A package client: from the manifest beside it, `command` writes the lock file."""

    manifest: str
    lock: str
    command: tuple[str, ...]


CLIENTS = (
    Client(
        manifest="pyproject.toml",
        lock="uv.lock",
        command=("uv", "lock", "--no-config"),
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
    for name in names:
        for client in CLIENTS:
            if PurePosixPath(client.manifest) in data.files[name]:
                text = template(lock(data, data.stacks[name], client), f"{name}/{client.lock}")
                refresh(Path(catalog.__file__).parent / "stacks" / name / "files" / client.lock, text)
    return 0


def lock(data: catalog.Catalog, stack: Stack, client: Client) -> str:
    """The lock file of the stack's manifest alone, without the lock that the stack has now."""
    service = Service(name=NAME, stack=stack, path=PurePosixPath(NAME), slug=SLUG)
    project = Project(
        name=SLUG,
        slug=SLUG,
        description="",
        repository="",
        images=SLUG,
        platforms=(),
        cache="none",
        versions=Versions(node="", python=""),
        services=(service,),
    )
    manifest = PurePosixPath(client.manifest)
    manifest_only = replace(data, project={}, files={stack.id: {manifest: data.files[stack.id][manifest]}})
    with tempfile.TemporaryDirectory() as folder:
        text = render.render(project, manifest_only)[service.path / manifest].text
        Path(folder, client.manifest).write_bytes(text)
        done = subprocess.run(client.command, cwd=folder, env=environment(), stdout=sys.stderr, check=False)
        if done.returncode:
            sys.exit(f"error: {client.command[0]} made no lock file for {stack.id}")
        return Path(folder, client.lock).read_text(encoding="utf-8")


def environment() -> dict[str, str]:
    """The caller's, with the programs that are installed beside this Python first."""
    return os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def template(text: str, where: str) -> str:
    """The text with the name of the package as a template expression."""
    package = f"{SLUG}-{NAME}"
    if package not in text:
        sys.exit(f"error: {where} does not name the package {package}")
    if any(mark in text for mark in ("<<", "<%", "<#")):
        sys.exit(f"error: {where} has a template's delimiter in it")
    return text.replace(package, TEMPLATE)


def refresh(path: Path, text: str) -> None:
    """Write the file if it changes, and say which."""
    old = path.read_text(encoding="utf-8") if path.is_file() else ""
    path.write_text(text, encoding="utf-8")
    print(f"{'unchanged' if old == text else 'refreshed'}: {path.parent.parent.name}/{path.name}")


if __name__ == "__main__":
    sys.exit(main())
