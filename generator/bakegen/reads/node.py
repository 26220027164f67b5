"""What JavaScript and TypeScript read: `process.env`, `import.meta.env`, `$env/*` of SvelteKit, and schemas of zod."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bakegen.reads import masking
from bakegen.reads.read import Kind, Read

MARKS = ("process.env", "import.meta.env", "$env/", "ProcessEnv")
NAME = r"(?P<name>[A-Z][A-Z0-9_]*)\b"
OBJECT = r"(?<![\w$.])(?P<object>process\s*\.\s*env|import\s*\.\s*meta\s*\.\s*env)"
MEMBER = re.compile(rf"{OBJECT}\s*(?:\??\.\s*{NAME}|(?:\?\.)?\[\s*\"(?P<quoted>[A-Z][A-Z0-9_]*)\"\s*\])")
DYNAMIC = re.compile(rf"(?<![\w$.])env\s*\.\s*{NAME}")
NAMES = re.compile(
    r"\{(?P<names>[^{}]*)\}\s*(?:=\s*(?:process\s*\.\s*env|(?P<meta>import\s*\.\s*meta\s*\.\s*env)|environment)\b(?!\s*[.\[?])"
    r"|from\s*\"(?P<static>\$env/static/))"
)
LISTED = re.compile(rf"\s*{NAME}[^=]*(?P<default>=)?")
# An entry of a schema, and what makes of one that the value may be missing.
SCHEMA = re.compile(rf"(?<![\w$.]){NAME}\s*:\s*z\s*\.")
OPTIONAL = re.compile(
    r"\b(?:any|catch|default|nullable|nullish|optional|prefault|preprocess|undefined|unknown"
    r"|coerce\s*\.\s*(?:boolean|string))\b"
)
# A name, the rest of what reads it, and another value; or an assignment.
FALLBACK = re.compile(
    rf"\b{NAME}\"?\s*\]?(?:\s*(?:!(?!=)|\)|,\s*[0-9]+\s*\)|\bas\b[^;\n)]*\)))*\s*(?:\|\||\?\?|=(?![=>]))"
)


def reads(text: str) -> set[Read]:
    """The variables that a file reads."""
    if not any(mark in text for mark in MARKS):
        return set()
    source = masking.masked(text)
    found = set(_reads(source))
    safe = {match["name"] for match in FALLBACK.finditer(source)}
    return found | {Read(name=read.name, line=read.line, kind="fallback") for read in found if read.name in safe}


def _reads(source: str) -> Iterator[Read]:
    for match in MEMBER.finditer(source):
        yield Read(name=match["name"] or match["quoted"], line=_line(source, match), built=match["object"][:1] == "i")
    for match in NAMES.finditer(source):
        static = bool(match["static"])
        for item in match["names"].split(","):
            if listed := LISTED.match(item):
                kind: Kind = "needed" if static else "fallback" if listed["default"] else "plain"
                yield Read(
                    name=listed["name"], line=_line(source, match), kind=kind, built=static or bool(match["meta"])
                )
    if "$env/dynamic/" in source:
        for match in DYNAMIC.finditer(source):
            yield Read(name=match["name"], line=_line(source, match))
    if "process.env" in source or "ProcessEnv" in source:
        for match in SCHEMA.finditer(source):
            rest = source[match.end() : masking.end(source, match.end())]
            yield Read(
                name=match["name"],
                line=_line(source, match),
                kind="fallback" if OPTIONAL.search(rest) else "needed",
            )


def _line(source: str, match: re.Match[str]) -> int:
    return source.count("\n", 0, match.start()) + 1
