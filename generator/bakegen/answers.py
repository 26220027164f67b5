"""The answers to a scaffold's questions -> Project, for cookiecutter and for `bakegen new`.

Both hand over texts by the same names and get the same errors, so they refuse the same values in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from bakegen import keys, versions
from bakegen.catalog import Catalog, Preset, variable
from bakegen.errors import UserError
from bakegen.extras import Host
from bakegen.model import Project, Versions
from bakegen.rules import CACHES, PLATFORMS
from bakegen.running import KEYS, run_of
from bakegen.service import Request, add
from bakegen.slug import slug

FALLBACKS = {"project_name": "My Project", "description": "", "owner": "acme", "preset": "api-web", "hosts": ""}
NAMES = (
    "project_name",
    "project_slug",
    "description",
    "owner",
    "images",
    "preset",
    "hosts",
    "cache",
    "python_version",
    "node_version",
    "pnpm_version",
    "git_init",
)


def texts(cookiecutter: Mapping[str, object]) -> dict[str, str]:
    """Cookiecutter's answers, which may be booleans and come with others, as the texts that `--set` would give."""
    values = {name: cookiecutter[name] for name in NAMES if name in cookiecutter}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def complete(answers: Mapping[str, str], catalog: Catalog) -> dict[str, str]:
    """The answers with a default for each that is missing.

    Raises UserError for a name that is no question.
    """
    for name in answers:
        if name not in NAMES:
            raise UserError(f"unknown answer: {name}", hint=f"known: {', '.join(NAMES)}")
    full = FALLBACKS | dict(answers)
    full.setdefault("project_slug", slug(full["project_name"]))
    full.setdefault("images", f"ghcr.io/{full['owner']}/{full['project_slug']}".lower())
    full.setdefault("cache", CACHES[0])
    for name, key in keys.versions(catalog.languages.values()).items():
        full.setdefault(f"{name}_version", key.example)
    full.setdefault("git_init", "true")
    return {name: full[name] for name in NAMES}


def project(answers: Mapping[str, str], catalog: Catalog) -> Project:
    """The Project that a complete set of answers describes: its preset's services added one by one.

    Raises UserError naming the first answer that is not possible.
    """
    name = next((name for name, value in answers.items() if "<<" in value), None)
    if name is not None:
        raise UserError(f"{name} = {answers[name]!r} is not possible", hint="an answer cannot contain <<")
    _check("project_name", answers, keys.PROJECT["name"])
    _check("project_slug", answers, keys.PROJECT["slug"])
    _check("description", answers, keys.PROJECT["description"])
    _check("owner", answers, keys.Key(kind=str, rule=keys.OWNER, effect=""))
    _check("images", answers, keys.PROJECT["images"])
    _check("preset", answers, keys.Key(kind=str, rule=tuple(catalog.presets), effect=""))
    _check("cache", answers, keys.PROJECT["cache"])
    for version, key in keys.versions(catalog.languages.values()).items():
        _check(f"{version}_version", answers, key)
    _check("git_init", answers, keys.Key(kind=str, rule=("true", "false"), effect=""))
    scaffold = Project(
        name=answers["project_name"],
        slug=answers["project_slug"],
        description=answers["description"],
        repository=f"https://github.com/{answers['owner']}/{answers['project_slug']}",
        images=answers["images"],
        platforms=PLATFORMS,
        cache=answers["cache"],
        versions=Versions(node=answers["node_version"], python=answers["python_version"], pnpm=answers["pnpm_version"]),
        hosts=_hosts(answers["hosts"], catalog.presets[answers["preset"]], catalog),
    )
    for entry in catalog.presets[answers["preset"]].services:
        scaffold = scaffold.with_service(add(scaffold, catalog, request(entry, scaffold.slug)))
    for clash in versions.clashes(scaffold, catalog.languages):
        raise UserError(clash.message, hint=clash.hint)
    return scaffold


def _hosts(answer: str, preset: Preset, catalog: Catalog) -> tuple[Host, ...]:
    """The hosts of an answer such as `compose, fly`; those of the preset if it is empty, none if it is `none`."""
    given = [] if answer.strip() == "none" else [name.strip() for name in answer.split(",") if name.strip()]
    names = given if given or answer.strip() == "none" else preset.hosts
    return tuple(catalog.host(name) for name in sorted(set(names)))


def request(entry: Mapping[str, Any], project_slug: str) -> Request:
    """What a preset asks for, an entry of its `services` in presets.toml; the slug takes the place of `{slug}`."""
    fields: dict[str, Any] = {
        key: value.replace("{slug}", project_slug) if isinstance(value, str) else value for key, value in entry.items()
    }
    if "path" in fields:
        fields["path"] = PurePosixPath(fields["path"])
    for key in ("needs", "uses"):
        fields[key] = tuple(fields.get(key, ()))
    options = fields.get("options", {})
    fields["options"] = tuple(f"{name}={str(value).lower()}" for name, value in options.items())
    fields["env"] = tuple(variable(name, value) for name, value in fields.get("env", {}).items())
    fields["run"] = run_of({key: fields.pop(key) for key in KEYS if key in fields}, {})
    return Request(**fields)


def _check(name: str, answers: Mapping[str, str], key: keys.Key) -> None:
    hint = keys.problem(key, answers[name])
    if hint:
        raise UserError(f"{name} = {answers[name]!r} is not possible", hint=hint)
