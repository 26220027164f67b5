"""A project in memory: the generator's pure core with a dictionary for a disk.

Laws and unit tests go through thousands of projects; here an `add-service` costs milliseconds. The same steps on a
real disk, with the real command line, are what tests/cases runs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from bakegen import (
    answers,
    catalog,
    lock,
    planner,
    project_document,
    project_file,
    project_reader,
    project_rename,
    service,
)
from bakegen.catalog import Catalog
from bakegen.cli.session import cache_folder
from bakegen.errors import UserError
from bakegen.lock import digest
from bakegen.merge.region import regions
from bakegen.model import Project, Service
from bakegen.plan import COPIES, Base, Move, Plan, Sides, Wish
from bakegen.render import render
from bakegen.service import Request
from bakegen.tree import File, Tree, named_after

CATALOG = catalog.load()
CACHE = cache_folder()
TOML = project_document.FILE
BAKE = PurePosixPath("docker-bake.hcl")
Files = dict[PurePosixPath, bytes]


@lru_cache(maxsize=1024)
def rendered(project: Project) -> Tree:
    """What render gives, remembered: rendering is pure, and a test asks for the same project many times."""
    return render(project, CATALOG, CACHE)


def scaffold(known: Catalog = CATALOG, /, **given: str) -> Project:
    """The project of these answers; without a preset it has no service."""
    return answers.project(answers.complete({"project_name": "Shop", "preset": "empty"} | given, known), known)


@dataclass
class World:
    """Paths and bytes of one project. A plan with conflicts is never written, as on the command line."""

    files: Files
    catalog: Catalog = CATALOG

    @classmethod
    def new(
        cls, project: Project | None = None, requests: Iterable[Request] = (), catalog: Catalog = CATALOG
    ) -> "World":
        """A fresh project, with services added one after the other."""
        world = cls({}, catalog)
        world.write(world._plan(project or scaffold(catalog), None, Wish()))
        for request in requests:
            world.add(request)
        return world

    @property
    def project(self) -> Project:
        """What bakegen.toml says."""
        return project_reader.load(self.files[TOML], self.catalog)

    @property
    def lock(self) -> lock.Lock:
        """What bakegen.lock says."""
        return lock.load(self.files.get(lock.FILE))

    def copy(self) -> "World":
        """Another world with the same files."""
        return World(dict(self.files), self.catalog)

    @property
    def before(self) -> Project | None:
        """The project that bakegen.lock describes, as a session sees it."""
        stated = self.lock
        if not stated.readable or stated.project is None:
            return None
        try:
            return project_reader.from_answers(stated.project, stated.services, self.catalog)
        except UserError:
            return None

    def add(self, request: Request, wish: Wish | None = None) -> Plan:
        """What `add-service` does."""
        added = service.add(self.project, self.catalog, request)
        return self._take(project_file.insert_service(self.files[TOML], added, self.catalog), wish)

    def remove(self, name: str, wish: Wish | None = None, *, delete: bool = False) -> Plan:
        """What `remove-service` does, with `--delete-files` if `delete`."""
        wish = wish or Wish()
        removed = self.project.service(name)
        text = project_file.remove_service(self.files[TOML], removed, discard=wish.favor == "theirs")
        return self._take(text, replace(wish, delete=frozenset({name} if delete else ())))

    def rename(self, old: str, new: str) -> Plan:
        """What `rename-service` does with a service in its default folder."""
        project = self.project
        before = project.service(old)
        folder = before.path.with_name(new)
        named = named_after(project, self.catalog, before, new)
        moves = [Move(source=path, target=target) for path, target in named.items() if path in self.files]
        wish = Wish(moves=(Move(source=before.path, target=folder), *moves))
        return self._take(project_rename.rename(self.files[TOML], old, new, str(folder)), wish)

    def set(self, name: str, answers: Mapping[str, object]) -> Plan:
        """What `set` does; None takes a key out."""
        text = self.files[TOML]
        for key, value in answers.items():
            text = project_file.set_key(text, name, key, value)
        return self._take(text)

    def add_hosts(self, *names: str) -> Plan:
        """What `add-host` does."""
        return self._take(project_file.with_items(self.files[TOML], "hosts", names))

    def remove_hosts(self, *names: str) -> Plan:
        """What `remove-host` does."""
        return self._take(project_file.without_items(self.files[TOML], "hosts", names))

    def sync(self, wish: Wish | None = None) -> Plan:
        """What `sync` does."""
        return self._take(self.files[TOML], wish)

    def write(self, planned: Plan) -> None:
        """Make the moves and changes of a plan without conflicts."""
        if planned.conflicts:
            return
        folders = {move.source: move.target for move in planned.moves}
        self.files = {lock.moved(path, folders): text for path, text in self.files.items()}
        for change in planned.changes:
            if change.after is None:
                del self.files[change.path]
            else:
                self.files[change.path] = change.after

    def _rendered(self, project: Project) -> Tree:
        return rendered(project) if self.catalog is CATALOG else render(project, self.catalog)

    def _take(self, text: bytes, wish: Wish | None = None) -> Plan:
        planned = self._plan(project_reader.load(text, self.catalog), text, wish or Wish())
        self.write(planned)
        return planned

    def _plan(self, project: Project, text: bytes | None, wish: Wish) -> Plan:
        theirs = dict(self._rendered(project))
        if text is not None:
            theirs[TOML] = File(text=text, ownership="managed")
        stated, before = self.lock, self.before
        origins = {move.target: move.source for move in wish.moves}
        copies = {path for path in self.files if path.parent == COPIES}
        paths = {*planner.paths(project, stated, theirs, wish), *copies}
        ours = {path: self.files.get(lock.moved(path, origins)) for path in paths}

        def find_base(key: str, hashes: frozenset[str]) -> tuple[Base, ...]:
            path, _, region = key.partition("#")
            file = self._rendered(before).get(lock.moved(PurePosixPath(path), origins)) if before is not None else None
            text = regions(file.text).get(region) if file is not None and region else file.text if file else None
            if text is None or not hashes:
                return ()
            return (Base(text, known=digest(text) in hashes),)

        sides = Sides(lock=stated, before=before, ours=ours, theirs=theirs, find_base=find_base)
        return planner.make(project, self.catalog, sides, wish)


def member(project: Project, name: str, stack: str = "fastapi", **fields: object) -> Service:
    """A service as `add-service` would make it, for a project that does not have it."""
    return service.add(project, CATALOG, Request(name=name, stack=stack, **fields))  # type: ignore[arg-type]
