"""Which steps of a build ran and which came from the cache, from `--progress=rawjson`."""

import base64
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from bakegen.measure.steps import statuses, vertexes
from tests.engine.shop import RELEASE, Shop

# "[api deps 3/5] RUN uv sync": what a target's build does. A base image is fetched, not made; `--link` adds a
# vertex for the layer on its own.
STEP = re.compile(r"\[(?P<target>\S+) (?P<stage>\S+) \d+/\d+\] (?P<text>(?!FROM |LINK ).+)", re.DOTALL)
INSTALL = re.compile(
    r"\b(uv sync|pip [^&]*install [^&]*--require-hashes|poetry install|npm (ci|install)|pnpm (fetch|install|[^&]*deploy))\b"
)
# What is copied where it is there, and is not there in the projects of these tests: two services that both copy nothing at
# one time are one step to BuildKit, which it now and then runs again instead of looking it up. What follows is cached.
NOTHING = re.compile(r"COPY --link \S+\[\w\] \./")
# A package manager that the base image lacks is a tool: no lock file of a service names it.
TOOL = re.compile(r"\b(poetry==|pnpm@)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """An instruction of a Dockerfile, in the build of one bake target; `origins` are digests of all it is made from."""

    digest: str
    origins: frozenset[str]
    target: str
    stage: str
    text: str
    cached: bool

    @property
    def installs(self) -> bool:
        """Whether it installs what a lock file names."""
        return self.text.startswith("RUN ") and bool(INSTALL.search(self.text)) and not TOOL.search(self.text)


def build(shop: Shop, *arguments: str) -> list[Step]:
    """Bake into the cache alone, and tell what each step of each target was."""
    return parse(progress(shop, *arguments))


def progress(shop: Shop, *arguments: str, **variables: str) -> str:
    """Bake into the cache alone; what BuildKit said of that, as rawjson."""
    command = ["docker", "buildx", "bake", "--progress=rawjson", "--set=*.output=type=cacheonly", *arguments]
    environment = shop.engine.environment | RELEASE | {"IMAGES": shop.images} | variables
    done = subprocess.run(command, cwd=shop.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, _said(done.stderr)
    return done.stderr


def parse(log: str) -> list[Step]:
    """The steps of a rawjson log, as `bakegen measure` reads it."""
    found = vertexes(log)
    inputs = {vertex.digest: vertex.inputs for vertex in found if vertex.inputs}
    return [
        Step(digest=vertex.digest, origins=_origins(vertex.digest, inputs), cached=vertex.cached, **match.groupdict())
        for vertex in found
        if (match := STEP.fullmatch(vertex.name))
    ]


def _said(log: str) -> str:
    """The output of the steps, and what is no JSON."""
    entries = [entry for status in statuses(log) for entry in status.get("logs") or ()]
    lines = [base64.b64decode(entry["data"]).decode() for entry in entries]
    return "".join(lines) + "\n".join(line for line in log.splitlines() if not line.startswith("{"))


def _origins(digest: str, inputs: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    ahead = list(inputs.get(digest, ()))
    while ahead:
        if (digest := ahead.pop()) not in found:
            found.add(digest)
            ahead += inputs.get(digest, ())
    return frozenset(found)


def ran(steps: list[Step]) -> list[str]:
    """What was not cached and made something, for a reader."""
    made = [step for step in steps if not step.cached and not NOTHING.fullmatch(step.text)]
    return [f"[{step.target} {step.stage}] {step.text}" for step in made]
