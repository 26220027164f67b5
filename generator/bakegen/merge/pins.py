"""Where both sides moved a pin (the commit of an action, the tag of an image): which is newer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# What stands before the version names the thing that is pinned; what stands behind it must be equal on all sides.
PATTERNS = (
    # uses: actions/checkout@<commit> # v7.0.1
    re.compile(rb"(?P<name>[\w.-]+/[\w./-]+)@(?P<digest>[0-9a-f]{40}) *# *v?(?P<version>\d[\w.]*)(?P<rest>\s*)$"),
    # the same by tag: actions/checkout@v7
    re.compile(rb"(?P<name>[\w.-]+/[\w./-]+)@v(?P<version>\d+(?:\.\d+)*)(?P<digest>)(?P<rest>\s*)$"),
    # version: v0.37.2
    re.compile(rb"^(?P<name>[\w.-]*(?:version|release)): +v(?P<version>\d+(?:\.\d+)+)(?P<digest>)(?P<rest>\s*)$"),
    # version: 0.4.112 # superfly/flyctl
    re.compile(rb"^(?P<name>version): +(?P<version>\d+\.\d+\.\d+)(?P<digest>)(?P<rest> +# [\w./-]+\s*)$"),
    # FROM python:3.13.1-slim@sha256:… AS base, image: redis:8.2, --mount=from=uv:0.13.8,source=/uv
    re.compile(
        rb"(?P<name>(?:[\w.-]+(?::\d+)?/)*[\w.-]+):v?(?P<version>\d+(?:\.\d+)*)(?P<suffix>[\w.-]*)"
        rb"(?:@(?P<digest>sha256:[0-9a-f]{64}))?(?P<rest>[\s\"',].*)?$",
        re.DOTALL,
    ),
    # ARG UV_VERSION=0.13.8
    re.compile(rb"(?P<name>ARG +\w+) *= *\"?v?(?P<version>\d+(?:\.\d+)+)\"?(?P<digest>)(?P<rest>\s*)$"),
    # npm install --global pnpm@12.18.0
    re.compile(rb"(?P<name>[\w./-]+)@(?P<version>\d+(?:\.\d+)+)(?P<digest>)(?P<rest>\s.*)?$", re.DOTALL),
    # "next": "^16.1.0" and fastapi==0.130.0
    re.compile(
        rb"(?P<name>\"?[\w@./-]+\"?) *(?:: *\"[\^~]?|[=~>]=)(?P<version>\d+(?:\.\d+)+)(?P<digest>)(?P<rest>\"?,?\s*)$"
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Newer:
    """The side whose pin is newer, and a sentence that says so."""

    side: Literal["ours", "theirs"]
    message: str


def newer(base: bytes, ours: bytes, theirs: bytes) -> Newer | None:
    """Which side's pin is newer, of three texts of one line (or value and comment) that differ only by the pin.

    None if that is not what they are, or if the versions cannot be compared or are equal.
    """
    for pattern in PATTERNS:
        found = [pattern.search(text.strip()) for text in (base, ours, theirs)]
        before, mine, new = found
        if before is None or mine is None or new is None:
            continue
        around = {
            (
                text.strip()[: match.start()],
                match["name"],
                match.groupdict().get("suffix"),
                (match["rest"] or b"").strip(),
            )
            for text, match in zip((base, ours, theirs), (before, mine, new), strict=True)
        }
        one, other = _numbers(mine["version"]), _numbers(new["version"])
        if len(around) != 1 or one is None or other is None or one == other:
            return None
        name = mine["name"].decode("utf-8", "replace").removeprefix("ARG ").strip('" ')
        versions = [match["version"].decode("utf-8", "replace") for match in (mine, new)]
        if one > other:
            return Newer(side="ours", message=f"kept your {name} {versions[0]}, which is newer than {versions[1]}")
        return Newer(side="theirs", message=f"{name} is {versions[1]} now, which is newer than your {versions[0]}")
    return None


def _numbers(version: bytes) -> tuple[int, ...] | None:
    parts = version.split(b".")
    if not all(part.isdigit() and len(part) < 10 for part in parts):  # noqa: PLR2004  (no version, but a date or hash)
        return None
    numbers = [int(part) for part in parts]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
