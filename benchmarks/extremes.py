"""The largest and the most crooked inputs that were tried, and how long a merge takes to answer them.

The answer may be a refusal; it may not be a traceback or a wait. `python -m benchmarks.extremes` prints the table.
"""

from __future__ import annotations

import time
from pathlib import PurePosixPath

from bakegen.merge import merge
from tools.story import table

MEGABYTES = 10
DEPTH = 5000
LINES = 100_000


def inputs() -> list[tuple[str, str, bytes, bytes]]:
    """What it is, the path, the text, and a line that theirs puts at its end."""
    size = MEGABYTES * 1_000_000
    found = []
    comment = b"# a line of a comment that goes on and on\n"
    for path, first, more in (
        ("docker-bake.hcl", b"a = 1\n", b"b = 1\n"),
        ("compose.yaml", b"a: 1\n", b"b: 1\n"),
        (".env.example", b"A=1\n", b"B=1\n"),
    ):
        text = first + b"\n" + comment * (size // len(comment)) + b"\n"
        found.append((f"{MEGABYTES} MB of comments", path, text, more))
    for path, start, more in (
        ("docker-bake.hcl", b"a = ", b"b = 1\n"),
        ("compose.yaml", b"a: ", b"b: 1\n"),
        ("fly.toml", b"a = ", b"b = 1\n"),
    ):
        found.append((f"{DEPTH:,} nested brackets", path, start + b"[" * DEPTH + b"]" * DEPTH + b"\n", more))
        found.append((f"{DEPTH:,} open brackets", path, start + b"[" * DEPTH + b"\n", more))
    lines = b"".join(b"line %d\n" % number for number in range(LINES))
    found.append((f"{LINES:,} lines of text", "notes.txt", lines, b"one more\n"))
    found.append((f"{LINES:,} equal lines", "notes.txt", b"again\n" * LINES, b"one more\n"))
    return found


def rows() -> list[tuple[str, ...]]:
    """The table: ours has a change in front where the format has comments, theirs one at the end."""
    found = [("input", "file", "MB", "answer", "seconds")]
    for what, path, text, more in inputs():
        ours = (b"ours\n" if path.endswith(".txt") else b"# ours\n") + text
        start = time.perf_counter()
        outcome = merge(PurePosixPath(path), text, ours, text + more)
        seconds = time.perf_counter() - start
        said = getattr(outcome, "message", "")
        answer = type(outcome).__name__.lower() + (f": {said}" if said else "")
        found.append((what, path, f"{len(text) / 1e6:.2f}", answer, f"{seconds:.3f}"))
    return found


if __name__ == "__main__":
    print(table(rows()))
