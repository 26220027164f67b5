"""Project -> Tree: every generated path with its whole text. Pure: the same project gives the same bytes.

The same template bodies are rendered here and by cookiecutter, so `configure` sets up either's Jinja environment.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, FunctionLoader, StrictUndefined, TemplateError

from bakegen import pnpm, project_file
from bakegen.catalog import Catalog
from bakegen.model import Project
from bakegen.slug import slug
from bakegen.tree import PACKAGE_JSON, PNPM_LOCK, File, Source, Tree, layout

DELIMITERS = {
    "variable_start_string": "<<",
    "variable_end_string": ">>",
    "block_start_string": "<%",
    "block_end_string": "%>",
    "comment_start_string": "<#",
    "comment_end_string": "#>",
}


def render(project: Project, catalog: Catalog, cache: str | None = None) -> Tree:
    """All files of the project but bakegen.lock, by path relative to the project root.

    `cache` is a folder for compiled templates; without it each run compiles them anew.
    """
    renderer = _Renderer(project, catalog, cache)
    sources = layout(project, catalog)
    texts = {path: renderer.text(source) for path, source in sources.items()}
    if project.pnpm:
        folders = {PurePosixPath(), *(member.path for member in project.members)}
        folders |= {source.package for source in sources.values() if source.package is not None}
        manifests = {str(folder): texts[folder / PACKAGE_JSON] for folder in folders}
        texts[PNPM_LOCK] = pnpm.lock(texts[PNPM_LOCK], manifests)
    return {
        path: File(text=texts[path], ownership=source.ownership, service=source.service, package=source.package)
        for path, source in sources.items()
    }


def one(project: Project, catalog: Catalog, path: PurePosixPath, cache: str | None = None) -> bytes:
    """One file of the project; pnpm's lock file as it is shipped, with nothing cut out."""
    return _Renderer(project, catalog, cache).text(layout(project, catalog)[path])


def configure(environment: Environment) -> None:
    """Give a Jinja environment what template bodies rely on: undefined names fail, block lines vanish, our filters."""
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.filters.update(
        toml=lambda value: project_file.quote(str(value)),
        hcl=hcl_string,
        json=json_string,
        yaml=yaml_string,
        block=project_file.block,
        words=shlex.split,
        slug=slug,
    )


def json_string(value: object) -> str:
    """A JSON string."""
    return json.dumps(str(value), ensure_ascii=False)


def yaml_string(value: object) -> str:
    """A quoted YAML scalar as Prettier writes it: in single quotes if it has double ones and needs no escapes."""
    double = json_string(value)
    if '"' not in str(value) or re.search(r'\\[^"]', double):
        return double
    return "'" + str(value).replace("'", "''") + "'"


def hcl_string(value: object) -> str:
    """A quoted HCL string: JSON's escapes, and no template sequences."""
    return json_string(value).replace("${", "$${").replace("%{", "%%{")


class _Renderer:
    def __init__(self, project: Project, catalog: Catalog, cache: str | None) -> None:
        self.texts: dict[str, Mapping[PurePosixPath, bytes]] = {
            "": catalog.parts,
            "project": catalog.project,
            **catalog.files,
        }
        bytecode: BytecodeCache | None = FileSystemBytecodeCache(cache) if cache else None
        self.environment = Environment(  # noqa: S701  (no HTML is rendered)
            loader=FunctionLoader(self._load),
            bytecode_cache=bytecode,
            keep_trailing_newline=True,
            **DELIMITERS,  # type: ignore[arg-type]  # all are strings, mypy sees the other parameters
        )
        configure(self.environment)
        self.environment.globals.update(project=project, pins=catalog.pins)

    def text(self, source: Source) -> bytes:
        text = self.texts[source.folder][source.path]
        if b"<<" not in text and b"<%" not in text and b"<#" not in text:
            return text
        name = f"{source.folder}:{source.path}"
        context = {} if source.service is None else {"service": source.service}
        try:
            return self.environment.get_template(name).render(context).encode()
        except TemplateError as error:
            error.add_note(f"in the template {name}")
            raise

    def _load(self, name: str) -> str | None:
        folder, _, path = name.rpartition(":")
        text = self.texts[folder].get(PurePosixPath(path))
        return None if text is None else text.decode()
