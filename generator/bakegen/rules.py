"""What a single value of bakegen.toml may be: names, paths, addresses, sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

PLATFORMS = ("linux/amd64", "linux/arm64")
CACHES = ("gha", "registry", "none")
Kind = Literal["value", "secret", "postgres", "redis", "service"]
# The databases and queues that a service can need, and the variable that each gives it.
ADDRESSES: Mapping[str, tuple[Kind, str]] = {"postgres": ("postgres", "DATABASE_URL"), "redis": ("redis", "REDIS_URL")}
BACKING = tuple(ADDRESSES)

NAME = re.compile(r"(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
PATH = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
# Not what YAML 1.1 takes for a truth or for nothing: kustomize does so with keys of a ConfigMap.
# https://yaml.org/type/bool.html, https://yaml.org/type/null.html
VARIABLE = re.compile(r"(?!(?:FALSE|NO?|NULL|OFF|ON|TRUE|Y|YES)$)[A-Z][A-Z0-9_]*")
IMAGES = re.compile(
    r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*"
)  # https://github.com/distribution/reference, without tag and digest
STAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
BUDGET = re.compile(r"([1-9][0-9]{0,5}(?:\.[0-9])?)(kB|MB|GB)")
UNITS = {"kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
HEALTH = re.compile(r"/[A-Za-z0-9._~/%-]*")
REPOSITORY = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._~/-]+")

# Names that generated files use for something else, and words that YAML 1.1 does not read as text.
YAML_WORDS = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})
RESERVED = (
    frozenset({"buildcache", "database", "default", "kustomization", "namespace", "test", "workspace", *BACKING})
    | YAML_WORDS
)

# What docker-bake.hcl and the workflow read from the environment, where build secrets are too.
BUILD_VARIABLES = frozenset(
    {"CACHE", "CACHE_SCOPE", "CACHE_WRITE", "IMAGES", "PATH", "PLATFORMS", "PROVENANCE", "PUSH", "PUSH_BY_DIGEST"}
    | {"REVISION", "SBOM", "SOURCE", "SOURCE_DATE_EPOCH", "TAGS", "VERSION"}
)
