"""What bakegen ships: stacks, presets, pins and template texts, found in one place and read once.

In a checkout the project's templates are in `<<cookiecutter.project_slug>>/`; in a wheel, where that name would not
survive Windows, in `bakegen/_template/project/`.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from bakegen.errors import UserError
from bakegen.model import Action, Defaults, Dev, Pins, Stack, Variable

VERSION = "0.1.0"
PROJECT_FOLDER = "<<cookiecutter.project_slug>>"

Texts = Mapping[PurePosixPath, bytes]


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The data files of one version of bakegen. `project` and the values of `files` map relative paths to bytes."""

    stacks: Mapping[str, Stack]
    presets: Mapping[str, tuple[Mapping[str, Any], ...]]
    pins: Pins
    project: Texts
    files: Mapping[str, Texts]

    def stack(self, name: str) -> Stack:
        """The stack of that id; UserError, with the one that may have been meant, if there is none."""
        if name not in self.stacks:
            close = difflib.get_close_matches(name, list(self.stacks), n=1)
            hint = f"did you mean {close[0]}?" if close else f"known stacks: {', '.join(self.stacks)}"
            raise UserError(f"unknown stack: {name}", hint=hint)
        return self.stacks[name]

    @cached_property
    def version(self) -> str:
        """The version with a digest of all template data, so that two data sets never pass for one."""
        digest = hashlib.sha256()
        folders = {"": self.project, **self.files}
        for folder, texts in sorted(folders.items()):
            for path, text in sorted(texts.items()):
                digest.update(f"{folder}\0{path}\0{len(text)}\0".encode() + text)
        digest.update(repr((self.stacks, self.pins)).encode())
        return f"{VERSION}+{digest.hexdigest()[:12]}"


def load(root: Path | None = None) -> Catalog:
    """Read the data beside this module, or the data of another copy of the package at `root`."""
    root = root or Path(__file__).parent
    folders = [folder for folder in sorted((root / "stacks").iterdir()) if (folder / "stack.toml").is_file()]
    return Catalog(
        stacks={folder.name: _stack(folder) for folder in folders},
        presets={name: tuple(preset["services"]) for name, preset in _toml(root / "presets.toml").items()},
        pins=_pins(_toml(root / "pins.toml")),
        project=_texts(project_folder(root)),
        files={folder.name: _texts(folder / "files") for folder in folders},
    )


def project_folder(root: Path) -> Path:
    """The folder with the templates that every project has."""
    packed = root / "_template" / "project"
    return packed if packed.is_dir() else root.parent.parent / PROJECT_FOLDER


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _texts(folder: Path) -> Texts:
    if not folder.is_dir():
        return {}
    return {
        PurePosixPath(path.relative_to(folder).as_posix()): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _stack(folder: Path) -> Stack:
    data = _toml(folder / "stack.toml")
    defaults = dict(data.pop("defaults", {}))
    defaults["needs"] = tuple(sorted(defaults.get("needs", ())))
    defaults["env"] = tuple(variable(name, value) for name, value in sorted(defaults.get("env", {}).items()))
    dev = data.pop("dev", None)
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    return Stack(
        id=folder.name,
        defaults=Defaults(**defaults),
        dev=Dev(folder=dev["folder"], keep=tuple(dev.get("keep", ()))) if dev else None,
        **(data | lists),
    )


def variable(name: str, value: str | Mapping[str, Any]) -> Variable:
    """An entry of an `env` table: a string is the value, a table has `value`, `secret` and `description`."""
    return Variable(name=name, value=value) if isinstance(value, str) else Variable(name=name, **value)


def _pins(data: dict[str, Any]) -> Pins:
    actions = {name: Action(name=name, **action) for name, action in data["actions"].items()}
    return Pins(actions=actions, images=data["images"], tools=data["tools"], minimum=data["minimum"])
