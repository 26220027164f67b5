"""Do code and bakegen.toml agree on environment variables? What a service reads is set, and what is set is read.

Only of services whose stack brings the Dockerfile: how those read the environment is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from bakegen import dockerfile
from bakegen.finding import Finding
from bakegen.model import Project, Service
from bakegen.reads import Read, reads
from bakegen.rules import ADDRESSES
from bakegen.stack import Environment
from bakegen.tree import PACKAGES

# Folders without code of the service's own that runs in its image; those that begin with a dot are left out too.
SKIPPED = frozenset(
    {"__mocks__", "__pycache__", "__tests__", "build", "coverage", "dist", "e2e", "node_modules", "out"}
    | {"site-packages", "spec", "test", "tests", "venv"}
)
# Where a variable may be named beside code; files without a suffix, as Dockerfile, too.
CONFIGURATION = frozenset({"", ".cfg", ".conf", ".html", ".ini", ".json", ".sh", ".toml", ".yaml", ".yml"})
# What shells, runtimes and hosts set; and build arguments that BuildKit gives to who asks for them.
PROVIDED = frozenset(
    {"CI", "HOME", "HOSTNAME", "LANG", "LC_ALL", "PATH", "PORT", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER"}
    | {"ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SOURCE_DATE_EPOCH"}
    | {f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("ARCH", "OS", "PLATFORM", "VARIANT")}
)
SECRET = re.compile(r"(?:^|_)(?:DSN|KEY|PASSWORD|SECRET|TOKEN)(?:_|$)")

Reader = Callable[[PurePosixPath], bytes | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What `check` finds, and what it only tells: what nothing sets and code may do without, and what nothing reads."""

    findings: tuple[Finding, ...] = ()
    unset: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def folders(project: Project) -> tuple[PurePosixPath, ...]:
    """The folders with the code that is judged."""
    return tuple(sorted({folder for service in _judged(project) for folder in _folders(service)}))


def judge(
    project: Project,
    languages: Mapping[str, Environment],
    paths: Mapping[PurePosixPath, Sequence[PurePosixPath]],
    read: Reader,
) -> Judgement:
    """Compare what code reads with what bakegen.toml sets. `paths` are the files in each of `folders`."""
    files = _Files(languages, read)
    findings: list[Finding] = []
    unset: list[str] = []
    unread: list[str] = []
    for service in _judged(project):
        inside = [path for folder in _folders(service) for path in paths[folder]]
        image = dockerfile.variables(files.read(service.dockerfile) or b"")
        lacking = image.declared - image.valued - _arguments(project, service) - PROVIDED
        findings += [_unset_argument(service, line, name) for name, line in image.built.items() if name in lacking]
        known = given(project, service) | image.declared | image.valued | PROVIDED
        known |= {name for each in languages.values() for name in each.provided}
        gives = [pattern for host in project.hosts for pattern in host.gives]
        found = [
            (f"{path}:{each.line}", each)
            for path, each in files.reads(inside)
            if each.name not in known and not any(fnmatchcase(each.name, pattern) for pattern in gives)
        ]
        needed = {
            name: (f"{service.dockerfile}:{line}", False) for name, line in image.run.items() if name not in known
        }
        plain: dict[str, str] = {}
        for where, each in found:
            if each.kind == "needed":
                needed.setdefault(each.name, (where, each.built))
            elif each.kind == "plain":
                plain.setdefault(each.name, where)
        findings += [_unset(project, service, where, name, built=built) for name, (where, built) in needed.items()]
        unset += [f"{where}: {_message(service, name)}" for name, where in plain.items() if name not in needed]
        meant = [variable.name for variable in service.env if not variable.description]
        if names := files.unnamed(meant, inside):
            unread.append(f"{service.name}: nothing in {service.path} names {', '.join(names)}")
    return Judgement(findings=tuple(findings), unset=tuple(unset), unread=tuple(unread))


