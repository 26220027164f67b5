"""What the contract finds in a project's files, as a plan leaves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import PurePosixPath

from bakegen import contract, entries, foreign, hosting, lock, pnpm_contract, project_document, variables
from bakegen.cli.session import Session
from bakegen.edited import MARKED, RESOLVE, has_markers, line_of_markers
from bakegen.errors import UserError
from bakegen.finding import Finding
from bakegen.lock import digest
from bakegen.model import Project
from bakegen.plan import Plan
from bakegen.stack import Environment
from bakegen.tree import HOSTS, PACKAGE_JSON, PACKAGES, layout
from bakegen.variables import Judgement

SOURCES = {".js", ".ts", ".tsx"}


def findings(session: Session, planned: Plan, project: Project | None = None) -> tuple[Finding, ...]:
    """What the contract finds in files that are edited, unmanaged or gone, as the plan leaves them, conflicts aside.

    That a service has its Dockerfile, and what that builds with, is judged always. After another version's run the
    contract is all that can be judged, so it judges unedited files too. `project` is what the plan makes of it.
    """
    project = project or session.project
    left = _Left(session, planned)
    conflicts = {conflict.path for conflict in planned.conflicts}
    unmanaged = set(project.unmanaged)
    dockerfiles = {service.dockerfile for service in project.services}
    texts = left.texts(dockerfiles - conflicts)
    gone = {path for path, text in texts.items() if text is None}
    settled = set() if session.other_version else dockerfiles - {*planned.kept, *left.changed, *unmanaged}
    wanted = {contract.OVERRIDE, *contract.judged(project, session.catalog.packages)}.difference(
        conflicts, gone, settled
    )
    wanted = {path for path in wanted if foreign.place(path, project.adopted) is None}
    edited = {
        path: found
        for path, found in (left.texts(wanted - texts.keys()) | texts).items()
        if path in wanted
        and (
            found is None
            or session.other_version
            or path in unmanaged
            or digest(found) not in left.hashes.get(str(path), frozenset())
        )
    }
    return (
        *contract.check(project, edited, session.catalog.packages),
        *contract.adopted(project, left.texts(project.adopted)),
        *contract.dockerfiles(project, dockerfiles - gone),
        *_of_hosts(session, project, left, conflicts),
        *contract.bound(project, left.old(texts), left.there, layout(project, session.catalog)),
    )


def judged(session: Session, project: Project) -> frozenset[PurePosixPath]:
    """The generated files that a contract exists for."""
    hosts = entries.judged(project, layout(project, session.catalog))
    return contract.judged(project, session.catalog.packages) | hosts


def _of_hosts(session: Session, project: Project, left: _Left, conflicts: set[PurePosixPath]) -> tuple[Finding, ...]:
    """What is missing in files of hosts; only what somebody edited, took over or deleted is rendered for it."""
    texts = {
        path: found
        for path, found in left.texts(entries.judged(project, layout(project, session.catalog)) - conflicts).items()
        if (found is None and str(path) in left.hashes)
        or (found is not None and digest(found) not in left.hashes.get(str(path), frozenset()))
    }
    if not texts:
        return ()
    rendered = session.render(project)
    return entries.check(project, dict(sorted(texts.items())), {path: rendered[path].text for path in texts})


def imports(session: Session) -> tuple[Finding, ...]:
    """What the contract finds in the sources that bakegen seeded in a pnpm workspace, and in commands that run there.

    No `sync` mends these.
    """
    project = session.project
    folders = project.workspace_paths if project.pnpm else ()
    paths = [path for path in layout(project, session.catalog) if any(path.is_relative_to(each) for each in folders)]
    wanted = [path for path in paths if path.suffix in SOURCES or path.name == PACKAGE_JSON.name]
    return pnpm_contract.imports(
        project, session.workspace.snapshot([*wanted, project_document.FILE] if wanted else ())
    )


def packages(session: Session, project: Project) -> tuple[Finding, ...]:
    """What the contract finds in the packages of the user's own. No `sync` mends these."""
    own = [name for name in project.packages if name not in session.catalog.packages]
    return pnpm_contract.packages(
        project, session.workspace.snapshot(PurePosixPath(PACKAGES, name, PACKAGE_JSON) for name in own)
    )


def judged_variables(session: Session, project: Project) -> Judgement:
    """How what code reads and what bakegen.toml sets go together. No `sync` mends it."""
    return variables.judge(project, *_code(session, project))


def news(
    session: Session, project: Project, renamed: Project | None = None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What `check` will find of variables, what hosts cannot do, and which variables code reads in vain, once the project
    is this one and not before. `renamed` is that of before with the names of now.
    """
    before, after = judged_variables(session, session.project), judged_variables(session, project)
    found = [each for each in after.findings if each not in before.findings]
    unset = [each for each in after.unset if each not in before.unset]
    unset += variables.left_behind(session.project, project, *_code(session, project))
    return tuple(found), (*hosting.notes(project, renamed or session.project), *unset)


def _code(
    session: Session, project: Project
) -> tuple[dict[str, Environment], dict[PurePosixPath, list[PurePosixPath]], variables.Reader]:
    """What is known of languages, the files with the code of services, and how to read one."""
    hosts = {path for path, source in layout(project, session.catalog).items() if source.folder.startswith(HOSTS)}
    paths = {
        folder: [path for path in session.workspace.below(folder, variables.SKIPPED) if path not in hosts]
        for folder in variables.folders(project)
    }
    languages = {name: language.environment for name, language in session.catalog.languages.items()}
    return languages, paths, session.workspace.peek


def unmerged(session: Session) -> tuple[Finding, ...]:
    """The seeded files of services that git's conflict markers are in. No `sync` mends these."""
    found: list[Finding] = []
    for path, source in layout(session.project, session.catalog).items():
        if source.ownership == "seeded" and source.service is not None and str(path) in session.lock.hashes:
            with suppress(UserError):  # what is in its place is the user's
                text = session.workspace.read(path) or b""
                if has_markers(text):
                    where = f"{path}:{line_of_markers(text)}"
                    found.append(Finding(where=where, message=MARKED, hint=RESOLVE))
    return tuple(found)


class _Left:
    """The files of a project after a plan."""

    def __init__(self, session: Session, planned: Plan) -> None:
        self.workspace = session.workspace
        self.changed: Mapping[PurePosixPath, bytes | None] = {change.path: change.after for change in planned.changes}
        stated = self.changed.get(lock.FILE)
        self.hashes = session.lock.hashes if stated is None else lock.load(stated).hashes
        self.created = {change.path for change in planned.changes if change.before is None}

    def texts(self, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, bytes | None]:
        """The bytes of each path, None where there is no file."""
        return {path: self.changed[path] if path in self.changed else self.workspace.read(path) for path in paths}

    def old(self, texts: Mapping[PurePosixPath, bytes | None]) -> dict[PurePosixPath, bytes | None]:
        """Those files that the plan does not create: what a new one is for may come later."""
        return {path: text for path, text in texts.items() if path not in self.created}

    def there(self, path: PurePosixPath) -> bool:
        """Whether there is a file or folder."""
        written = [each for each, text in self.changed.items() if text is not None]
        if any(each.is_relative_to(path) for each in written):
            return True
        return path not in self.changed and self.workspace.exists(path)
