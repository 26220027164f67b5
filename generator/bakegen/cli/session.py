"""A command's view of a project: read once, planned, and written or shown in one of four ways."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath

import click

from bakegen import catalog as catalogs
from bakegen import foreign, git, lock, plan, planner, project_document, project_reader
from bakegen.catalog import Catalog
from bakegen.cli import output
from bakegen.cli.bases import Bases
from bakegen.cli.resolve import Resolve
from bakegen.edited import has_markers
from bakegen.errors import RefusalError, UserError, meant
from bakegen.lock import Lock, digest
from bakegen.model import Project, Service
from bakegen.plan import COPIES, Plan, Sides, Wish
from bakegen.tree import PACKAGE_JSON, PACKAGES, File, Tree, layout
from bakegen.workspace import Workspace

REPORT = Resolve()

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
        session = cls._open()
        if session.workspace.interrupted():
            output.note("An earlier run was interrupted while it wrote: `bakegen sync` puts that right.")
        return session

    @classmethod
    def _open(cls) -> Session:
        try:
            folder = Path.cwd()
        except FileNotFoundError:
            raise UserError("the working directory is gone", hint="change to another folder") from None
        return cls(Workspace.find(folder, say=output.note), catalogs.load())

    @classmethod
    def writing(cls, *, dry_run: bool = False) -> Session:
        """The same for a command that writes: what a crash left half done is put right first."""
        if dry_run:
            return cls.here()
        session = cls._open()
        session.workspace.recover()
        return session

    def service(self, name: str) -> Service:
        """The service of that name; UserError, with the names that there are, if there is none."""
        names = [service.name for service in self.project.services]
        if name not in names:
            raise UserError(f"there is no service {name}", hint=f"services: {', '.join(names) or 'none'}")
        return self.project.service(name)

    @cached_property
    def text(self) -> bytes:
        """The bytes of bakegen.toml."""
        found = self.workspace.read(project_document.FILE)
        if found is None:
            hint = f"get it back: git checkout -- {project_document.FILE}"
            raise UserError("the project file is not there", where=str(project_document.FILE), hint=hint)
        return found

    @cached_property
    def project(self) -> Project:
        """What bakegen.toml says; UserError if it is not right."""
        return project_reader.load(self.text, self.catalog, self._own_packages)

    @cached_property
    def _own_packages(self) -> list[str]:
        """The folders in packages/ with a package.json: those that are not bakegen's are the user's own."""
        names = self.workspace.names(PurePosixPath(PACKAGES))
        return [name for name in names if self.workspace.exists(PurePosixPath(PACKAGES, name, PACKAGE_JSON))]

    def possible(self, text: bytes) -> Project:
        """What another bakegen.toml would say. The UserError names no line: that file is not written yet."""
        try:
            return project_reader.load(text, self.catalog, self._own_packages)
        except UserError as error:
            raise UserError(error.message, hint=error.hint) from None

    @cached_property
    def lock(self) -> Lock:
        """What bakegen.lock says; where it cannot be read, what its last version in git's history says as well."""
        found = lock.load(self.workspace.read(lock.FILE))
        if found.readable:
            return found
        last = lock.load(git.find_lock(self.workspace.root))
        return lock.completed(found, last) if last.readable else found

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

    @cached_property
    def before(self) -> Project | None:
        """The project that the lock describes; None if it cannot be told."""
        return self.described(self.lock)

    def described(self, stated: Lock) -> Project | None:
        """The project that a lock describes; None if it cannot be told."""
        if not stated.readable or stated.project is None:
            return None
        try:
            return project_reader.from_answers(stated.project, stated.services, self.catalog)
        except UserError:
            return None

    def generated(self, text: str) -> PurePosixPath:
        """The generated file that a path on the command line means; UserError, with a guess, if there is none."""
        try:
            path = PurePosixPath(Path(os.path.abspath(text)).relative_to(self.workspace.root).as_posix())  # noqa: PTH100  (a link stays)
        except ValueError:
            hint = "give it relative to the folder that you are in"
            raise UserError("the path is not inside the project", where=text, hint=hint) from None
        adopted = self.project.adopted
        known = [str(foreign.place(each, adopted) or each) for each in layout(self.project, self.catalog)]
        if str(path) not in known:
            hint = meant(str(path), known, "bakegen.lock names every generated file")
            raise UserError("bakegen does not generate this file", where=str(path), hint=hint)
        return path

    def render(self, project: Project) -> Tree:
        """Every generated file of a project, with compiled templates kept in the user's cache folder."""
        from bakegen.render import render

        return render(project, self.catalog, cache_folder())

    def plan(self, text: bytes | None = None, wish: Wish | None = None) -> Plan:
        """The plan for the project as it is, or with another text of bakegen.toml.

        Where nothing could have changed since the last run, nothing is rendered.
        """
        text = self.text if text is None else text
        project = self.project if text == self.text else self.possible(text)
        if (wish is None or wish == Wish()) and self._rendered(project):
            managed = [path for path, source in layout(project, self.catalog).items() if source.ownership == "managed"]
            ours = self.workspace.snapshot(path for path in managed if str(path) in self.lock.hashes)
            edited = [
                path
                for path, found in ours.items()
                if found is not None and digest(found) not in self.lock.hashes[str(path)]
            ]
            marked = any(has_markers(ours[path] or b"") for path in edited)
            if not marked and (wish is None or self._has_copies(edited)):
                return Plan(changes=(), kept=tuple(edited))
        return self.make(project, text, wish or Wish())

    def _has_copies(self, edited: Iterable[PurePosixPath]) -> bool:
        """Whether what was rendered for each of these files is kept beside them, for later versions to find."""
        wanted = {name for path in edited for name in self.lock.hashes[str(path)]}
        return wanted <= set(self.workspace.names(COPIES)) if wanted else True

    def make(self, project: Project, text: bytes | None, wish: Wish) -> Plan:
        """The plan for a project that is rendered now, with `text` as bakegen.toml; None: as rendered (a scaffold)."""
        theirs = dict(self.render(project))
        if text is not None:
            theirs[project_document.FILE] = File(text=text, ownership="managed")
        origins = {move.target: move.source for move in wish.moves}
        copies = {COPIES / name for name in self.workspace.names(COPIES)}
        wanted = sorted({*planner.paths(project, self.lock, theirs, wish), *copies})
        sides = Sides(
            lock=self.lock,
            before=self.before,
            ours={path: self.workspace.read(lock.moved(path, origins)) for path in wanted},
            theirs=theirs,
            find_base=Bases(self, origins).find,
        )
        return planner.make(project, self.catalog, sides, wish)

    def apply(self, planned: Plan, *, dry_run: bool, as_json: bool, resolve: Resolve = REPORT) -> None:
        """Write the plan, or print its conflicts and end with exit code 3. A dry run writes nothing.

        With `resolve.markers` the conflicts are written into the files, if every one of them can be.
        """
        if planned.conflicts:
            markers = resolve.markers and not dry_run and plan.all_marked(planned)
            if markers:
                self.workspace.write(replace(planned, changes=planned.marked))
            if as_json:
                output.data(output.plan_data(planned))
            output.conflicts(planned.conflicts, marked=markers)
            sys.exit(RefusalError.code)
        if not dry_run:
            self.workspace.write(planned)

    def _rendered(self, project: Project) -> bool:
        """Whether the lock says that exactly this project was rendered by this version."""
        expected = planner.expected_lock(project, self.catalog, self.lock.hashes)
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
