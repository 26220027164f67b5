"""Which environment variables source code reads, and whether it can do without: a reader for each language, by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bakegen.reads import node, python
from bakegen.reads.read import Read

__all__ = ["READERS", "Read", "reads"]

READERS: Mapping[str, Callable[[str], set[Read]]] = {"node": node.reads, "python": python.reads}


def reads(text: str, language: str) -> set[Read]:
    """The variables that a file reads. A fallback for one is a fallback for all reads of it in the file."""
    found = READERS[language](text)
    safe = {read.name for read in found if read.kind == "fallback"}
    return {replace(read, kind="fallback") if read.name in safe else read for read in found}
