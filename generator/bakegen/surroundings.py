"""What a project chose around its services, and what does not go together there: registries, features, the pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from bakegen.clash import Clash
from bakegen.model import Project
from bakegen.registry import DOCKER

# https://docs.github.com/en/actions/reference/limits: "a job matrix can generate a maximum of 256 jobs per workflow run"
MATRIX = 256


def clashes(project: Project) -> Iterator[Clash]:
    """What does not go together."""
    yield from _mirrors(project)
    yield from _registries(project)
    yield from _features(project)
    yield from _matrices(project)


def _mirrors(project: Project) -> Iterator[Clash]:
    """A mirror that is where the images are anyway: Docker's own registry need not be named."""
    places = {project.images.removeprefix(f"{DOCKER}/")}
    for mirror in project.mirrors:
        place = mirror.removeprefix(f"{DOCKER}/")
        if place in places:
            message = f"the mirror {mirror} is no other place: the images go there already"
            yield Clash(key=("project", "mirrors"), message=message, hint="take it out")
        places.add(place)


def _registries(project: Project) -> Iterator[Clash]:
    """Two registries that would take the same settings, and are not of one account."""
    owners: dict[tuple[str, ...], str] = {}
    for registry in project.registries:
        other = owners.setdefault(registry.names, registry.domain)
        if other != registry.domain and not registry.account:
            message = f"{registry.domain} and {other} would be given the same settings: {', '.join(registry.names)}"
            yield Clash(key=("project", "mirrors"), message=message, hint="take one of them out")


def _features(project: Project) -> Iterator[Clash]:
    """A feature that does not work with the project's registry, or beside another one."""
    names = [feature.id for feature in project.features]
    for feature in project.features:
        if feature.registry not in (None, project.registry.domain):
            message = f"{feature.id} works with {feature.registry} only, and the images go to {project.registry.domain}"
            yield Clash(key=("project", "features"), message=message, hint="take it out")
        for other in feature.excludes:
            if other in names:
                message = f"{feature.id} and {other} do the same"
                yield Clash(key=("project", "features"), message=message, hint="take one of them out")


def _matrices(project: Project) -> Iterator[Clash]:
    """More jobs than GitHub starts for one matrix."""
    pipeline, services, platforms = project.pipeline, len(project.services), len(project.platforms)
    sizes = {
        "fan_out": services * platforms if pipeline.fan_out == "service" else 0,
        "scan": services * platforms if pipeline.scan != "off" else 0,
        "attest": services if pipeline.attest else 0,
        "sign": services if pipeline.sign else 0,
    }
    for key, size in sizes.items():
        if size > MATRIX:
            message = f"pipeline.{key} would be {size} jobs, and GitHub starts at most {MATRIX} of a kind"
            yield Clash(key=("pipeline", key), message=message, hint="take it out")
