"""A command's view of a project: read once, planned, and written or shown in one of four ways."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from pathlib import Path

import click

from bakegen import catalog as catalogs
from bakegen import contract, lock, plan, project_reader
from bakegen.catalog import Catalog
from bakegen.cli import output
from bakegen.errors import RefusalError, UserError
from bakegen.lock import Lock, digest
from bakegen.model import Project
from bakegen.plan import Ours, Plan
from bakegen.tree import File, layout
from bakegen.workspace import Workspace

dry_run = click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing; exit code 1 or 3.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


class Session:
    """The project around the working directory, and the lock that it has."""

    def __init__(self, workspace: Workspace, catalog: Catalog) -> None:
        self.workspace = workspace
        self.catalog = catalog

    @classmethod
    def here(cls) -> Session:
        """The session of the project that the working directory is in; UserError if there is none."""
        try:
            folder = Path.cwd()
        except FileNotFoundError:
            raise UserError("the working directory is gone", hint="change to another folder") from None
        return cls(Workspace.find(folder), catalogs.load())

    @cached_property
    def text(self) -> bytes:
        """The bytes of bakegen.toml."""
        return self.workspace.read(project_reader.FILE) or b""

    @cached_property
    def project(self) -> Project:
        """What bakegen.toml says; UserError if it is not right."""
        return project_reader.load(self.text, self.catalog)

    @cached_property
    def lock(self) -> Lock:
        """What bakegen.lock says."""
        return lock.load(self.workspace.read(lock.FILE))

    @property
    def other_version(self) -> bool:
        """Whether the lock was written by another version than this one."""
        return bool(self.lock.version) and self.lock.version != self.catalog.version

    def require_this_version(self) -> None:
        """Raise UserError if another version wrote the lock: two versions would undo each other's work."""
        if self.other_version:
            raise UserError(
                f"the project was written by bakegen {self.lock.version}, this is {self.catalog.version}",
                where=str(lock.FILE),
                hint="install that version, or move the project to this one with: bakegen update",
            )

    def plan(self, text: bytes | None = None, *, delete: frozenset[str] = frozenset()) -> Plan:
        """The plan for the project as it is, or with another text of bakegen.toml.

        Where nothing could have changed since the last run, nothing is rendered.
        """
        text = self.text if text is None else text
        project = self.project if text == self.text else project_reader.load(text, self.catalog)
        if self._rendered(project):
            managed = [path for path, source in layout(project, self.catalog).items() if source.ownership == "managed"]
            ours = self.workspace.snapshot(path for path in managed if str(path) in self.lock.hashes)
            edited = [
                path
                for path, found in ours.items()
                if found is not None and digest(found) not in self.lock.hashes[str(path)]
            ]
            return Plan(changes=(), kept=tuple(edited))
        return self.make(project, text, delete)

    def make(self, project: Project, text: bytes | None = None, delete: frozenset[str] = frozenset()) -> Plan:
        """The plan for a project that is rendered now, with `text` as bakegen.toml; None: as rendered (a scaffold)."""
        from bakegen.render import render

        theirs = dict(render(project, self.catalog, cache_folder()))
        if text is not None:
            theirs[project_reader.FILE] = File(text=text, ownership="managed")
        ours = self.workspace.snapshot(plan.paths(self.lock, theirs))
        return plan.make(project, self.catalog, self.lock, theirs, ours, delete=delete)

    def findings(self, planned: Plan) -> tuple[contract.Finding, ...]:
        """What the contract finds in the surfaces that are edited or unmanaged, and not in conflict anyway.

        After another version's run it is all that can be judged, so it judges unedited surfaces too.
        """
        conflicts = {conflict.path for conflict in planned.conflicts}
        ours = self.workspace.snapshot((contract.BAKE, contract.COMPOSE))
        edited: Ours = {
            path: found
            for path, found in ours.items()
            if path not in conflicts
            and (
                found is None
                or self.other_version
                or path in self.project.unmanaged
                or digest(found) not in self.lock.hashes.get(str(path), frozenset())
            )
        }
        return contract.check(self.project, edited)

    def apply(self, planned: Plan, *, dry_run: bool, as_json: bool) -> None:
        """Write the plan, or print its conflicts and end with exit code 3. A dry run writes nothing."""
        if planned.conflicts:
            if as_json:
                output.data(output.plan_data(planned))
            output.conflicts(planned.conflicts)
            sys.exit(RefusalError.code)
        if not dry_run:
            self.workspace.write(planned)

    def _rendered(self, project: Project) -> bool:
        """Whether the lock says that exactly this project was rendered by this version."""
        expected = plan.expected_lock(project, self.catalog, self.lock.hashes)
        return self.lock.readable and self.lock == expected and all(len(one) == 1 for one in self.lock.hashes.values())


def cache_folder() -> str | None:
    """The folder for compiled templates, in the user's cache folder; None where there can be none."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(base) / "bakegen" / "templates"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # a user without a home, or with one that cannot be written
        return None
    return str(folder) if os.access(folder, os.W_OK) else None
