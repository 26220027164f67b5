"""A project in memory: the generator's pure core with a dictionary for a disk.

Laws and unit tests go through thousands of projects; here an `add-service` costs milliseconds. The same steps on a
real disk, with the real command line, are what tests/cases runs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from bakegen import answers, catalog, lock, plan, project_file, project_reader, service
from bakegen.cli.session import cache_folder
from bakegen.model import Project, Service
from bakegen.plan import Plan
from bakegen.render import render
from bakegen.service import Request
from bakegen.tree import File, Tree

CATALOG = catalog.load()
CACHE = cache_folder()
TOML = project_reader.FILE
BAKE = PurePosixPath("docker-bake.hcl")
Files = dict[PurePosixPath, bytes]


@lru_cache(maxsize=1024)
def rendered(project: Project) -> Tree:
    """What render gives, remembered: rendering is pure, and a test asks for the same project many times."""
    return render(project, CATALOG, CACHE)


def scaffold(**given: str) -> Project:
    """The project of these answers; without a preset it has no service."""
    return answers.project(answers.complete({"project_name": "Shop", "preset": "empty"} | given), CATALOG)


@dataclass
class World:
    """Paths and bytes of one project. A plan with conflicts is never written, as on the command line."""

    files: Files

    @classmethod
    def new(cls, project: Project | None = None, requests: Iterable[Request] = ()) -> "World":
        """A fresh project, with services added one after the other."""
        world = cls({})
        world.write(world._plan(project or scaffold(), None))
        for request in requests:
            world.add(request)
        return world

    @property
    def project(self) -> Project:
        """What bakegen.toml says."""
        return project_reader.load(self.files[TOML], CATALOG)

    @property
    def lock(self) -> lock.Lock:
        """What bakegen.lock says."""
        return lock.load(self.files.get(lock.FILE))

    def copy(self) -> "World":
        """Another world with the same files."""
        return World(dict(self.files))

    def add(self, request: Request) -> Plan:
        """What `add-service` does."""
        added = service.add(self.project, CATALOG, request)
        return self._take(project_file.insert_service(self.files[TOML], added, CATALOG))

    def remove(self, name: str, *, delete: bool = False) -> Plan:
        """What `remove-service` does, with `--delete-files` if `delete`."""
        text = project_file.remove_service(self.files[TOML], self.project.service(name))
        return self._take(text, frozenset({name} if delete else ()))

    def sync(self) -> Plan:
        """What `sync` does."""
        return self._take(self.files[TOML])

    def write(self, planned: Plan) -> None:
        """Make the changes of a plan without conflicts."""
        for change in planned.changes if not planned.conflicts else ():
            if change.after is None:
                del self.files[change.path]
            else:
                self.files[change.path] = change.after

    def _take(self, text: bytes, delete: frozenset[str] = frozenset()) -> Plan:
        planned = self._plan(project_reader.load(text, CATALOG), text, delete)
        self.write(planned)
        return planned

    def _plan(self, project: Project, text: bytes | None, delete: frozenset[str] = frozenset()) -> Plan:
        theirs = dict(rendered(project))
        if text is not None:
            theirs[TOML] = File(text=text, ownership="managed")
        ours = {path: self.files.get(path) for path in plan.paths(self.lock, theirs)}
        return plan.make(project, CATALOG, self.lock, theirs, ours, delete=delete)


def member(project: Project, name: str, stack: str = "fastapi", **fields: object) -> Service:
    """A service as `add-service` would make it, for a project that does not have it."""
    return service.add(project, CATALOG, Request(name=name, stack=stack, **fields))  # type: ignore[arg-type]
