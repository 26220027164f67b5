"""The generated parts of docs/pipeline.md: the jobs of images.yml as a picture and a table, registries, and options.

The workflow is that of a project which has every job, read as YAML: what it says here is what it says on GitHub.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape

import yaml

from bakegen import answers, catalog, registry, render
from bakegen.pipeline import Pipeline
from tools.markdown import table

DIAGRAM = "pipeline.svg"
CHOSEN = "only if chosen"
EFFECTS = {
    "prepare": "asks bake for the images and their platforms; decides what to build, to test and to publish",
    "lint": "`docker buildx bake --check` on every Dockerfile; `bakegen check` where `source` is set",
    "test": "`docker buildx bake` on the tests of all services",
    "build-amd64": "builds all images for its platform, starts each until it is healthy, pushes them by digest",
    "build-arm64": "the same, on a machine of its own kind",
    "merge": "asks the registry for each digest and its platform, checks budgets, makes each index under `sha-<commit>`, "
    "in mirrors too, writes `release.json`",
    "scan": "looks for vulnerabilities, one job for each image and platform; may stop the release",
    "attest": "attests and signs each index, one job for each image",
    "release": "moves the other tags, fills the summary, and the release page of a version",
    "deploy-staging": "deploys a release of the default branch by digest",
    "deploy-production": "deploys a version; waits for its reviewers",
    "images": "fails if a job before it did: the check that branch protection requires",
}
REGISTRIES = (
    ("ghcr.io", "ghcr.io/acme/shop"),
    ("Docker Hub", "docker.io/acme/shop"),
    ("Amazon ECR (`NUMBER.dkr.ecr.REGION.amazonaws.com`)", "1.dkr.ecr.eu-west-1.amazonaws.com/shop"),
    ("Google (`REGION-docker.pkg.dev`, `gcr.io`)", "europe-docker.pkg.dev/acme/shop"),
    ("any other", "registry.example.com/shop"),
)
WIDTH, HEIGHT, GAP, ROW = 132, 40, 40, 62
LEFT, TOP = 20, 64
FILLS = {True: "#ddf4ff", False: "#f6f8fa"}


@cache
def jobs() -> Mapping[str, Mapping[str, Any]]:
    """The jobs of the workflow of a project that has them all, by name."""
    data = catalog.load()
    project = answers.project(answers.complete({"project_name": "Shop", "owner": "acme"}, data), data)
    host = next(host for host in data.hosts.values() if host.deploys)
    project = replace(project, pipeline=replace(Pipeline(), scan="high", attest=True, sign=True), hosts=(host,))
    (text,) = [file.text for path, file in render.render(project, data).items() if path.name == "images.yml"]
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)["jobs"]
    return found


@cache
def usual() -> frozenset[str]:
    """The jobs that every project has."""
    data = catalog.load()
    project = answers.project(answers.complete({"project_name": "Shop", "owner": "acme"}, data), data)
    (text,) = [file.text for path, file in render.render(project, data).items() if path.name == "images.yml"]
    return frozenset(yaml.safe_load(text)["jobs"])


def needs(name: str) -> tuple[str, ...]:
    """The jobs that a job waits for."""
    given = jobs()[name].get("needs", ())
    return (given,) if isinstance(given, str) else tuple(given)


def before(name: str) -> frozenset[str]:
    """All jobs that are done when a job begins."""
    return frozenset(needs(name)).union(*(before(need) for need in needs(name)))


def edges() -> list[tuple[str, str]]:
    """Who waits for whom, without what follows from the others."""
    return [
        (need, name)
        for name in jobs()
        for need in needs(name)
        if not any(need in before(other) for other in needs(name))
    ]


def levels() -> list[list[str]]:
    """The jobs in columns: each is right of all that it waits for."""
    found: dict[str, int] = {}
    for name in sorted(jobs(), key=lambda name: len(before(name))):
        found[name] = max((found[need] + 1 for need in needs(name)), default=0)
    return [[name for name in jobs() if found[name] == level] for level in range(max(found.values()) + 1)]


def table_of_jobs() -> str:
    """What each job does, and what it may do."""
    rows = [("job", "what it does", "its token may", "minutes at most")]
    for name, job in jobs().items():
        chosen = "" if name in usual() else f", {CHOSEN}"
        permissions = ", ".join(f"{what}: {how}" for what, how in (job["permissions"] or {}).items())
        minutes = str(job.get("timeout-minutes", "as deploy.yml has it"))
        rows.append((f"`{name}`{chosen}", EFFECTS[name], permissions or "nothing", minutes))
    return table(rows)


def table_of_registries() -> str:
    """The variables and secrets that publishing takes, by registry."""
    rows = [("registry in `images` or `mirrors`", "variable", "secrets")]
    for title, images in REGISTRIES:
        found = registry.registry_of(images)
        variables, secrets = (", ".join(f"`{name}`" for name in names) for names in (found.variables, found.secrets))
        rows.append((title, variables, secrets or "none: the workflow's own token"))
    return table(rows)


def diagram() -> str:
    """An SVG of the jobs from left to right; blue may write to the registry, dashes are there only if chosen."""
    columns = levels()
    tallest = max(len(column) for column in columns)
    width = 2 * LEFT + len(columns) * (WIDTH + GAP) - GAP
    height = TOP + tallest * ROW + 8
    places = {
        name: (LEFT + level * (WIDTH + GAP), TOP + (row + (tallest - len(column)) / 2) * ROW)
        for level, column in enumerate(columns)
        for row, name in enumerate(column)
    }
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" font-family="sans-serif" font-size="13">',
        "<title>The jobs of images.yml, from left to right</title>",
        f'<rect width="{width}" height="{height:.0f}" rx="8" fill="#fff"/>',
        *_legend(),
    ]
    parts += [_edge(places[one], places[other]) for one, other in edges()]
    parts += [_box(name, *place) for name, place in places.items()]
    return "\n".join([*parts, "</svg>", ""])


def _writes(name: str) -> bool:
    return (jobs()[name]["permissions"] or {}).get("packages") == "write"


def _box(name: str, x: float, y: float) -> str:
    dashes = "" if name in usual() else ' stroke-dasharray="5 3"'
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{FILLS[_writes(name)]}" '
        f'stroke="#57606a"{dashes}/>'
        f'<text x="{x + WIDTH / 2:.0f}" y="{y + HEIGHT / 2 + 5:.0f}" text-anchor="middle">{escape(name)}</text>'
    )


def _edge(one: tuple[float, float], other: tuple[float, float]) -> str:
    """A line from the right side of a box to the left side of another, level past the columns between them."""
    x, y = one[0] + WIDTH, one[1] + HEIGHT / 2
    end, target = other[0], other[1] + HEIGHT / 2
    turn = end - GAP
    return (
        f'<path d="M{x:.0f} {y:.0f}H{turn:.0f}C{turn + GAP / 2:.0f} {y:.0f} {end - GAP / 2:.0f} {target:.0f} '
        f'{end - 2:.0f} {target:.0f}" fill="none" stroke="#8c959f" stroke-width="1.5"/>'
        f'<path d="M{end - 7:.0f} {target - 4:.0f}L{end:.0f} {target:.0f}L{end - 7:.0f} {target + 4:.0f}Z" fill="#8c959f"/>'
    )


def _legend() -> Iterable[str]:
    entries = ((FILLS[True], "", "may write to the registry"), (FILLS[False], "", "may not"), ("#fff", "5 3", CHOSEN))
    starts = [LEFT]
    for _, _, text in entries:
        starts.append(starts[-1] + 52 + 7 * len(text))
    for (start, _), (fill, dashes, text) in zip(pairwise(starts), entries, strict=True):
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        yield f'<rect x="{start}" y="18" width="22" height="14" rx="3" fill="{fill}" stroke="#57606a"{dashed}/>'
        yield f'<text x="{start + 28}" y="30">{text}</text>'
