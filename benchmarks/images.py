"""Images and builds: our Dockerfiles beside others, for the same applications on the same base images.

The applications are those that stacks seed, measured as `bakegen measure` does it. The other Dockerfiles are in
dockerfiles/: what people write by hand (naive), what the framework's own documentation says (docs) and a careful one
with a single stage (slim). Each is built from the service's folder as a fresh clone has it, so that what they copy is
the application alone, and their base images get the tags of ours.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bakegen import catalog, measure, project_document, project_reader
from bakegen.measure.builder import Figures, TimedBuild
from bakegen.model import Service
from benchmarks.engine import engine

DOCKERFILES = Path(__file__).parent / "dockerfiles"
BAKEGEN = (sys.executable, "-m", "bakegen")
KINDS = ("bakegen", "slim", "docs", "naive")
IMAGE = re.compile(
    r"(?P<word>^FROM (?:--platform=\S+ )?|\bfrom=)(?P<image>(?P<name>[^\s:,]+)(?::[^\s,]+)?)", re.MULTILINE
)
NO_STEP = re.compile(r"\] (FROM|LINK COPY) ")
INSTALLS = re.compile(r"\b(npm (ci|install)|pip install|uv sync)\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """An application and the folder of the other Dockerfiles for it."""

    name: str
    preset: str
    service: str
    options: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The Dockerfiles that there are for it, ours first."""
        return tuple(kind for kind in KINDS if kind == KINDS[0] or self.dockerfile(kind).exists())

    def dockerfile(self, kind: str) -> Path:
        """Another Dockerfile than ours."""
        return DOCKERFILES / self.name / f"{kind}.Dockerfile"


# Without the image optimizer: our Dockerfile adds it apart, for the target's platform, and other Dockerfiles cannot.
OPTIONS = {"nextjs": ("--option=image_optimizer=false",)}
STACKS = tuple(
    Case(name=name, preset="empty", service=name, options=OPTIONS.get(name, ()))
    for name in (
        *(
            "bundle",
            "fastapi",
            "flask",
            "mcp",
            "nestjs",
            "nextjs",
            "node-worker",
            "python-worker",
            "static",
            "sveltekit",
        ),
    )
)
PRESET = (
    Case(name="flask-dev", preset="flask-sveltekit", service="backend"),
    Case(name="sveltekit-preview", preset="flask-sveltekit", service="frontend"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """What was measured of one Dockerfile: bytes, seconds, and the steps that one changed line runs again.

    `load` is the machine's load average before that: above its number of cores, others were at work too.
    """

    case: str
    kind: str
    above: int
    total: int
    cold: float
    line: float
    steps: int
    installs: bool
    load: float

    def better(self, other: Point) -> Point:
        """The same with the shorter times of the two, and the load of the shorter cold build."""
        load = self.load if self.cold < other.cold else other.load
        return replace(self, cold=min(self.cold, other.cold), line=min(self.line, other.line), load=load)


Points = dict[tuple[str, str], Point]


def turns(count: int, scratch: Path) -> Iterator[Points]:
    """Measure everything so often; after each turn the best so far."""
    with engine():
        folders = {preset: _scaffold(scratch, preset) for preset in ("empty", "flask-sveltekit")}
        best: Points = {}
        for _ in range(count):
            for case in (*STACKS, *PRESET):
                for kind in case.kinds:
                    point = _point(case, kind, folders[case.preset])
                    print(point, flush=True)
                    best[case.name, kind] = point.better(best.get((case.name, kind), point))
            yield dict(best)


def _scaffold(scratch: Path, preset: str) -> Path:
    """A project of a preset; of the empty one with a service for each stack."""
    name = f"bench-{preset}"
    commands: list[tuple[Path | str, ...]] = [(scratch, "new", name, f"--preset={preset}", "--set=git_init=false")]
    if preset == "empty":
        commands += [
            (scratch / name, "add-service", case.service, f"--stack={case.name}", *case.options) for case in STACKS
        ]
    for folder, *arguments in commands:
        subprocess.run([*BAKEGEN, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return scratch / name


def _point(case: Case, kind: str, project: Path) -> Point:
    service = project_reader.load((project / project_document.FILE).read_bytes(), catalog.load()).service(case.service)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=project.parent) as name:
        folder = Path(name)
        if kind == KINDS[0]:
            measure.copy(project, folder)
        else:
            _other(case.dockerfile(kind).read_text(encoding="utf-8"), service, project, folder)
        figures = measure.measure(folder, service, ())
    return _read(case, kind, figures, load)


def _other(dockerfile: str, service: Service, project: Path, folder: Path) -> None:
    """The service's folder alone, with another Dockerfile, and nothing that says what to leave out."""
    place = folder / service.path
    shutil.copytree(project / service.path, place)
    ours = (place / "Dockerfile").read_text(encoding="utf-8")
    (place / "Dockerfile").write_text(other_dockerfile(dockerfile, ours), encoding="utf-8")
    (place / "Dockerfile.dockerignore").unlink()
    if (place / "uv.lock").exists():
        export = (
            Path(sys.executable).parent / "uv",
            "export",
            "--quiet",
            "--frozen",
            "--no-dev",
            "--no-emit-project",
            "--output-file=requirements.txt",
        )
        subprocess.run(export, cwd=place, check=True, stdout=subprocess.DEVNULL)
    bake = f'target "{service.name}" {{\n  context = "{service.path}"\n}}\n'
    (folder / "docker-bake.hcl").write_text(bake, encoding="utf-8")


def other_dockerfile(text: str, ours: str) -> str:
    """Another Dockerfile with the images of ours, which names one of each kind; other names are those of stages."""
    tags = {found["name"]: found["image"] for found in IMAGE.finditer(ours) if ":" in found["image"]}
    return IMAGE.sub(lambda found: found["word"] + tags.get(found["name"], found["image"]), text)


def _read(case: Case, kind: str, figures: Figures, load: float) -> Point:
    (image,) = figures.images
    if figures.line is None:
        raise ValueError(f"{case.name}: no line of its source can be changed")
    again = ran(figures.line)
    return Point(
        case=case.name,
        kind=kind,
        above=image.above,
        total=image.total,
        cold=round(figures.cold.seconds, 2),
        line=round(figures.line.seconds, 2),
        steps=len(again),
        installs=any(INSTALLS.search(step) for step in again),
        load=round(load, 1),
    )


def ran(build: TimedBuild) -> list[str]:
    """The steps that were not taken from the cache. Finding the base image is none; `--link` gives its step a second entry."""
    return [step.name for step in build.steps if not step.cached and not NO_STEP.search(step.name)]
