"""pnpm-lock.yaml three ways: what each importer wants is merged, and the packages follow from that.

Merged entry by entry, a lock could name a package that one side had dropped while the other began to need it. So only
what stands before the packages is merged by structure; `packages` and `snapshots` are then what the merged importers
reach, taken from ours where it has it and from theirs where it has not. pnpm writes lock files and pnpm sorts them, so
they are read as regular text; a file that is not as pnpm writes it is merged like any other YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from bakegen.merge.outcome import Conflicted, Favor, Markers, Merged, Outcome
from bakegen.merge.splice import newline_of

LAYOUT = re.compile(
    r"(?P<head>.*^importers:\n)(?P<importers>.*?)(?:^packages:\n(?P<packages>.*)^snapshots:\n(?P<snapshots>.*))?",
    re.DOTALL | re.MULTILINE,
)
BLOCK = re.compile(r"\n  (?P<key>'(?:[^']|'')+'|[^\s'].*?):(?: .*)?\n(?:    .*\n)*")
ENTRY = re.compile(r"^ {6}(?P<name>'[^']+'|[^\s':]+): (?P<reference>.+)$", re.MULTILINE)
WANT = re.compile(r"^ {6}(?P<name>.+):\n {8}specifier: (?P<specifier>.+)\n {8}version: (?P<version>.+)\n", re.MULTILINE)
GROUP = re.compile(r"^ {4}(?P<group>\w+):\n(?P<entries>(?: {6}.*\n)*)", re.MULTILINE)
DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies")

Blocks = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PnpmLock:
    """A lock file in parts: the text up to `importers:`, then blocks by their unquoted key, each after a blank line."""

    head: str
    importers: Blocks
    packages: Blocks
    snapshots: Blocks


@lru_cache(maxsize=4)
def read(text: str) -> PnpmLock | None:
    """The parts of a lock file; None if it is not as pnpm writes it."""
    found = LAYOUT.fullmatch(text)
    if found is None:
        return None
    parts = [_blocks(found[name] or "") for name in ("importers", "packages", "snapshots")]
    importers, packages, snapshots = parts
    if importers is None or packages is None or snapshots is None:
        return None
    return PnpmLock(head=found["head"], importers=importers, packages=packages, snapshots=snapshots)


def write(lock: PnpmLock) -> str:
    """The text of a lock file, sorted as pnpm sorts it."""
    sections = [lock.head + _sorted(lock.importers)]
    if lock.snapshots:
        sections += ["packages:\n" + _sorted(lock.packages), "snapshots:\n" + _sorted(lock.snapshots)]
    return "\n".join(sections)


def closed(head: str, importers: Blocks, sides: Iterable[PnpmLock]) -> PnpmLock:
    """The lock of these importers with all that they reach, each package from the first side that has it."""
    known: dict[str, tuple[str, PnpmLock]] = {}
    for side in reversed(list(sides)):
        known |= {key: (block, side) for key, block in side.snapshots.items()}
    waiting = [key for block in importers.values() for key in _wanted(block)]
    packages: dict[str, str] = {}
    snapshots: dict[str, str] = {}
    while waiting:
        key = waiting.pop()
        if key in snapshots or key not in known:
            continue
        snapshots[key], side = known[key]
        package = key.partition("(")[0]
        packages[package] = side.packages[package]
        waiting += _reached(snapshots[key])
    return PnpmLock(head=head, importers=importers, packages=packages, snapshots=snapshots)


def merge_pnpm_lock(
    base: bytes, ours: bytes, theirs: bytes, *, known: bool, favor: Favor | None, markers: Markers | None
) -> Outcome | None:
    """The merge of three lock files; None if one of them is not as pnpm writes it."""
    from bakegen.merge.structure import merge_structure
    from bakegen.merge.yaml import FORMAT

    before, mine, new = (read(text.decode("utf-8", "replace").replace("\r\n", "\n")) for text in (base, ours, theirs))
    if mine is None or new is None or (base and before is None):
        return None
    heads = [b"" if side is None else (side.head + _sorted(side.importers)).encode() for side in (before, mine, new)]
    done = merge_structure(FORMAT, *heads, known=known, favor=favor, markers=markers)
    if isinstance(done, Conflicted):
        rest = replace(mine, head="", importers={})
        return replace(done, marked=_like(ours, done.marked.decode() + write(rest)))
    if not isinstance(done, Merged):
        return done
    merged = read(done.text.decode())
    if merged is None:
        return None
    return replace(done, text=_like(ours, write(closed(merged.head, merged.importers, (mine, new)))))


def unquoted(text: str) -> str:
    """The value of a YAML scalar as pnpm writes it: plain, or in single quotes."""
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _blocks(section: str) -> dict[str, str] | None:
    blocks = {unquoted(match["key"]): match[0] for match in BLOCK.finditer(section)}
    whole = "".join(blocks.values())
    return blocks if section in {whole, f"{whole}\n"} else None


def _sorted(blocks: Blocks) -> str:
    return "".join(block for _, block in sorted(blocks.items()))


def _wanted(importer: str) -> Iterator[str]:
    """The keys of the packages that an importer names."""
    for want in WANT.finditer(importer):
        yield from _key(unquoted(want["name"]), unquoted(want["version"]))


def _reached(snapshot: str) -> Iterator[str]:
    """The keys of the packages that a package depends on."""
    for group in GROUP.finditer(snapshot):
        if group["group"] in DEPENDENCIES:
            for entry in ENTRY.finditer(group["entries"]):
                yield from _key(unquoted(entry["name"]), unquoted(entry["reference"]))


def _key(name: str, reference: str) -> list[str]:
    """The key of what `name: reference` means: none for a folder, another package's for an alias.

    https://github.com/pnpm/pnpm/blob/main/deps/path/src/index.ts, `refToRelative`
    """
    if reference.startswith("link:"):
        return []
    at, *others = (reference.find(mark) for mark in "@:(")
    alias = reference.startswith("@") or (at > 0 and all(other == -1 or at < other for other in others))
    return [reference if alias else f"{name}@{reference}"]


def _like(ours: bytes, text: str) -> bytes:
    return text.encode().replace(b"\n", newline_of(ours))
