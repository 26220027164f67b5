"""What `adopt` does: read a repository, make the project of it, and write bakegen.toml and bakegen.lock."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath
from typing import Any

from bakegen import catalog as catalogs
from bakegen import foreign, git, lock, planner, project_document, project_file
from bakegen.adopt import project as adopted_project
from bakegen.adopt import survey as surveys
from bakegen.adopt.survey import Survey
from bakegen.catalog import Catalog
from bakegen.cli import output
from bakegen.cli.repository import Repository, is_dockerfile
from bakegen.cli.session import Session
from bakegen.errors import UserError
from bakegen.model import Project
from bakegen.plan import Plan, Sides, Wish
from bakegen.tree import layout


def adopt(path: Path, name: str | None, given: tuple[str, ...], *, dry_run: bool, as_json: bool) -> None:
    """Adopt the repository in `path`, or say what would be read of it; exits with 1 after a dry run."""
    _refuse(path)
    repository = Repository(path)
    survey = _survey(repository)
    answers = _given(name, given)
    folder = repository.workspace.root
    catalog = catalogs.load()
    full = adopted_project.answers(survey, answers, folder.name, _remote(folder), catalog)
    bare = adopted_project.project(survey, full, (), catalog)
    generated = [path for path, source in layout(bare, catalog).items() if _is_surface(path, source.ownership)]
    project = adopted_project.project(survey, full, foreign.surfaces(generated, repository.paths), catalog)
    session = Session(repository.workspace, catalog)
    planned = _plan(session, project, catalog)
    session.apply(planned, dry_run=dry_run, as_json=as_json)
    if as_json:
        output.data({**_data(survey, project, repository), **output.plan_data(planned)})
    else:
        _report(survey, project, repository)
        output.changes(planned, dry_run=dry_run)
        if not dry_run:
            output.text("\nNext:")
            for line in ("bakegen check", "bakegen diff", "bakegen add-service worker"):
                output.text(f"  {line}")
    if dry_run:
        sys.exit(1)


def _refuse(path: Path) -> None:
    if not path.is_dir():
        raise UserError("there is no such folder", where=str(path))
    if (path / project_document.FILE).exists():
        hint = "change it with: bakegen add-service"
        raise UserError("the folder holds a project already", where=str(path / project_document.FILE), hint=hint)


def _survey(repository: Repository) -> Survey:
    texts = repository.texts()
    declared = surveys.declared(texts)
    dockerfiles = {path: text for path, text in texts.items() if is_dockerfile(path)}
    return surveys.survey(declared, dockerfiles | repository.read(declared.dockerfiles - dockerfiles.keys()))


def _is_surface(path: PurePosixPath, ownership: str) -> bool:
    return ownership == "managed" and path != project_document.FILE


def _given(name: str | None, given: tuple[str, ...]) -> dict[str, str]:
    answers: dict[str, str] = {} if name is None else {"project_name": name}
    for answer in given:
        key, equals, value = answer.partition("=")
        if not equals:
            raise UserError(f"--set {answer} has no value", hint="write it as KEY=VALUE")
        answers[key] = value
    return answers


def _remote(folder: Path) -> str:
    try:
        return git.settings(folder, ["remote.origin.url"]).get("remote.origin.url", "")
    except (UserError, OSError):  # no repository, or no git
        return ""


def _plan(session: Session, project: Project, catalog: Catalog) -> Plan:
    """bakegen.toml and bakegen.lock, and nothing else: the lock says that all services have been here before."""
    stated = planner.expected_lock(project, catalog, {})
    theirs = {
        path: file for path, file in session.render(project).items() if foreign.place(path, project.adopted) is None
    }
    ours = session.workspace.snapshot(planner.paths(project, stated, theirs, Wish()))
    sides = Sides(lock=stated, before=project, ours=ours, theirs=theirs, find_base=lambda _key, _hashes: ())
    planned = planner.make(project, catalog, sides, Wish())
    own = {project_document.FILE, lock.FILE}
    return Plan(changes=tuple(change for change in planned.changes if change.path in own))


def _data(survey: Survey, project: Project, repository: Repository) -> dict[str, Any]:
    return {
        "services": [{"name": each.name, **project_file.service_answers(each)} for each in project.services],
        "omitted": [{"name": one.name, "where": one.where, "reason": one.reason} for one in survey.omitted],
        "notes": list(survey.notes),
        "adopted": [str(path) for path in project.adopted],
        "workflows": [str(path) for path in repository.workflows()],
        "complete": repository.complete,
    }


def _report(survey: Survey, project: Project, repository: Repository) -> None:
    count = len(project.services)
    output.text(f"{project.name} is a project of {count} service{'s' * (count != 1)}; images are {project.images}-NAME")
    width = max((len(each.name) for each in survey.services), default=0)
    for each in survey.services:
        port = f"port {each.port}" if each.port else "no port"
        output.text(f"  {each.name.ljust(width)}  {port}, from {', '.join(map(str, dict.fromkeys(each.files)))}")
    if survey.omitted:
        output.text("\nNot taken over:")
        for one in survey.omitted:
            output.text(f"  {one.name}: {one.reason} ({one.where})")
    for note in survey.notes:
        output.note(f"note: {note}")
    for path in repository.workflows():
        output.note(f"note: {path} stays as it is; bakegen brings no workflow until you ask for one")
    if not repository.complete:
        output.note("note: the folder is very large; Dockerfiles far from its root were not looked for")
    output.text()
