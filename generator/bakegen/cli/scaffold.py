"""Write a new project: into a folder for `bakegen new`, and around cookiecutter's files from its two hooks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bakegen import answers as questions
from bakegen import catalog as catalogs
from bakegen import git, project_document
from bakegen.cli import output
from bakegen.cli.session import Session
from bakegen.errors import UserError
from bakegen.model import Project
from bakegen.plan import Plan, Wish
from bakegen.workspace import Workspace


def scaffold(folder: Path, project: Project, *, commit: bool, as_json: bool) -> tuple[Plan, str]:
    """Write the project into `folder`, and commit it if asked to; gives back what was written and a sentence.

    Raises UserError if the folder holds a project already.
    """
    session = Session(Workspace(folder, say=output.note), catalogs.load())
    if folder.is_dir():
        session.workspace.recover()
    _refuse_project(folder)
    planned = _hinted(session.make(project, None, Wish()))
    session.apply(planned, dry_run=False, as_json=as_json)
    return planned, git.first_commit(session.workspace.root) if commit else ""


def before_cookiecutter(answers: Mapping[str, object]) -> None:
    """The pre_gen hook, run in the project's folder: check the answers again, and never render over a project."""
    with _errors():
        _refuse_project(Path.cwd())
        catalog = catalogs.load()
        questions.project(questions.complete(questions.texts(answers), catalog), catalog)


def after_cookiecutter(answers: Mapping[str, object]) -> None:
    """The post_gen hook, run in the project's folder: add what cookiecutter did not render, and commit."""
    with _errors():
        session = Session(Workspace(Path.cwd()), catalogs.load())
        session.apply(_hinted(session.plan()), dry_run=False, as_json=False)
        if questions.texts(answers)["git_init"] == "true":
            output.note(git.first_commit(session.workspace.root))


def _hinted(planned: Plan) -> Plan:
    """The plan of a new project: what is in its way has other cures than in a project that is there."""
    hint = "move it away, or choose another folder; for a repository that is there already: bakegen adopt"
    return replace(planned, conflicts=tuple(replace(each, hint=hint) for each in planned.conflicts))


def _refuse_project(folder: Path) -> None:
    if (folder / project_document.FILE).exists():
        hint = "choose another folder, or change the project with: bakegen add-service"
        raise UserError("the folder holds a project already", where=str(folder / project_document.FILE), hint=hint)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """A hook has no click around it: print a user's error and end with its code."""
    try:
        yield
    except UserError as error:
        output.error(error)
        sys.exit(error.code)
