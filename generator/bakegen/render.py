"""Project -> Tree: every generated path with its whole text. Pure: the same project gives the same bytes.

The same template bodies are rendered here and by cookiecutter, so `configure` sets up either's Jinja environment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, FunctionLoader, StrictUndefined, TemplateError

from bakegen import project_file
from bakegen.catalog import Catalog
from bakegen.model import Project, Service
from bakegen.slug import slug
from bakegen.tree import File, Ownership, Tree

DELIMITERS = {
    "variable_start_string": "<<",
    "variable_end_string": ">>",
    "block_start_string": "<%",
    "block_end_string": "%>",
    "comment_start_string": "<#",
    "comment_end_string": "#>",
}
SEEDED = frozenset(
    PurePosixPath(path) for path in ("README.md", ".gitignore", ".editorconfig", ".nvmrc", ".python-version")
)


def render(project: Project, catalog: Catalog, cache: str | None = None) -> Tree:
    """All files of the project but bakegen.lock, by path relative to the project root.

    `cache` is a folder for compiled templates; without it each run compiles them anew.
    """
    renderer = _Renderer(catalog, cache)
    tree: dict[PurePosixPath, File] = {}
    for path in catalog.project:
        ownership: Ownership = "seeded" if path in SEEDED else "managed"
        tree[path] = File(text=renderer.text("project", path, project=project), ownership=ownership)
    for service in project.services:
        managed = {PurePosixPath(path) for path in service.stack.managed}
        for path in catalog.files[service.stack.id]:
            text = renderer.text(service.stack.id, path, project=project, service=service)
            ownership = "managed" if path in managed else "seeded"
            tree[service.path / path] = File(text=text, ownership=ownership, service=service)
    return dict(sorted(tree.items()))


def configure(environment: Environment) -> None:
    """Give a Jinja environment what template bodies rely on: undefined names fail, block lines vanish, our filters."""
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.filters.update(
        toml=lambda value: project_file.quote(str(value)),
        hcl=hcl_string,
        json=json_string,
        yaml=json_string,
        block=_block,
        slug=slug,
    )


def json_string(value: object) -> str:
    """A JSON string, which is a YAML double-quoted scalar too."""
    return json.dumps(str(value), ensure_ascii=False)


def hcl_string(value: object) -> str:
    """A quoted HCL string: JSON's escapes, and no template sequences."""
    return json_string(value).replace("${", "$${").replace("%{", "%%{")


def _block(service: Service) -> str:
    return project_file.block(service)


class _Renderer:
    def __init__(self, catalog: Catalog, cache: str | None) -> None:
        self.texts: dict[str, Mapping[PurePosixPath, bytes]] = {"project": catalog.project, **catalog.files}
        bytecode: BytecodeCache | None = FileSystemBytecodeCache(cache) if cache else None
        self.environment = Environment(  # noqa: S701  (no HTML is rendered)
            loader=FunctionLoader(self._source),
            bytecode_cache=bytecode,
            keep_trailing_newline=True,
            **DELIMITERS,  # type: ignore[arg-type]  # all are strings, mypy sees the other parameters
        )
        configure(self.environment)
        self.environment.globals["pins"] = catalog.pins

    def text(self, folder: str, path: PurePosixPath, **context: Any) -> bytes:
        source = self.texts[folder][path]
        if b"<<" not in source and b"<%" not in source and b"<#" not in source:
            return source
        try:
            return self.environment.get_template(f"{folder}:{path}").render(context).encode()
        except TemplateError as error:
            error.add_note(f"in the template {folder}:{path}")
            raise

    def _source(self, name: str) -> str:
        folder, _, path = name.partition(":")
        return self.texts[folder][PurePosixPath(path)].decode()
