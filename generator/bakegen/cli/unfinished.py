"""`sync` in an unfinished merge of git's: bakegen's files in conflict are resolved in memory, and planned on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bakegen import git, lock, project_document, project_reader
from bakegen.cli.session import Session
from bakegen.errors import RefusalError, UserError
from bakegen.model import Project
from bakegen.plan import COPIES, Plan
from bakegen.tree import layout
from bakegen.unfinished import Resolution, Unfinished, resolve
from bakegen.workspace import Workspace


class _Resolved(Workspace):
    """The project's folder as it will be with the resolved files in it: to read, not to write."""

    def __init__(self, workspace: Workspace, texts: Mapping[PurePosixPath, bytes]) -> None:
        super().__init__(workspace.root)
        self.texts = texts

    def read(self, path: PurePosixPath) -> bytes | None:
        """The resolved bytes where a file was in conflict."""
        return self.texts[path] if path in self.texts else super().read(path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Merging:
    """An unfinished merge. `session` sees the files as resolved: to plan with, not to write.

    merging = Merging.find(session)
    view = merging.session if merging else session
    planned = Plan(changes=()) if merging and merging.blocked else view.plan()
    planned = merging.complete(planned) if merging else planned
    session.apply(planned, ...)
    merging.stage(planned)
    """

    session: Session
    resolution: Resolution
    working: Mapping[PurePosixPath, bytes | None]

    @classmethod
    def find(cls, session: Session) -> Merging | None:
        """The merge that is unfinished in the session's project; None if no file of it is in conflict.

        Raises RefusalError if the branches' project files merge to something that is no project.
        """
        workspace = session.workspace
        stages = git.unmerged(workspace.root)
        if not stages:
            return None
        locks = [workspace.read(lock.FILE)]
        if lock.FILE in stages:
            locks += [stages[lock.FILE].ours, stages[lock.FILE].theirs]
        stated = {PurePosixPath(key.partition("#")[0]) for data in locks for key in lock.load(data).hashes}
        ours = stages.keys() & {project_document.FILE, lock.FILE, *stated}
        regular = {path for path in ours if stages[path].regular}
        working = workspace.snapshot({project_document.FILE, lock.FILE, *regular})
        present = {path: data for path, data in working.items() if data is not None}
        merging = Unfinished(stages=stages, working=working, untouched=git.as_git_left(workspace.root, present))

        def rendered(text: bytes) -> set[PurePosixPath]:
            project = _project(session, text)
            return {
                path
                for path, source in layout(project, session.catalog).items()
                if source.ownership == "managed" or path.suffix == ".md"
            }.difference(project.unmanaged)

        resolution = resolve(merging, rendered)
        resolved = Session(_Resolved(workspace, resolution.texts), session.catalog)
        return cls(session=resolved, resolution=resolution, working=working)

    @property
    def blocked(self) -> bool:
        """Whether a file is still in conflict: then there is nothing to plan on top of."""
        return bool(self.resolution.conflicts)

    def complete(self, planned: Plan) -> Plan:
        """The plan that was made for `session`, as it is to be written: with the resolved files, or with conflicts."""
        return self.resolution.complete(planned, self.working)

    def stage(self, planned: Plan) -> list[str]:
        """`git add` what was resolved and what bakegen notes for itself, once it is written; gives back what to tell."""
        root, resolved = self.session.workspace.root, sorted(self.resolution.texts)
        changed = {change.path for change in planned.changes}
        own = {path for path in git.unmerged(root) if path.parent == COPIES}  # git takes one for another, renamed
        if resolved or own:
            own |= {path for path in changed if path == lock.FILE or path.parent == COPIES}
        git.stage(root, sorted({*resolved, *own}))
        lines = [f"Resolved and staged: {', '.join(map(str, resolved))}."] if resolved else []
        others = sorted(str(path) for path in changed.difference(resolved, own))
        if others:
            lines.append(f"Changed and not staged: {', '.join(others)}.")
        left = sorted(git.unmerged(root))
        step = git.next_step(root)
        if left:
            lines.append(f"Still in conflict: {', '.join(map(str, left))}.")
        elif step:
            lines.append(f"Go on with: {step}")
        return lines


def _project(session: Session, text: bytes) -> Project:
    try:
        return project_reader.load(text, session.catalog)
    except UserError as error:
        hint = f"resolve it by hand, then git add {project_document.FILE}: {error.hint}".removesuffix(": ")
        message = f"what the branches say does not go together: {error.message}"
        raise RefusalError(message, where=error.where, hint=hint) from None
