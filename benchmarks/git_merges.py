"""How often git cannot merge two branches that each add a service and edit the shared files by hand.

The same random pairs are merged by plain git, as a hosting service's merge button does, and with the driver that
`bakegen git-setup` registers, each by `git merge` and by `git rebase`. A merge without conflict that lost an edit, or
that `bakegen check` does not like, counts as wrong. Ends with 1 if one is wrong, or the driver left a conflict.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.git.branches import base, copy, draw, lost
from tests.git.repository import Repository
from tools.story import table

WAYS = ("merge", "rebase")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bakegen-merges-") as scratch:
        start = base(Path(scratch, "base"))
        folders = [Path(scratch, str(options.seed + number)) for number in range(options.pairs)]
        with ThreadPoolExecutor(options.workers) as pool:
            results = list(pool.map(lambda folder: pair(start, folder), folders))
    counts = Counter(outcome for result in results for outcome in result)
    rows = [("", "pairs", "conflicts", "share", "wrong")]
    for driver in (False, True):
        for way in WAYS:
            found = {outcome: counts[driver, way, outcome] for outcome in ("clean", "conflict", "wrong")}
            name = f"git {way}{', with the driver' if driver else ''}"
            share = f"{100 * found['conflict'] / options.pairs:.0f} %"
            rows.append((name, str(options.pairs), str(found["conflict"]), share, str(found["wrong"])))
    print(table(rows))
    print(f"seeds {options.seed} to {options.seed + options.pairs - 1}, {git_version()}")
    bad = sum(
        number
        for (driver, _, outcome), number in counts.items()
        if outcome == "wrong" or (driver and outcome == "conflict")
    )
    return 1 if bad else 0


def pair(start: Repository, folder: Path) -> list[tuple[bool, str, str]]:
    """The outcomes of one pair; its seed is the folder's name."""
    drawn = copy(start, folder / "drawn")
    branches = draw(drawn, int(folder.name))
    outcomes = []
    for driver in (False, True):
        for way in WAYS:
            clone = copy(drawn, folder / f"{way}-{driver}")
            if driver:
                clone.bakegen("git-setup")
            done = clone.run("git", way, *(["--no-edit", "one"] if way == "merge" else ["one"]))
            if done.returncode:
                outcome = "conflict"
            elif found := lost(clone, branches):
                outcome = "wrong"
                print(f"seed {folder.name}, {way}, driver {driver}: {found}", file=sys.stderr)
            else:
                outcome = "clean"
            if driver and outcome == "conflict":
                print(f"seed {folder.name}, {way}: {done.stdout}{done.stderr}", file=sys.stderr)
            outcomes.append((driver, way, outcome))
    return outcomes


def git_version() -> str:
    """As git says it."""
    return subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
