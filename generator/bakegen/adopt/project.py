"""A survey and a few answers -> the Project of an adopted repository.

Every service is of the stack `dockerfile`: its Dockerfile is the user's, and bakegen writes nothing into its folder.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from bakegen import keys
from bakegen.adopt.survey import Found, Survey
from bakegen.catalog import Catalog
from bakegen.errors import UserError
from bakegen.model import Project
from bakegen.project_reader import from_answers
from bakegen.rules import CACHES, IMAGES, PLATFORMS, REPOSITORY
from bakegen.slug import slug

STACK = "dockerfile"
KEYS = {
    "project_name": keys.PROJECT["name"],
    "project_slug": keys.PROJECT["slug"],
    "description": keys.PROJECT["description"],
    "repository": keys.PROJECT["repository"],
    "images": keys.PROJECT["images"],
    "cache": keys.PROJECT["cache"],
}
REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://)?(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*)(?::[0-9]+(?=/))?[:/](?P<path>\S+?)/?"
)


def answers(survey: Survey, given: Mapping[str, str], folder: str, remote: str, catalog: Catalog) -> dict[str, str]:
    """Every answer: what was given, else what the repository says, else a default.

    `folder` is the name of the repository's folder, `remote` the address of its git remote (empty: none).
    Raises UserError for an unknown or impossible answer, and for one that nobody can tell.
    """
    versions = keys.versions(catalog.languages.values())
    known_keys = KEYS | {f"{name}_version": key for name, key in versions.items()}
    for name, value in given.items():
        if name not in known_keys:
            raise UserError(f"unknown answer: {name}", hint=f"known: {', '.join(known_keys)}")
        if hint := keys.problem(known_keys[name], value):
            raise UserError(f"{name} = {value!r} is not possible", hint=hint)
    full = {"project_name": folder, "description": ""} | dict(given)
    full.setdefault("project_slug", slug(full["project_name"]))
    known = (given.get("repository", ""), page(remote), survey.source or "")
    address = next((text for text in known if REPOSITORY.fullmatch(text)), "")
    full.setdefault("images", images(survey.services, full["project_slug"], address))
    full.setdefault("repository", address or _page_of_images(full["images"]))
    full.setdefault("cache", CACHES[0])
    for name, key in versions.items():
        full.setdefault(f"{name}_version", key.example)
    for name, key in known_keys.items():
        if keys.problem(key, full[name]):
            hint = f"say it: bakegen adopt --set {name}={key.example}"
            raise UserError(f"the {name} of the project cannot be told from what is here", hint=hint)
    return full


def project(survey: Survey, full: Mapping[str, str], adopted: Iterable[PurePosixPath], catalog: Catalog) -> Project:
    """The project that these answers and services describe."""
    tables: dict[str, Any] = {
        "project": {
            "name": full["project_name"],
            "slug": full["project_slug"],
            "description": full["description"],
            "repository": full["repository"],
            "images": full["images"],
            "platforms": list(survey.platforms or PLATFORMS),
            "cache": full["cache"],
            "adopted": [str(path) for path in adopted],
            **({"region": survey.region} if survey.region else {}),
        },
        "versions": {name: full[f"{name}_version"] for name in keys.versions(catalog.languages.values())},
    }
    return from_answers(tables, {found.name: _service(found) for found in survey.services}, catalog)


def images(services: Iterable[Found], name: str, address: str) -> str:
    """The start of all image names: what most images share, else the registry's folder that most are in.

    Without any image it is GitHub's registry for a repository on GitHub, else what Compose calls an image that it
    builds: the project's name, a hyphen and the service's.
    """
    starts: Counter[str] = Counter()
    folders: Counter[str] = Counter()
    for service in services:
        for image in dict.fromkeys(service.images):
            folder, slash, _ = image.rpartition("/")
            folders[folder] += bool(slash)
            start = re.sub(rf"(?<=.)-{re.escape(service.name)}$", "", image)
            starts[start] += start != image
    for counted, end in ((starts, ""), (folders, f"/{name}")):
        for start, count in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
            if count and IMAGES.fullmatch(start + end):
                return start + end
    owner = re.fullmatch(r"https?://github\.com/([^/]+)/[^/]+", address)
    return f"ghcr.io/{owner[1]}/{name}".lower() if owner else name


def page(remote: str) -> str:
    """The web page of a git remote, without login and `.git`: empty if it is none (a folder)."""
    match = REMOTE.fullmatch(remote.strip())
    if match is None or "." not in match["host"]:
        return ""
    return f"https://{match['host']}/{match['path'].removesuffix('.git')}"


def _page_of_images(start: str) -> str:
    """`ghcr.io/acme/shop` belongs to a repository on GitHub."""
    parts = start.split("/")
    return f"https://github.com/{parts[1]}/{parts[2]}" if parts[0] == "ghcr.io" and len(parts) > 2 else ""  # noqa: PLR2004


def _service(found: Found) -> dict[str, Any]:
    values: dict[str, Any] = {
        "stack": STACK,
        "path": str(found.place.path),
        "context": found.place.context and str(found.place.context),
        "dockerfile": found.place.dockerfile and str(found.place.dockerfile),
        "target": found.build.target,
        "port": found.port,
        "publish": found.publish,
        "health": found.health,
        "needs": list(found.needs) or None,
        "replicas": found.replicas if found.replicas != 1 else None,
        "regions": list(found.regions) or None,
        "pre_deploy": found.pre_deploy,
        "processes": dict(found.processes) or None,
        "env": {item.name: {"secret": True} if item.secret else item.value for item in found.env} or None,
    }
    return {key: value for key, value in values.items() if value is not None}
