"""Write the lock file of the pnpm workspace anew: of everything that a workspace can have, resolved by pnpm together.

    python tools/refresh_workspace.py

Every package.json that a stack or an internal package can render is an importer of it; bakegen cuts a project's lock
file out of it (bakegen/pnpm.py). It needs npm, which fetches the pinned pnpm, and a registry.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain, combinations, product
from pathlib import Path, PurePosixPath
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "generator"))

from bakegen import catalog, keys, render
from bakegen.model import Project, Service, Versions
from bakegen.rules import BACKING
from bakegen.stack import Stack
from bakegen.tree import PACKAGE_JSON, PACKAGES, PNPM_LOCK

SLUG = "placeholder"
SHIPPED = Path(catalog.__file__).parent / "languages" / "node" / "pnpm" / PNPM_LOCK
GROUPS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def main() -> int:
    data = catalog.load()
    manifests = importers(data)
    with tempfile.TemporaryDirectory() as temporary:
        for path, manifest in manifests.items():
            folder = Path(temporary, path)
            folder.mkdir(parents=True, exist_ok=True)
            Path(folder, PACKAGE_JSON).write_text(json.dumps(manifest), encoding="utf-8")
        settings = {"packages": sorted(manifests.keys() - {"."})}
        Path(temporary, "pnpm-workspace.yaml").write_text(json.dumps(settings), encoding="utf-8")
        version = data.pins.tools[f"pnpm-{data.pnpm.versions[0]}"]
        command = ("npx", "--yes", f"pnpm@{version}", "install", "--lockfile-only")
        if subprocess.run(command, cwd=temporary, stdout=sys.stderr, check=False).returncode:
            sys.exit("error: pnpm made no lock file")
        text = Path(temporary, PNPM_LOCK).read_text(encoding="utf-8")
    if any(mark in text for mark in ("://", "<<", "<%", "<#")):
        sys.exit("error: an address or a template's delimiter is in the lock file")
    old = SHIPPED.read_text(encoding="utf-8") if SHIPPED.is_file() else ""
    SHIPPED.write_text(text, encoding="utf-8")
    print(f"{'unchanged' if old == text else 'refreshed'}: {PNPM_LOCK}, {len(manifests)} importers")
    return 0


def importers(data: catalog.Catalog) -> dict[str, dict[str, Any]]:
    """Each package.json that can be rendered, without what comes from the workspace, by its path in this one."""
    names = tuple(sorted(folder.rpartition("/")[2] for folder in data.files if folder.startswith(f"/{PACKAGES}/")))
    found: dict[str, dict[str, Any]] = {}
    for service in chain.from_iterable(members(stack, names) for stack in data.stacks.values()):
        project = project_of(service, data)
        own = wanted(render.one(project, data, service.path / PACKAGE_JSON))
        if own not in found.values():
            found[f"stacks/{service.stack.id}/{len(found)}"] = own
        for folder in (PurePosixPath(), *(PurePosixPath(PACKAGES, name) for name in service.uses)):
            if str(folder) not in found:
                found[str(folder)] = wanted(render.one(project, data, folder / PACKAGE_JSON))
    return found


def members(stack: Stack, packages: tuple[str, ...]) -> Iterator[Service]:
    """A service of the stack for each way to set it up as a member of the workspace."""
    manager = stack.options.get("package_manager")
    if manager is None or "pnpm" not in manager.choices:
        return
    names = [name for name in stack.options if name != "package_manager"]
    for values in product(*(stack.options[name].choices for name in names), subsets(BACKING), subsets(packages)):
        *chosen, needs, uses = values
        yield Service(
            name="member",
            stack=stack,
            path=PurePosixPath("member"),
            slug=SLUG,
            needs=needs,
            uses=uses,
            chosen=dict(zip(names, chosen, strict=True)) | {"package_manager": "pnpm"},
        )


def subsets(items: tuple[str, ...]) -> list[tuple[str, ...]]:
    """All selections of the items, in their order."""
    return [chosen for size in range(len(items) + 1) for chosen in combinations(items, size)]


def project_of(service: Service, data: catalog.Catalog) -> Project:
    """A project that has only this service."""
    return Project(
        name=SLUG,
        slug=SLUG,
        description="",
        repository="",
        images=SLUG,
        platforms=(),
        cache="none",
        versions=Versions(**{name: key.example for name, key in keys.versions(data.languages.values()).items()}),
        services=(service,),
    )


def wanted(manifest: bytes) -> dict[str, Any]:
    """What a package.json wants from a registry."""
    groups = {name: group for name, group in json.loads(manifest).items() if name in GROUPS}
    return {
        name: {each: version for each, version in group.items() if not version.startswith("workspace:")}
        for name, group in groups.items()
    }


if __name__ == "__main__":
    sys.exit(main())
