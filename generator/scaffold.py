"""The one door for cookiecutter: answers in, what template bodies need out.

Cookiecutter renders the same bodies as bakegen, in an environment of its own. This extension sets that environment
up and lets bodies see `project`, `pins` and, for the hooks, `generator_dir`, wherever they see `cookiecutter`.
It must run in an environment that has nothing but cookiecutter.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.ext import Extension
from jinja2.runtime import Context

HERE = str(Path(__file__).parent)
if sys.version_info < (3, 11):  # noqa: UP036  (cookiecutter itself runs on older ones, and deserves a clear answer)
    raise FailedHookException(
        "error: this template needs Python 3.11 or newer\nhint: uvx --python 3.13 cookiecutter ..."
    )
sys.path.insert(0, HERE)

import bakegen  # noqa: E402
from bakegen import answers as questions  # noqa: E402
from bakegen import catalog as catalogs  # noqa: E402
from bakegen.catalog import Catalog  # noqa: E402
from bakegen.cli.session import cache_folder  # noqa: E402
from bakegen.errors import UserError  # noqa: E402
from bakegen.model import Project  # noqa: E402
from bakegen.render import configure  # noqa: E402

if not str(bakegen.__file__).startswith(HERE):
    raise FailedHookException(
        f"error: another bakegen is in the way\nwhere: {bakegen.__file__}\nhint: run cookiecutter as: uvx cookiecutter ..."
    )


@cache
def catalog() -> Catalog:
    """The catalog, read once for all files of a scaffold."""
    return catalogs.load()


def project(cookiecutter: Mapping[str, Any]) -> Project:
    """The Project of cookiecutter's answers; UserError for the first that is not possible."""
    return questions.project(questions.complete(questions.texts(cookiecutter), catalog()), catalog())


def check(cookiecutter: Mapping[str, Any]) -> str:
    """Refuse impossible answers before a folder exists, in bakegen's own words; renders as `ok`."""
    try:
        project(cookiecutter)
    except UserError as error:
        raise FailedHookException(str(error)) from None
    return "ok"


class ProjectContext(Context):
    """Names of template bodies that cookiecutter does not know, made from its answers when a body asks for them."""

    def resolve_or_missing(self, key: str) -> Any:
        """Look a name up, as Jinja does."""
        if key == "project" and "cookiecutter" in self:
            return project(self["cookiecutter"])
        if key == "pins":
            return catalog().pins
        return super().resolve_or_missing(key)


class ProjectExtension(Extension):
    """Named in cookiecutter.json, and so in everybody's stored replays: the name is a public contract."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        configure(environment)
        environment.context_class = ProjectContext
        folder = cache_folder()
        environment.bytecode_cache = FileSystemBytecodeCache(folder) if folder else None
        environment.globals.update(check=check, generator_dir=HERE)
