"""The keys of bakegen.toml: type, rule and effect of each, as data.

The reader checks against these tables, and docs/bakegen-toml.md is generated from them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bakegen import pipeline, rules, running
from bakegen.stack import Language, Option, Stack

PORT = range(1, 65536)
COMMAND = re.compile(r"(?=.{1,1000}$)(?=.*\S)[^\x00-\x1f\x7f\ud800-\udfff]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One key. `kind` is a Python type of tomllib's; the rule is a pattern for strings (and list items) or a set of choices."""

    kind: type
    effect: str
    rule: re.Pattern[str] | tuple[str, ...] | range | None = None
    example: str = ""
    required: bool = False
    filled: bool = False  # a list that is there has an item


TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")
OWNER = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9])*")  # a GitHub user or organization
NAMED = re.compile(rf"(?=.*\S){TEXT.pattern}")

PROJECT = {
    "name": Key(
        kind=str, rule=NAMED, required=True, example="Shop", effect="title of README.md and of web applications"
    ),
    "slug": Key(
        kind=str, rule=rules.NAME, required=True, example="shop", effect="Compose project name, start of package names"
    ),
    "description": Key(kind=str, rule=TEXT, example="Sells things", effect="README.md"),
    "repository": Key(
        kind=str,
        rule=rules.REPOSITORY,
        required=True,
        example="https://github.com/acme/shop",
        effect="`org.opencontainers.image.source` label, README.md",
    ),
    "images": Key(
        kind=str,
        rule=rules.IMAGES,
        required=True,
        example="ghcr.io/acme/shop",
        effect="the image of a service is `<images>-<service>`",
    ),
    "platforms": Key(
        kind=list,
        rule=rules.PLATFORMS,
        example="linux/amd64",
        filled=True,
        effect="one build job each in .github/workflows/images.yml",
    ),
    "cache": Key(kind=str, rule=rules.CACHES, example="gha", effect="build cache of .github/workflows/images.yml"),
    "region": Key(
        kind=str,
        rule=running.REGIONS,
        example="us-east",
        effect="where the hosts run it that have regions; databases are there",
    ),
    "mirrors": Key(
        kind=list,
        rule=rules.IMAGES,
        example="docker.io/acme/shop",
        effect="further places, named as `images`, that CI copies every release to",
    ),
    "source": Key(
        kind=str,
        rule=TEXT,
        example="git+https://github.com/acme/template@v1",
        effect="where CI installs bakegen from, to run `bakegen check`; empty: it does not",
    ),
    "unmanaged": Key(
        kind=list, rule=rules.PATH, example=".gitattributes", effect="generated files that bakegen leaves to you"
    ),
    "adopted": Key(
        kind=list,
        rule=rules.PATH,
        example="docker-bake.hcl",
        effect="files that were there before bakegen: a change writes only itself into them",
    ),
}
PIPELINE = {
    "fan_out": Key(
        kind=str,
        rule=pipeline.FAN_OUTS,
        example="service",
        effect="a build job for each platform, or for each service and platform",
    ),
    "affected": Key(
        kind=bool, example="true", effect="branches and pull requests build only the services that they change"
    ),
    "builder": Key(
        kind=str,
        rule=pipeline.BUILDERS,
        example="remote",
        effect="where CI builds: on its runners, on BuildKit servers of yours, or on BuildKit pods in Kubernetes",
    ),
    "latest": Key(
        kind=str,
        rule=pipeline.LATEST,
        example="version",
        effect="the tag `latest` moves with the default branch, or with version tags",
    ),
    "pr_tags": Key(kind=bool, example="true", effect="pull requests of the repository itself publish the tag `pr-N`"),
    "provenance": Key(kind=bool, example="false", effect="pushed images say how they were built (`mode=max`)"),
    "sbom": Key(kind=bool, example="true", effect="pushed images say which packages are in them"),
    "attest": Key(kind=bool, example="true", effect="GitHub attests which run built each image"),
    "sign": Key(kind=bool, example="true", effect="cosign signs each image, without a key"),
    "scan": Key(
        kind=str,
        rule=pipeline.SCANS,
        example="high",
        effect="Trivy reports vulnerabilities; `high` and `critical` stop a release that has such",
    ),
}
SERVICE = {
    "stack": Key(kind=str, required=True, example="fastapi", effect="the kind of the service"),
    "path": Key(
        kind=str, rule=rules.PATH, required=True, example="services/api", effect="the folder of the service; unique"
    ),
    "port": Key(kind=int, rule=PORT, example="8000", effect="port in the container"),
    "publish": Key(
        kind=int,
        rule=PORT,
        example="8000",
        effect="port on a developer's machine (compose.yaml); `bakegen check` finds one that two services publish",
    ),
    "health": Key(
        kind=str,
        rule=rules.HEALTH,
        example="/health",
        effect="path that the image's health check asks for; needs `port`",
    ),
    "needs": Key(
        kind=list,
        rule=rules.NAME,
        example="postgres",
        effect="`postgres` (`DATABASE_URL`), `redis` (`REDIS_URL`) or a service (`<NAME>_URL`)",
    ),
    "budget": Key(
        kind=str,
        rule=rules.BUDGET,
        example="100MB",
        effect="what the image may weigh on each platform, compressed: CI tags none that is larger",
    ),
    "cpus": Key(kind=str, rule=running.CPUS, example="0.5", effect="cores that a container may use at most, else 1"),
    "memory": Key(
        kind=str, rule=running.MEMORY, example="512MiB", effect="memory that a container may use at most, else 512MiB"
    ),
    "replicas": Key(kind=int, rule=running.REPLICAS, example="2", effect="containers that run, else 1"),
    "max_replicas": Key(
        kind=int, rule=running.REPLICAS, example="6", effect="hosts that can, start up to that many under load"
    ),
    "regions": Key(
        kind=list, rule=running.REGIONS, example="us-east", effect="regions that it runs in beside the project's"
    ),
    "domains": Key(
        kind=list, rule=running.DOMAIN, example="api.example.com", effect="names that people reach it by; needs `port`"
    ),
    "public": Key(
        kind=bool, example="false", effect="`false`: only other services reach it; else people do, if it has a port"
    ),
    "pre_deploy": Key(
        kind=str,
        rule=COMMAND,
        example="node dist/migrate.js",
        effect="command that a new image runs once before it takes over; if it fails, nothing changes",
    ),
    "uses": Key(
        kind=list,
        rule=rules.NAME,
        example="shared",
        effect="packages of the pnpm workspace that it is built with",
    ),
    "context": Key(
        kind=str, rule=rules.PATH, example="backend", effect="build context of a Dockerfile of your own, else `path`"
    ),
    "dockerfile": Key(
        kind=str, rule=rules.PATH, example="docker/api.Dockerfile", effect="that Dockerfile, else `<path>/Dockerfile`"
    ),
    "target": Key(kind=str, rule=rules.STAGE, example="runtime", effect="its stage, else the last"),
    "build_secrets": Key(
        kind=list,
        rule=rules.VARIABLE,
        example="NPM_TOKEN",
        effect="environment variables that the install step gets as build secrets: never in a layer",
    ),
    "build_args": Key(kind=dict, effect="build arguments of the bake target, see below"),
    "processes": Key(kind=dict, effect="further commands that run in the same image, see below"),
    "env": Key(kind=dict, effect="environment variables, see below"),
}
BUILD = ("context", "dockerfile", "target")  # for services whose stack brings no Dockerfile
BUILD_ARGS = Key(kind=str, rule=TEXT, example="https://pypi.acme.com/simple", effect="value of the build argument")
PROCESS = Key(kind=str, rule=COMMAND, example="python -m app.worker", effect="command of the process; no shell runs it")
ENV = {
    "value": Key(kind=str, rule=TEXT, example="info", effect="value in compose.yaml, default in .env.example"),
    "secret": Key(kind=bool, example="true", effect="the value comes from the environment only"),
    "description": Key(kind=str, rule=TEXT, example="Stripe API key", effect="comment in .env.example"),
}

