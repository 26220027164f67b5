"""Generated workflows as data, for what act cannot show: each with the keys of bakegen.toml that reach it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import yaml

from bakegen import project_reader
from bakegen.model import Project
from bakegen.render import render
from tests.project_keys import with_keys
from tests.world import CACHE, CATALOG, TOML, World, scaffold

IMAGES = PurePosixPath(".github/workflows/images.yml")
TOKEN = re.compile(r"secrets\.(\w+)|github\.(token)")

# The cases by name: keys of bakegen.toml, but for `images`, `cache` and `preset`, which are answers.
CASES: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "registry cache": {"cache": "registry"},
    "no cache": {"cache": "none"},
    "Docker Hub": {"images": "acme/shop"},
    "Docker Hub, registry cache": {"images": "acme/shop", "cache": "registry"},
    "own registry, amd64": {"images": "registry.example.com:5000/shop", "project.platforms": ["linux/amd64"]},
    "arm64, registry cache": {"cache": "registry", "project.platforms": ["linux/arm64"]},
    "Google": {"images": "europe-docker.pkg.dev/acme/shops/shop", "cache": "registry"},
    "mirrors": {"project.mirrors": ["acme/shop", "1.dkr.ecr.eu-west-1.amazonaws.com/shop"]},
    "mirror on GitHub": {"images": "acme/shop", "project.mirrors": ["ghcr.io/acme/shop"]},
    "by service": {"pipeline.fan_out": "service"},
    "affected": {"pipeline.affected": True},
    "remote": {"pipeline.builder": "remote"},
    "remote by service": {"pipeline.builder": "remote", "pipeline.fan_out": "service"},
    "kubernetes": {"pipeline.builder": "kubernetes"},
    "latest by version": {"pipeline.latest": "version"},
    "pull requests": {"pipeline.pr_tags": True, "images": "acme/shop"},
    "report": {"pipeline.scan": "report", "pipeline.sbom": True, "pipeline.provenance": False},
    "gates": {"pipeline.scan": "high", "pipeline.attest": True},
    "signed": {"pipeline.sign": True, "images": "acme/shop"},
    "build secrets": {"preset": "api-web"},
    "checked": {"project.source": "git+https://github.com/acme/template@v1"},
    "deployed": {"project.hosts": [host.id for host in CATALOG.hosts.values() if host.deploys]},
    "everything": {
        "preset": "api-web",
        "project.hosts": list(CATALOG.hosts),
        "project.mirrors": ["acme/shop"],
        "project.source": "bakegen",
        "pipeline.fan_out": "service",
        "pipeline.affected": True,
        "pipeline.pr_tags": True,
        "pipeline.attest": True,
        "pipeline.sign": True,
        "pipeline.scan": "critical",
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflow:
    """A rendered images.yml."""

    project: Project
    text: str
    yaml: Mapping[Any, Any]

    @property
    def jobs(self) -> Mapping[str, Any]:
        jobs: Mapping[str, Any] = self.yaml["jobs"]
        return jobs

    @property
    def builds(self) -> dict[str, Any]:
        return {name: job for name, job in self.jobs.items() if name.startswith("build")}

    @property
    def deployments(self) -> dict[str, Any]:
        return {name: job for name, job in self.jobs.items() if name.startswith("deploy-")}

    @property
    def proofs(self) -> list[str]:
        return [name for name in ("scan", "attest") if name in self.jobs]

    @property
    def by_service(self) -> bool:
        return self.project.pipeline.fan_out == "service"

    def steps(self, action: str = "") -> list[tuple[str, Mapping[str, Any]]]:
        """The steps that use an action, each with the name of its job."""
        return [
            (name, step)
            for name, job in self.jobs.items()
            for step in job.get("steps", ())
            if step.get("uses", "").startswith(action)
        ]

    def tokens(self) -> Iterator[tuple[str, Mapping[str, Any], set[str]]]:
        """The steps that secrets or the run's token are given to, with the names of these."""
        for name, step in self.steps():
            found = {secret or token for secret, token in TOKEN.findall(json.dumps(step))}
            if found:
                yield name, step, found


@cache
def case(name: str) -> Workflow:
    """The workflow of a case."""
    return workflow(CASES[name])


def workflow(keys: Mapping[str, Any]) -> Workflow:
    """The workflow of a project with these answers and keys."""
    given = {"project_slug": "shop", "owner": "acme"} | {name: keys[name] for name in keys if "." not in name}
    text = World.new(scaffold(**given)).files[TOML].decode()
    written = with_keys(text, {name: value for name, value in keys.items() if "." in name})
    project = project_reader.load(written.encode(), CATALOG)
    rendered = render(project, CATALOG, CACHE)[IMAGES].text.decode()
    return Workflow(project=project, text=rendered, yaml=yaml.safe_load(rendered))
