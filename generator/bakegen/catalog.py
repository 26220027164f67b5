"""What bakegen ships: languages, stacks, hosts, features, presets, pins and template texts, found once and read once.

In a checkout the project's templates are in `<<cookiecutter.project_slug>>/`, and what they include in `templates/`;
in a wheel, where the first name would not survive Windows, in `bakegen/_template/`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from bakegen.errors import UserError, meant
from bakegen.extras import Feature, Host
from bakegen.pins import Action, Pins
from bakegen.stack import BaseImages, Defaults, Dev, Distro, Environment, Language, Option, Pnpm, Stack, Variable

VERSION = "0.1.0"
PROJECT_FOLDER = "<<cookiecutter.project_slug>>"
TEMPLATES = "templates"

Texts = Mapping[PurePosixPath, bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """Services to begin with: the keys of bakegen.toml that each is given, in order; and the hosts that they run on."""

    description: str
    services: Sequence[Mapping[str, Any]]
    hosts: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The data files of one version of bakegen. `project` and the values of `files` map relative paths to bytes.

    The keys of `files` are a stack's id for what it always brings and `<id>/<conditions>` for a variant of it, and of a
    pnpm workspace `/workspace` for its root and `/packages/<name>` for an internal package; `/hosts/<id>` and
    `/features/<id>` for those, and `/hosts` for what all hosts share that CI deploys to. `parts` are what templates
    import and include.
    """

    languages: Mapping[str, Language]
    stacks: Mapping[str, Stack]
    hosts: Mapping[str, Host]
    features: Mapping[str, Feature]
    presets: Mapping[str, Preset]
    pins: Pins
    project: Texts
    parts: Texts
    files: Mapping[str, Texts]

    def stack(self, name: str) -> Stack:
        """The stack of that id; UserError, with the one that may have been meant, if there is none."""
        if name not in self.stacks:
            hint = meant(name, self.stacks, f"known stacks: {', '.join(self.stacks)}")
            raise UserError(f"unknown stack: {name}", hint=hint)
        return self.stacks[name]

    def host(self, name: str) -> Host:
        """The host of that id; UserError, with the one that may have been meant, if there is none."""
        if name not in self.hosts:
            hint = meant(name, self.hosts, f"known hosts: {', '.join(self.hosts)}")
            raise UserError(f"unknown host: {name}", hint=hint)
        return self.hosts[name]

    @property
    def pnpm(self) -> Pnpm:
        """The package manager of workspaces; LookupError if no language has it."""
        found = (language.pnpm for language in self.languages.values())
        return next(pnpm for pnpm in found if pnpm is not None)

    @property
    def packages(self) -> tuple[str, ...]:
        """The internal packages of a pnpm workspace, sorted."""
        return tuple(sorted(key.removeprefix("/packages/") for key in self.files if key.startswith("/packages/")))

    @cached_property
    def version(self) -> str:
        """The version with a digest of all template data, so that two data sets never pass for one."""
        digest = hashlib.sha256()
        folders = {"": self.project, "/": self.parts, **self.files}
        for folder, texts in sorted(folders.items()):
            for path, text in sorted(texts.items()):
                digest.update(f"{folder}\0{path}\0{len(text)}\0".encode() + text)
        digest.update(repr((self.languages, self.stacks, self.hosts, self.features, self.pins)).encode())
        return f"{VERSION}+{digest.hexdigest()[:12]}"


def load(root: Path | None = None) -> Catalog:
    """Read the data beside this module, or the data of another copy of the package at `root`."""
    root = root or Path(__file__).parent
    spoken = [folder for folder in sorted((root / "languages").iterdir()) if (folder / "language.toml").is_file()]
    languages = {folder.name: _language(folder) for folder in spoken}
    folders = [folder for folder in sorted((root / "stacks").iterdir()) if (folder / "stack.toml").is_file()]
    return Catalog(
        languages=languages,
        stacks={folder.name: _stack(folder, languages) for folder in folders},
        hosts={name: _host(folder) for name, folder in _ids(root, "host")},
        features={name: _feature(name, **_toml(folder / "feature.toml")) for name, folder in _ids(root, "feature")},
        presets={name: Preset(**preset) for name, preset in _toml(root / "presets.toml").items()},
        pins=_pins(_toml(root / "pins.toml")),
        project=_texts(project_folder(root)),
        parts={
            PurePosixPath(kind, path): text
            for kind in ("languages", "hosts")
            for path, text in _texts(root / kind).items()
            if path.suffix == ".jinja"
        }
        | dict(_texts(_shipped(root, "templates", TEMPLATES))),
        files={folder.name: _texts(folder / "files") for folder in folders}
        | {f"{variant.parents[1].name}/{variant.name}": _texts(variant) for variant in _variants(folders)}
        | _workspace(root)
        | {f"/hosts/{name}": _texts(folder / "files") for name, folder in _ids(root, "host")}
        | {"/hosts": _texts(root / "hosts" / "files")}
        | {f"/features/{name}": _texts(folder / "files") for name, folder in _ids(root, "feature")},
    )


