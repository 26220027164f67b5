"""Which versions of a language a project can have, and which of them are no longer looked after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from bakegen.clash import Clash
from bakegen.model import Project, Service
from bakegen.stack import Language


def clashes(project: Project, languages: Mapping[str, Language]) -> Iterator[Clash]:
    """What does not go together: a stack, a package manager or a flavour of base images that has no such version.

    The internal packages of a pnpm workspace are for its members alone.
    """
    for service in project.services:
        if service.uses and not service.member:
            message = f"services.{service.name}: only a member of the pnpm workspace uses its packages"
            key, hint = ("services", service.name, "uses"), 'take it out, or add: package_manager = "pnpm"'
            yield Clash(key=key, message=message, hint=hint)
        for says, name, language, has in _demands(service, languages):
            version = project.version(language)
            if has and version not in has:
                message = f"services.{service.name}: {name} does not go together with {language} {version}"
                hint = f"choose another {says}, or set {language} in [versions] to one of: {', '.join(has)}"
                yield Clash(key=("services", service.name, says), message=message, hint=hint)


def _demands(service: Service, languages: Mapping[str, Language]) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """The key that demands versions of a language, what it says, the language and the versions."""
    stack = service.stack
    spoken = languages[stack.language] if stack.language is not None else None
    if service.member and spoken is not None and spoken.pnpm is not None:
        yield "package_manager", "a pnpm workspace", spoken.id, spoken.pnpm.node
    for language, versions in stack.versions.items():
        yield "stack", stack.id, language, versions
    if spoken is not None:
        yield "distro", str(service.options.get("distro", "")), spoken.id, service.distro.versions


def notes(project: Project, languages: Mapping[str, Language], today: date) -> list[str]:
    """What to say of versions that are used and that nobody mends any more."""
    used = {language for service in project.services for language in (service.stack.language, *service.stack.versions)}
    found = []
    for name in sorted(language for language in used if language is not None):
        version = project.version(name)
        end = languages[name].end_of_life[version]
        if end < today:
            found.append(f"{name} {version} is past its end of life ({end}): no more security fixes")
    return found
