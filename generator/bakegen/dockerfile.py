"""A Dockerfile's instructions: continued lines joined, comments and the bodies of heredocs left out.

As BuildKit reads it, but nothing here is an error: what is no instruction is left out. A heredoc that never ends is
none, for such a file could not have been built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)", re.DOTALL)
HEREDOC = re.compile(r"(?:^|(?<=\s))[0-9]*<<(-?)([\"']?)([A-Za-z_][A-Za-z0-9_.]*)\2")
ESCAPE = re.compile(r"(?:#\s*[a-z]+\s*=.*\n)*?#\s*escape\s*=\s*`", re.IGNORECASE)
BIND = re.compile(r"--mount=(\S*type=bind\S*)")
SOURCE = re.compile(r"(?:^|,)(?:source|src)=([^,]+)")
WITH_HEREDOCS = frozenset({"RUN", "COPY", "ADD"})
STARTS = frozenset({"CMD", "ENTRYPOINT", "HEALTHCHECK"})
TEXT = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")
ASSIGNMENT = re.compile(r"(?:^|(?<=\s))([A-Za-z_]\w*)(=?)")
USE = re.compile(r"(?<!\\)\$(?:([A-Z][A-Z0-9_]*)|\{([A-Z][A-Z0-9_]*)(?!:?[-+])[^}]*\})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Variables:
    """The variables of a Dockerfile: those of ARG and ENV, those of them that have a value, and where others are used.

    A variable that is used without a fallback has the line of its first use: `built` in any instruction, `run` by the
    shell that starts what runs in the image.
    """

    declared: frozenset[str]
    valued: frozenset[str]
    built: Mapping[str, int]
    run: Mapping[str, int]


def instructions(text: bytes) -> Iterator[tuple[str, str]]:
    """Each instruction's keyword in capitals and the rest of it."""
    return ((keyword, words) for _, keyword, words in numbered(text))


def numbered(text: bytes) -> Iterator[tuple[int, str, str]]:
    """The same, each with the line that it begins on."""
    decoded = text.decode("utf-8-sig", "replace")
    lines = decoded.replace("\r\n", "\n").split("\n")
    last = {line.lstrip("\t"): number for number, line in enumerate(lines)}
    escape = "`" if ESCAPE.match(decoded) else "\\"
    parts: list[str] = []
    at = first = 0
    while at < len(lines):
        bare = lines[at].strip()
        at += 1
        if bare.startswith("#") or (parts and not bare):
            continue
        first = first if parts else at
        parts.append(bare.removesuffix(escape))
        if bare.endswith(escape) and at < len(lines):
            continue
        match = INSTRUCTION.match(" ".join(parts))
        parts = []
        if match is None:
            continue
        keyword, rest = match[1].upper(), match[2]
        if keyword in WITH_HEREDOCS:
            for heredoc in HEREDOC.finditer(rest):
                if last.get(heredoc[3], -1) >= at:
                    at = _end(lines, at, heredoc[3], tabs=bool(heredoc[1]))
        yield first, keyword, rest


def final(text: bytes) -> list[tuple[str, str]]:
    """The instructions that the last stage's image has: its own, after those of the stages that it is FROM."""
    stages: list[list[tuple[str, str]]] = []
    named: dict[str, list[tuple[str, str]]] = {}
    for keyword, words in instructions(text):
        if keyword == "FROM":
            source, *alias = [word.lower() for word in words.split() if not word.startswith("--")] or [""]
            stages.append(list(named.get(source, ())))
            if len(alias) > 1:
                named[alias[1]] = stages[-1]
        elif stages:
            stages[-1].append((keyword, words))
    return stages[-1] if stages else []


def bound(text: bytes) -> list[str]:
    """The paths in the build context that its steps copy or mount, but for patterns, variables and addresses."""
    found: list[str] = []
    for keyword, words in instructions(text):
        if keyword in {"COPY", "ADD"}:
            flags = re.match(r"(?:--\S+\s+)*", words)
            rest = words[flags.end() if flags else 0 :]
            found += rest.split()[:-1] if "--from=" not in words and rest[:1] != "[" else []
        elif keyword == "RUN":
            mounts = [match[1] for match in BIND.finditer(words) if "from=" not in match[1]]
            found += [match[1] for mount in mounts for match in SOURCE.finditer(mount)]
    return [path for path in found if re.fullmatch(r"[\w./@+-]+", path)]


def variables(text: bytes) -> Variables:
    """The variables that are declared and used, the stages taken together."""
    declared: set[str] = set()
    valued: set[str] = set()
    built: dict[str, int] = {}
    run: dict[str, int] = {}
    for line, keyword, words in numbered(text):
        if keyword in {"ARG", "ENV"}:
            names = ASSIGNMENT.findall(TEXT.sub('""', words))
            if keyword == "ENV" and names and not names[0][1]:  # ENV NAME VALUE
                names = [(names[0][0], "=")]
            declared |= {name for name, _ in names}
            valued |= {name for name, equals in names if equals}
        command = words.partition("CMD")[2] if keyword == "HEALTHCHECK" else words
        if keyword in STARTS and command.lstrip().startswith("["):
            continue  # no shell
        for use in USE.finditer(words):
            for found in (built, *([run] if keyword in STARTS else [])):
                found.setdefault(use[1] or use[2], line)
    return Variables(declared=frozenset(declared), valued=frozenset(valued), built=built, run=run)


def _end(lines: Sequence[str], at: int, marker: str, *, tabs: bool) -> int:
    """The line behind a heredoc's last, where it began before this one; this one if it has no end."""
    for number in range(at, len(lines)):
        if (lines[number].lstrip("\t") if tabs else lines[number]) == marker:
            return number + 1
    return at