HINTS = {
    rules.VARIABLE: "upper-case letters, digits and _, but no TRUE, NO, ON and the like of YAML: LOG_LEVEL",
    rules.NAME: "at most 40 lower-case letters, digits and single hyphens, starting with a letter: web-shop",
    rules.IMAGES: "a lower-case image name without tag: ghcr.io/acme/shop",
    rules.PATH: "a relative path of letters, digits, '.', '_' and '-': services/api",
    rules.STAGE: "the name of a stage: runtime",
    rules.BUDGET: "a size in kB, MB or GB: 100MB",
    rules.HEALTH: "an absolute URL path: /health",
    rules.REPOSITORY: "the address of the repository's page: https://github.com/acme/shop",
    TEXT: "one line of text",
    COMMAND: "a command on one line: node dist/migrate.js",
    running.CPUS: "cores, as text: 0.5",
    running.MEMORY: "a size in MiB or GiB: 512MiB",
    running.DOMAIN: "a domain in lower case, without https://: api.example.com",
    NAMED: "one line of text, not empty",
    OWNER: "a GitHub user or organization: acme",
}


def versions(languages: Collection[Language]) -> dict[str, Key]:
    """The keys of `[versions]`."""
    found = {
        language.id: Key(
            kind=str,
            rule=language.versions,
            required=True,
            example=language.versions[0],
            effect=f"base images, {language.version_file}",
        )
        for language in languages
    }
    for language in languages:
        if language.pnpm is not None:
            rule = language.pnpm.versions
            found["pnpm"] = Key(kind=str, rule=rule, example=rule[0], effect="package manager of a pnpm workspace")
    return found


def project(hosts: Collection[str], features: Collection[str]) -> dict[str, Key]:
    """The keys of `[project]`, with the hosts and features that there are."""
    return PROJECT | {
        "hosts": Key(kind=list, rule=tuple(hosts), example="compose", effect="where the images run"),
        "features": Key(kind=list, rule=tuple(features), example="dependabot", effect="files that not everybody wants"),
    }


def options(stack: Stack) -> dict[str, Key]:
    """The keys that a stack adds to `[services.NAME]`."""
    return {name: _option(option) for name, option in stack.options.items()}


def _option(option: Option) -> Key:
    if isinstance(option.choices[0], bool):
        return Key(kind=bool, effect=option.description, example=str(option.choices[0]).lower())
    texts = tuple(str(choice) for choice in option.choices)
    return Key(kind=str, rule=texts, effect=option.description, example=texts[0])


def example(key: Key) -> str:
    """The example as it stands in the file."""
    quoted = f'"{key.example}"' if key.kind in {str, list} else key.example
    return f"[{quoted}]" if key.kind is list else quoted


def problem(key: Key, value: object) -> str:
    """The hint for a value that breaks the key's rule, or the empty string."""
    items = value if isinstance(value, list) else [value]
    if not items and key.filled and isinstance(key.rule, tuple):
        return f"at least one of: {', '.join(key.rule)}"
    for item in items:
        if isinstance(key.rule, re.Pattern):
            if not isinstance(item, str) or not key.rule.fullmatch(item):
                return HINTS[key.rule]
        elif isinstance(key.rule, range):
            if item not in key.rule:
                kind = "port" if key.rule is PORT else "number"
                return f"a {kind} from {key.rule.start} to {key.rule.stop - 1}"
        elif key.rule is not None and item not in key.rule:
            return f"one of: {', '.join(key.rule)}"
    return ""
