"""Which versions of a language a project can have, and which of them are no longer looked after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bakegen.model import Language, Project


@dataclass(frozen=True, kw_only=True, slots=True)
class Clash:
    """A key of a service that does not go together with the project's version of its language."""

    service: str
    key: str
    message: str
    hint: str


def clashes(project: Project) -> Iterator[Clash]:
    """What does not go together: a stack, or a flavour of base images, that has no such version."""
    for service in project.services:
        language = service.stack.language
        if language is None:
            continue
        version = project.version(language)
        distro = service.options.get("distro", "")
        for key, name, has in (
            ("stack", service.stack.id, service.stack.versions),
            ("distro", distro, service.distro.versions),
        ):
            if has and version not in has:
                message = f"services.{service.name}: {name} does not go together with {language} {version}"
                hint = f"choose another {key}, or set {language} in [versions] to one of: {', '.join(has)}"
                yield Clash(service=service.name, key=key, message=message, hint=hint)


def notes(project: Project, languages: Mapping[str, Language], today: date) -> list[str]:
    """What to say of versions that are used and that nobody mends any more."""
    used = sorted({service.stack.language for service in project.services if service.stack.language})
    found = []
    for name in used:
        version = project.version(name)
        end = languages[name].end_of_life[version]
        if end < today:
            found.append(f"{name} {version} is past its end of life ({end}): no more security fixes")
    return found
