"""False, wrong and hidden results of three-way merges, of `git merge-file` and of bakegen, on the same random files.

Files are YAML and HCL in several styles, of which both sides change parts. Where the changes have nothing to do with
each other, a conflict is false, and a result that does not read as both changes is wrong. Where they contradict (one
value changed by both, one key added by both, an item that one side edits and the other removes), a merge without a
conflict hides it. Results are read with PyYAML and python-hcl2. Ends with 1 if bakegen is wrong or hides one.
"""

import argparse
import copy
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from random import Random
from typing import Any

from bakegen.merge import Merged, merge
from bakegen.merge.file import format_of
from tools.story import table

KEYS = ("image", "restart", "user", "init", "command", "hostname", "platform", "entrypoint")
LISTS = ("ports", "volumes", "networks", "profiles")


@dataclass
class Item:
    """A key with a value or a list, and the comment lines above it."""

    value: str | list[str]
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change, in numbers that mean the same on every side."""

    kind: str
    name: str
    key: str
    text: str
    at: int
    item: Item


Services = dict[str, dict[str, Item]]
Place = tuple[str, str]


def draw(random: Random) -> Services:
    """Some services with some keys."""
    services: Services = {}
    for name in random.sample(("api", "web", "worker", "db", "cache", "proxy", "mail"), random.randint(2, 5)):
        keys = random.sample(KEYS, random.randint(1, 4)) + random.sample(LISTS, random.randint(0, 2))
        services[name] = {key: item(random, key) for key in keys}
    return services


def item(random: Random, key: str) -> Item:
    """A new item, with a comment now and then."""
    number = random.randint(1, 99)
    value: str | list[str] = [f"{key}-{n}" for n in range(random.randint(1, 4))] if key in LISTS else f"{key}-{number}"
    return Item(value, [f"why {number}"] * (random.random() < 0.2))  # noqa: PLR2004  (one in five)


def change(random: Random, services: Services, taken: set[Place]) -> Change | None:
    """One change at a place that nobody has touched; None if none was found."""
    name = random.choice(sorted(services))
    keys = services[name]
    key = random.choice(sorted(keys))
    value = keys[key].value
    text, at = f"new-{random.randint(100, 999)}", random.randint(0, 4)
    kind = random.choice(("value", "key", "remove", "list", "service", "comment"))
    if kind == "key":
        key = random.choice((*KEYS, *LISTS))
    if kind == "service":
        name, key = f"svc{random.randint(100, 999)}", "image"
    possible = {
        "value": isinstance(value, str),
        "key": key not in keys,
        "remove": len(keys) > 1,
        "list": isinstance(value, list),
    }
    if (name, key) in taken or not possible.get(kind, True):
        return None
    taken.add((name, key))
    return Change(kind=kind, name=name, key=key, text=text, at=at, item=item(random, key))


def make(services: Services, wanted: Change) -> None:
    """Make the change."""
    keys = services.get(wanted.name, {})
    match wanted.kind:
        case "value":
            keys[wanted.key].value = wanted.text
        case "key":
            insert(keys, wanted.at, wanted.key, wanted.item)
        case "remove":
            del keys[wanted.key]
        case "list":
            listed = keys[wanted.key].value
            if isinstance(listed, list):
                listed.insert(wanted.at, wanted.text)
        case "service":
            insert(services, wanted.at, wanted.name, {wanted.key: wanted.item})
        case _:
            keys[wanted.key].comments = [wanted.text]


def insert(mapping: dict[str, Any], at: int, key: str, value: Any) -> None:
    """A new entry, anywhere."""
    entries = list(mapping.items())
    entries.insert(at, (key, value))
    mapping.clear()
    mapping.update(entries)


def contradict(random: Random, ours: Services, theirs: Services) -> None:
    """Two changes that cannot both be made."""
    name = random.choice(sorted(ours.keys() & theirs.keys()))
    key = random.choice(sorted(ours[name].keys() & theirs[name].keys()) or [""])
    match random.choice(("value", "added", "removed")):
        case "value" if key and isinstance(ours[name][key].value, str):
            ours[name][key].value, theirs[name][key].value = "mine", "theirs"
        case "removed" if key and isinstance(ours[name][key].value, str):
            ours[name][key].value = "mine"
            del theirs[name]
        case _:
            insert(ours[name], random.randint(0, 4), "added", Item("mine"))
            insert(theirs[name], random.randint(0, 4), "added", Item("theirs"))


def yaml(services: Services, step: int, *, quotes: bool, apart: bool) -> bytes:
    """The services as a Compose file."""
    lines = ["services:"]
    for name, keys in services.items():
        lines += [""] * apart + [f"{' ' * step}{name}:"]
        for key, each in keys.items():
            indent = " " * step * 2
            lines += [f"{indent}# {comment}" for comment in each.comments]
            if isinstance(each.value, str):
                lines.append(f"{indent}{key}: {quoted(each.value, quotes)}")
            else:
                lines += [f"{indent}{key}:", *(f"{indent}  - {quoted(entry, quotes)}" for entry in each.value)]
    return "\n".join([*lines, ""]).encode()


def hcl(services: Services, step: int, *, quotes: bool, apart: bool) -> bytes:
    """The services as targets of a bake file; `quotes` breaks lists into lines."""
    lines: list[str] = []
    for name, keys in services.items():
        lines += [""] * apart + [f'target "{name}" {{']
        for key, each in keys.items():
            indent = " " * step
            lines += [f"{indent}# {comment}" for comment in each.comments]
            if isinstance(each.value, str):
                lines.append(f'{indent}{key} = "{each.value}"')
            elif quotes:
                lines += [f"{indent}{key} = [", *(f'{indent * 2}"{entry}",' for entry in each.value), f"{indent}]"]
            else:
                entries = ", ".join(f'"{entry}"' for entry in each.value)
                lines.append(f"{indent}{key} = [{entries}]")
        lines.append("}")
    return "\n".join([*lines, ""]).encode()


def quoted(text: str, quotes: bool) -> str:  # noqa: FBT001
    """A scalar, with or without quotes."""
    return f'"{text}"' if quotes else text


def git_merge(folder: Path, base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """What `git merge-file` makes of it; None for a conflict."""
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_bytes(text)
    command = ["git", "merge-file", "-p", "--quiet", "ours", "base", "theirs"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def reads_as(path: PurePosixPath, text: bytes | None, expected: bytes) -> bool:
    """Whether two files mean the same to an independent reader."""
    form = format_of(path)
    if form is None or text is None:
        return False
    try:
        return form.read(text) == form.read(expected)
    except ValueError:
        return False


def one(random: Random, folder: Path, counts: Counter[tuple[str, str, str]]) -> None:
    """One file: a merge of changes that have nothing to do with each other, and one of changes that contradict."""
    path, write = random.choice(((PurePosixPath("compose.yaml"), yaml), (PurePosixPath("docker-bake.hcl"), hcl)))
    style: dict[str, Any] = {
        "step": random.choice((2, 4)),
        "quotes": random.choice((True, False)),
        "apart": random.choice((True, False)),
    }
    base = draw(random)
    taken: set[Place] = set()
    sides = []
    both = copy.deepcopy(base)
    for _ in range(2):
        side = copy.deepcopy(base)
        for _ in range(random.randint(1, 3)):
            wanted = change(random, side, taken)
            if wanted is not None:
                make(side, copy.deepcopy(wanted))
                make(both, copy.deepcopy(wanted))
        sides.append(side)
    texts = [write(each, **style) for each in (base, *sides)]
    done = merge(path, *texts)
    results = {"git": git_merge(folder, *texts), "bakegen": done.text if isinstance(done, Merged) else None}
    expected = write(both, **style)
    for tool, text in results.items():
        outcome = "false" if text is None else "right" if reads_as(path, text, expected) else "wrong"
        counts[path.name, tool, outcome] += 1
    contradict(random, *sides)
    texts = [write(each, **style) for each in (base, *sides)]
    done = merge(path, *texts)
    results = {"git": git_merge(folder, *texts), "bakegen": done.text if isinstance(done, Merged) else None}
    for tool, text in results.items():
        counts[path.name, tool, "reported" if text is None else "hidden"] += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--merges", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts = compare(options.merges, options.seed)
    print(table(rows(counts)))
    print(f"{options.merges} files, seed {options.seed}")
    bad = sum(counts[name, "bakegen", kind] for name, _, _ in list(counts) for kind in ("wrong", "hidden"))
    return 1 if bad else 0


def compare(merges: int, seed: int) -> Counter[tuple[str, str, str]]:
    """How often each tool came to each outcome, by file."""
    counts: Counter[tuple[str, str, str]] = Counter()
    random = Random(seed)  # noqa: S311  (nothing secret)
    with tempfile.TemporaryDirectory(prefix="bakegen-merges-") as scratch:
        for _ in range(merges):
            one(random, Path(scratch), counts)
    return counts


def rows(counts: Counter[tuple[str, str, str]]) -> list[tuple[str, ...]]:
    """The table: shares of merges, by file and tool."""
    found = [("file", "merged by", "merges", "false conflicts", "wrong", "contradictions hidden")]
    for name in sorted({name for name, _, _ in counts}):
        for tool in ("git", "bakegen"):
            numbers = {kind: counts[name, tool, kind] for kind in ("false", "wrong", "right", "hidden", "reported")}
            total = numbers["false"] + numbers["wrong"] + numbers["right"]
            share = f"{100 * numbers['false'] / total:.1f} %"
            hidden = f"{100 * numbers['hidden'] / total:.1f} %"
            found.append((name, tool, str(total), share, str(numbers["wrong"]), hidden))
    return found


if __name__ == "__main__":
    sys.exit(main())