def left_behind(
    before: Project,
    after: Project,
    languages: Mapping[str, Environment],
    paths: Mapping[PurePosixPath, Sequence[PurePosixPath]],
    read: Reader,
) -> tuple[str, ...]:
    """Where code reads a variable that its service was given before and is not now, and takes something else silently."""
    files = _Files(languages, read)
    former = {service.name: given(before, service) for service in before.services}
    found: list[str] = []
    for service in _judged(after):
        lost = former.get(service.name, set()) - given(after, service)
        inside = [path for folder in _folders(service) for path in paths[folder]] if lost else []
        reads = {(path, each.line, each.name) for path, each in files.reads(inside) if each.kind == "fallback"}
        found += [
            f"{path}:{line}: {service.name} still reads {name}, which nothing sets any more"
            for path, line, name in sorted(reads)
            if name in lost
        ]
    return tuple(found)


def given(project: Project, service: Service) -> set[str]:
    """The variables that bakegen.toml gives a service, where it runs or where it is built."""
    return {setting.name for setting in project.environment(service)} | _arguments(project, service)


def _judged(project: Project) -> list[Service]:
    return [service for service in project.services if "Dockerfile" in service.stack.managed]


def _folders(service: Service) -> tuple[PurePosixPath, ...]:
    return (service.path, *(PurePosixPath(PACKAGES, name) for name in service.uses))


def _arguments(project: Project, service: Service) -> set[str]:
    """What a build is given."""
    arguments = project.workspace_args if service.member else service.build_args
    return {*arguments, *service.stack.args, *project.image_secrets(service)}


class _Files:
    """The files of a project, each read and understood once."""

    def __init__(self, languages: Mapping[str, Environment], read: Reader) -> None:
        self._by_suffix = {suffix: (language, how) for language, how in languages.items() for suffix in how.suffixes}
        self._read = read
        self._texts: dict[PurePosixPath, bytes | None] = {}
        self._reads: dict[PurePosixPath, set[Read]] = {}

    def read(self, path: PurePosixPath) -> bytes | None:
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def reads(self, paths: Iterable[PurePosixPath]) -> Iterator[tuple[PurePosixPath, Read]]:
        """What the code in these files reads, line by line."""
        for path in paths:
            for each in sorted(self._found(path), key=lambda each: (each.line, each.name, each.kind)):
                yield path, each

    def unnamed(self, names: Collection[str], paths: Collection[PurePosixPath]) -> list[str]:
        """Those variables whose names stand in none of these files, nor are settings there; code is looked at first."""
        for suffixes in (self._by_suffix, CONFIGURATION):
            looked = [path for path in paths if path.suffix in suffixes] if names else []
            text = b"\n".join(self.read(path) or b"" for path in looked)
            read = {each.name for path in looked for each in self._found(path)}
            names = [
                name
                for name in names
                if name not in read and not re.search(rf"\b(?:{name}|{name.lower()})\b".encode(), text)
            ]
        return list(names)

    def _found(self, path: PurePosixPath) -> set[Read]:
        if path not in self._reads:
            language, how = self._by_suffix.get(path.suffix, ("", None))
            judged = how is not None and not any(fnmatchcase(path.name, pattern) for pattern in how.ignored)
            text = (self.read(path) or b"") if judged else b""
            self._reads[path] = reads(text.decode("utf-8", "replace"), language) if text else set()
        return self._reads[path]


def _message(service: Service, name: str) -> str:
    return f"{service.name} reads {name}, and nothing sets it"


def _unset(project: Project, service: Service, where: str, name: str, *, built: bool) -> Finding:
    option = f"--secret {name}" if SECRET.search(name) else f"{name}=VALUE"
    addresses = {variable: need for need, (_, variable) in ADDRESSES.items()}
    addresses |= {
        f"{each.variable}_URL": each.name
        for each in project.services
        if each != service and each.port is not None and service.name not in each.needs
    }
    way = f"set it: bakegen add-env {service.name} {option}"
    if name in addresses:
        way = f"set it: bakegen set {service.name} needs={','.join(sorted((*service.needs, addresses[name])))}"
    elif built:
        way = f"a build reads it: write {name} into [services.{service.name}.build_args] of bakegen.toml"
    return Finding(where=where, message=_message(service, name), hint=f"{way}; or read it with a fallback")


def _unset_argument(service: Service, line: int, name: str) -> Finding:
    way = f"write {name} into [services.{service.name}.build_args] of bakegen.toml"
    return Finding(
        where=f"{service.dockerfile}:{line}",
        message=f"the build uses {name}, and nothing sets it",
        hint=f"{way}; or give ARG {name} a default",
    )
