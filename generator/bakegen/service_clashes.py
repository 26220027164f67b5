"""What does not go together between services: their folders, their names, what they need and the packages they use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from bakegen.catalog import Catalog
from bakegen.clash import Clash
from bakegen.errors import meant
from bakegen.keys import HINTS
from bakegen.model import Project, Service
from bakegen.rules import BACKING, PATH
from bakegen.tree import PACKAGES, optional


def clashes(project: Project, packages: Collection[str] | None, catalog: Catalog) -> Iterator[Clash]:
    """What does not go together. `packages` are all that there are; None: nobody looked, and any name may be one."""
    yield from _paths(project.services)
    yield from _folders_of_hosts(project, catalog)
    yield from _targets(project.services)
    yield from _needs(project.services)
    for service in project.services:
        if packages is not None:
            yield from _uses(service, packages)
        yield from _folders_of_packages(service, project)


def _paths(services: tuple[Service, ...]) -> Iterator[Clash]:
    """A folder that is none for a service, or two services in one."""
    owners: dict[PurePosixPath, list[str]] = {}
    spelled: dict[str, tuple[PurePosixPath, str]] = {}
    for service in services:
        owners.setdefault(service.path, []).append(service.name)
    for service in services:
        key = ("services", service.name, "path")
        example = f"for example: services/{service.name}"
        if ".." in service.path.parts or service.path == PurePosixPath():
            yield Clash(key=key, message=f"{service.path} is not inside the project", hint=HINTS[PATH])
        elif service.path.parts[0] in (".git", ".github", ".bakegen"):
            message = f"{service.path} is not a folder for a service"
            yield Clash(key=key, message=message, hint="for example: services/api")
        for folder in (service.path, *service.path.parents):
            others = [name for name in owners.get(folder, ()) if name != service.name]
            if others:
                message = f"{service.path} is the folder of the service {others[0]}, or inside it"
                yield Clash(key=key, message=message, hint=example)
            first, owner = spelled.setdefault(str(folder).casefold(), (folder, service.name))
            if first != folder:
                message = f"{service.path} and the path of {owner} differ only in case: {folder}, {first}"
                yield Clash(key=key, message=message, hint=f"write {first}: some disks take both for one folder")


def _targets(services: tuple[Service, ...]) -> Iterator[Clash]:
    """A service by the name of a bake target that another brings beside its own."""
    names = {service.name for service in services}
    for service in services:
        for stage, does in (("test", "tests"), *((stage, "builds a stage of") for stage in service.stack.shared)):
            target = f"{service.name}-{stage}"
            if target in names:
                message = f"{target} is the bake target that {does} {service.name}"
                yield Clash(key=("services", service.name), message=message, hint="rename it")


def _needs(services: tuple[Service, ...]) -> Iterator[Clash]:
    """A need of what is not there, has no port, or needs the service itself."""
    needs = {service.name: service.needs for service in services}
    ports = {service.name for service in services if service.port is not None}
    for service in services:
        key = ("services", service.name, "needs")
        for need in sorted({*service.needs} - {*BACKING}):
            message = f"services.{service.name} needs {need}"
            if need not in needs:
                known = [*BACKING, *(name for name in needs if name != service.name)]
                hint = meant(need, known, f"known: {', '.join(known)}")
                yield Clash(key=key, message=f"{message}, which is nobody", hint=hint)
            elif need == service.name:
                yield Clash(key=key, message=f"services.{service.name} needs itself", hint="take it out")
            elif need not in ports:
                hint = f"give it one: bakegen set {need} port=8000, or need something else"
                yield Clash(key=key, message=f"{message}, which has no port", hint=hint)
    circle = _circle(needs)
    if circle:
        message = f"these services need each other: {' -> '.join(circle)}"
        yield Clash(key=("services", circle[0], "needs"), message=message, hint="take one of them out")


def _uses(service: Service, packages: Collection[str]) -> Iterator[Clash]:
    """A package that nobody wrote."""
    for package in service.uses:
        if package not in packages:
            guess = meant(package, sorted(packages), f"packages: {', '.join(sorted(packages))}")
            hint = f"{guess} (one of your own begins with packages/{package}/package.json)"
            message = f"services.{service.name} uses {package}, which is no package"
            yield Clash(key=("services", service.name, "uses"), message=message, hint=hint)


def _folders_of_packages(service: Service, project: Project) -> Iterator[Clash]:
    """A service in the folder of a package."""
    for package in project.packages:
        folder = PurePosixPath(PACKAGES, package)
        if service.path.is_relative_to(folder) or folder.is_relative_to(service.path):
            message = f"{service.path} is not a folder for a service: {folder} is a package of the workspace"
            example = f"for example: services/{service.name}"
            yield Clash(key=("services", service.name, "path"), message=message, hint=example)


def _folders_of_hosts(project: Project, catalog: Catalog) -> Iterator[Clash]:
    """A service in whose folder a host or feature has files of the project: they would be taken for the service's."""
    of_all = sorted(path for path, source in optional(project, catalog).items() if source.service is None)
    for path in of_all:
        for service in project.services:
            if path.is_relative_to(service.path):
                message = f"{service.path} is not a folder for a service: {path} is a file of the project"
                example = f"for example: services/{service.name}"
                yield Clash(key=("services", service.name, "path"), message=message, hint=example)


def _circle(needs: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The first way from a service over what it needs back to itself, with that service at both ends."""
    done: set[str] = set()
    for start in sorted(needs):
        way: dict[str, None] = {}  # in order, and quick to look into: a chain may be as long as the file
        waiting = [(start, iter(needs[start]))] if start not in done else []
        while waiting:
            name, rest = waiting[-1]
            way.setdefault(name)
            following = next(rest, None)
            if following is None:
                done.add(way.popitem()[0])
                waiting.pop()
            elif following in way:
                names = list(way)
                return [*names[names.index(following) :], following]
            elif following not in done and following in needs:
                waiting.append((following, iter(needs[following])))
    return []
