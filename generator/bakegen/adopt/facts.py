"""What the readers of an existing repository's files find: builds, bake targets, Compose services.

Paths are relative to the repository's root. What only Docker can tell (a function's result, a variable without a
default) is never guessed: then there is a reason instead of a build.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bakegen.stack import Variable

REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://|git@|github\.com/|target:|-$", re.IGNORECASE)
TOO_LARGE = 10_000_000  # bytes; no bake file, Compose file or Dockerfile is


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """What is given to the builder: two builds that are equal are the same image."""

    context: PurePosixPath
    dockerfile: PurePosixPath
    target: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A bake target that makes an image. Without a `build` there is a `reason`."""

    name: str
    file: PurePosixPath
    build: Build | None = None
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """The address that a health check asks for; no port where the text does not say it literally."""

    path: str
    port: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A service of a Compose file. `build` and `reason` are both empty for one that only runs an image."""

    name: str
    file: PurePosixPath
    build: Build | None = None
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    image: str | None = None
    port: int | None = None
    publish: int | None = None
    health: Health | None = None
    env: tuple[Variable, ...] = ()
    depends: tuple[str, ...] = ()
    backing: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Omitted:
    """Something that looks like a service and does not become one."""

    name: str
    where: str
    reason: str


def build_of(context: str, dockerfile: str, target: str | None) -> Build | str:
    """The build that a bake target or a Compose service describes, or why it is none of this repository's.

    `dockerfile` is relative to the context, or to the root behind `cwd://`.
    """
    if context.startswith("cwd://"):
        context = context.removeprefix("cwd://") or "."
    if REMOTE.match(context):
        return f"its build context is not a folder: {context}"
    place = _inside(context)
    if place is None:
        return f"its build context is not in the repository: {context}"
    rest = dockerfile.removeprefix("cwd://")
    file = _inside(rest if rest != dockerfile else posixpath.join(context, dockerfile))
    if file is None:
        return f"its Dockerfile is not in the repository: {dockerfile}"
    return Build(context=place, dockerfile=file, target=target or None)


def repository(image: str) -> str:
    """An image's name without tag and digest."""
    name, _, _ = image.partition("@")
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def _inside(text: str) -> PurePosixPath | None:
    place = posixpath.normpath(text or ".")
    if posixpath.isabs(place) or place == ".." or place.startswith("../") or "\0" in place:
        return None
    return PurePosixPath(place)
