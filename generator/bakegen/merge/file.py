"""`merge`: one file three ways, by structure where its format is known, by lines where it is not."""

from __future__ import annotations

import importlib
from pathlib import PurePosixPath

from bakegen.merge.outcome import Favor, Markers, Merged, Outcome
from bakegen.merge.splice import newline_of
from bakegen.merge.tree import Format

# The module and constant of each format, by how a file's name ends or begins.
SUFFIXES = {
    ".hcl": ("hcl", "FORMAT"),
    ".json": ("json", "FORMAT"),
    ".toml": ("toml_tree", "FORMAT"),
    ".yaml": ("yaml", "FORMAT"),
    ".yml": ("yaml", "FORMAT"),
    ".dockerignore": ("lines", "LINES"),
    ".env": ("dotenv", "FORMAT"),
    ".gitattributes": ("lines", "LINES"),
    ".gitignore": ("lines", "LINES"),
}


def merge(
    path: PurePosixPath,
    base: bytes | None,
    ours: bytes,
    theirs: bytes,
    *,
    known: bool = True,
    favor: Favor | None = None,
    markers: Markers | None = None,
) -> Outcome:
    """Bring what theirs changed against base into ours, and change no other byte of ours.

    `path` decides the format by its name and is not opened. base is None where there was no file. `known` is false
    where base is a guess: then any difference that theirs does not explain is a conflict. `favor` decides conflicts
    for one side. New lines get the line ending of ours. Pure, and total: any bytes give an outcome.
    """
    base = base or b""
    settled = _settled(base, ours, theirs, known=known)
    if settled is not None:
        return settled
    if path.name == "pnpm-lock.yaml":
        from bakegen.merge.pnpm_lock import merge_pnpm_lock

        done = merge_pnpm_lock(base, ours, theirs, known=known, favor=favor, markers=markers)
        if done is not None:
            return done
    form = format_of(path)
    if form is None:
        from bakegen.merge.text import merge_text

        return merge_text(base, ours, theirs, known=known, favor=favor, markers=markers)
    from bakegen.merge.structure import merge_structure

    return merge_structure(form, base, ours, theirs, known=known, favor=favor, markers=markers)


def merge_lines(base: bytes, ours: bytes, theirs: bytes, *, known: bool = True, favor: Favor | None = None) -> Outcome:
    """The same for a list of lines, such as a region of a Markdown file."""
    settled = _settled(base, ours, theirs, known=known)
    if settled is not None:
        return settled
    from bakegen.merge.lines import MARKDOWN
    from bakegen.merge.structure import merge_structure

    return merge_structure(MARKDOWN, base, ours, theirs, known=known, favor=favor)


def _settled(base: bytes, ours: bytes, theirs: bytes, *, known: bool) -> Merged | None:
    """The merge where only one side changed, or both made the same change."""
    if ours in (theirs, _with_newlines_of(ours, theirs)) or (known and _same_lines(base, theirs)):
        return Merged(text=ours)
    uniform = ours.count(b"\r\n") in {0, ours.count(b"\n")}
    return Merged(text=_with_newlines_of(ours, theirs)) if uniform and _same_lines(base, ours) else None


def format_of(path: PurePosixPath) -> Format | None:
    """The format of a file of that name; None if it is merged by lines."""
    name = ".env" if path.name.startswith(".env") else path.name
    found = next((SUFFIXES[suffix] for suffix in SUFFIXES if name.endswith(suffix)), None)
    if found is None:
        return None
    module, constant = found
    form: Format = getattr(importlib.import_module(f"bakegen.merge.{module}"), constant)
    return form


def _with_newlines_of(ours: bytes, theirs: bytes) -> bytes:
    if newline_of(ours) == b"\n" or b"\r\n" in theirs:
        return theirs
    return theirs.replace(b"\n", b"\r\n")


def _same_lines(one: bytes, other: bytes) -> bool:
    return one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")