def project_folder(root: Path) -> Path:
    """The folder with the templates that every project has."""
    return _shipped(root, "project", PROJECT_FOLDER)


def _shipped(root: Path, packed: str, checkout: str) -> Path:
    """A folder that is at the top of a checkout, and in a wheel beside this module."""
    folder = root / "_template" / packed
    return folder if folder.is_dir() else root.parent.parent / checkout


def _ids(root: Path, kind: str) -> list[tuple[str, Path]]:
    """The folders of `hosts` or `features`, by id."""
    return [(file.parent.name, file.parent) for file in sorted((root / f"{kind}s").glob(f"*/{kind}.toml"))]


def _variants(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if (folder / "variants").is_dir():
            yield from (variant for variant in sorted((folder / "variants").iterdir()) if variant.is_dir())


def _workspace(root: Path) -> dict[str, Texts]:
    """What a pnpm workspace has at its root, and its internal packages."""
    packages = sorted(folder for folder in (root / "packages").glob("*") if (folder / "package.json").is_file())
    return {"/workspace": _texts(root / "languages" / "node" / "pnpm")} | {
        f"/packages/{folder.name}": _texts(folder) for folder in packages
    }


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


def _language(folder: Path) -> Language:
    data = _toml(folder / "language.toml")
    distros = {name: _distro(**values) for name, values in data["distros"].items()}
    pnpm = data.get("pnpm")
    return Language(
        id=folder.name,
        versions=tuple(data["versions"]),
        version_file=data["version_file"],
        distros=distros,
        end_of_life=data["end_of_life"],
        environment=Environment(**{key: tuple(each) for key, each in data["environment"].items()}),
        pnpm=Pnpm(versions=tuple(pnpm["versions"]), node=tuple(pnpm["node"])) if pnpm else None,
    )


def _distro(*, versions: Sequence[str] = (), **images: str) -> Distro:
    return Distro(base=BaseImages(**images), versions=tuple(versions))


def _stack(folder: Path, languages: Mapping[str, Language]) -> Stack:
    data = _toml(folder / "stack.toml")
    options = {
        name: Option(choices=tuple(option["choices"]), description=option["description"])
        for name, option in data.pop("options", {}).items()
    }
    defaults = dict(data.pop("defaults", {}))
    defaults["needs"] = tuple(sorted(defaults.get("needs", ())))
    defaults["env"] = tuple(variable(name, value) for name, value in sorted(defaults.get("env", {}).items()))
    dev = data.pop("dev", None)
    versions = {name: tuple(each) for name, each in data.pop("versions", {}).items()}
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    return Stack(
        id=folder.name,
        versions=versions,
        options=options,
        distros=languages[data["language"]].distros if "language" in data else {},
        defaults=Defaults(**defaults),
        dev=Dev(folder=dev["folder"], keep=tuple(dev.get("keep", ()))) if dev else None,
        **(data | lists),
    )


def _host(folder: Path) -> Host:
    data = _toml(folder / "host.toml")
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    script = folder / "files" / "deploy" / f"{folder.name}.sh"
    beside = tuple(str(path) for path in _texts(folder / "files" / "{path}"))
    return Host(id=folder.name, deploys=script.is_file(), beside=beside, **(data | lists))


def _feature(name: str, *, excludes: Sequence[str] = (), **data: str) -> Feature:
    return Feature(id=name, excludes=tuple(excludes), **data)


def variable(name: str, value: str | Mapping[str, Any]) -> Variable:
    """An entry of an `env` table: a string is the value, a table has `value`, `secret` and `description`."""
    return Variable(name=name, value=value) if isinstance(value, str) else Variable(name=name, **value)


def _pins(data: dict[str, Any]) -> Pins:
    actions = {name: Action(name=name, **action) for name, action in data["actions"].items()}
    return Pins(actions=actions, images=data["images"], tools=data["tools"], minimum=data["minimum"])
