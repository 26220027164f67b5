"""Two branches of one project, drawn at random: each adds a service and edits the shared files by hand.

The edits of a branch stay with one service that was there before, and the branches with different ones: nothing that
they say contradicts. So every conflict is a false one, and every edit can be looked for afterwards.
"""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.git.repository import Repository

STACKS = ("fastapi", "nextjs", "python-worker")
OLD = ("admin", "jobs", "shop")
NEW = ("api", "backoffice", "cron", "events", "mailer", "orders", "search", "users", "web", "zeta")
CHAPTERS = dict(zip(OLD, ("## Run", "## Build", "## CI"), strict=True))  # prose in one place would contradict
Edit = Callable[[str, str, str], str]


def _after(text: str, line: str, new: str, start: str = "") -> str:
    """A line behind the first such line at or after the line `start`."""
    begin = text.index(f"\n{start}") if start else 0
    at = text.index(f"\n{line}\n", begin) + len(line) + 2
    return f"{text[:at]}{new}\n{text[at:]}"


def _above(text: str, line: str, new: str) -> str:
    at = text.index(f"\n{line}") + 1
    return f"{text[:at]}{new}\n{text[at:]}"


# name -> (path, edit): text, service, a word that is in the edit and nowhere else -> text
EDITS: dict[str, tuple[str, Edit]] = {
    "bake: note": ("docker-bake.hcl", lambda text, name, word: _above(text, f'target "{name}" {{', f"# {word}")),
    "bake: attribute": (
        "docker-bake.hcl",
        lambda text, name, word: _after(text, f'target "{name}" {{', f"  no-cache    = false # {word}"),
    ),
    "bake: comment at the end of a line": (
        "docker-bake.hcl",
        lambda text, name, word: text.replace(f'tags("{name}")', f'tags("{name}") # {word}', 1),
    ),
    "bake: target": (
        "docker-bake.hcl",
        lambda text, name, word: _above(
            text, f'target "{name}" {{', f'target "{word.lower().replace("_", "-")}" {{\n  # {word}\n}}\n'
        ),
    ),
    "compose: note": ("compose.yaml", lambda text, name, word: _above(text, f"  {name}:", f"  # {word}")),
    "compose: key": ("compose.yaml", lambda text, name, word: _after(text, f"  {name}:", f"    hostname: {word}")),
    "compose: blank line": ("compose.yaml", lambda text, name, word: _after(text, f"  {name}:", f"\n    # {word}\n")),
    "toml: note": ("bakegen.toml", lambda text, name, word: _above(text, f"[services.{name}]", f"# {word}")),
    "toml: variable": (
        "bakegen.toml",
        lambda text, name, word: _above(text, f"[services.{name}]", f"# {word}: see the handbook, page 7"),
    ),
    "env: variable": (".env.example", lambda text, name, word: f"{text}\n# {name}, by hand\n{word}=1\n"),
    "workflow: variable": (
        ".github/workflows/images.yml",
        lambda text, _, word: _after(text, "env:", f"  {word}: 1"),
    ),
    "readme: text": ("README.md", lambda text, name, word: _above(text, CHAPTERS[name], f"{word}: {name}, by hand.\n")),
}


@dataclass(frozen=True, kw_only=True)
class Branch:
    """What a branch did: the service it added, and its edits by the word that each left."""

    name: str
    service: str
    edits: dict[str, str]


def base(folder: Path) -> Repository:
    """A project with three services, committed."""
    repository = Repository.new(folder)
    repository.bakegen("new", ".", "--preset=empty", "--set=project_name=Shop", "--set=git_init=false")
    for name, stack in zip(OLD, STACKS, strict=True):
        repository.bakegen("add-service", name, "--stack", stack, "--needs=postgres")
    repository.commit(message="base")
    return repository


def copy(repository: Repository, folder: Path) -> Repository:
    """The same repository again."""
    shutil.copytree(repository.root, folder / "work", symlinks=True)
    (folder / "home").mkdir()
    return Repository(root=folder / "work", home=folder / "home")


def draw(repository: Repository, seed: int) -> tuple[Branch, Branch]:
    """Two branches `one` and `two` of main, made by the command line and by hand."""
    chance = random.Random(seed)
    services, old = chance.sample(NEW, 2), chance.sample(OLD, 2)
    both = []
    for number, name in enumerate(("one", "two")):
        repository.git("checkout", "--quiet", "-b", name, "main")
        stack = chance.choice(STACKS)
        port = () if stack == "python-worker" else (f"--publish={8100 + number}",)
        add = ("add-service", services[number], "--stack", stack, *port)
        chosen = chance.sample(sorted(EDITS), chance.randint(1, 4))
        first = chance.random() < 0.5  # half of them add the service to files that are edited already
        edits = {} if first else by_hand(repository, name, old[number], chosen)
        repository.bakegen(*add)
        if first:
            edits = by_hand(repository, name, old[number], chosen)
        repository.commit(message=f"edit on {name}")
        both.append(Branch(name=name, service=services[number], edits=edits))
    return both[0], both[1]


def by_hand(repository: Repository, branch: str, service: str, chosen: list[str]) -> dict[str, str]:
    """Make edits to the files of a service; gives back the path of each by its word."""
    words = {}
    for number, which in enumerate(chosen):
        path, edit = EDITS[which]
        word = f"HAND_{branch.upper()}_{number}"
        repository.write(path, edit(repository.read(path).decode(), service, word).encode())
        words[word] = path
    return words


def lost(repository: Repository, branches: tuple[Branch, Branch]) -> list[str]:
    """What a merge without conflict lost: edits, services, or the project's being in step. Nothing, if it is right."""
    found = []
    for branch in branches:
        for word, path in branch.edits.items():
            count = repository.read(path).count(word.encode())
            found += [f"{word} is {count} times in {path}"] if count != 1 else []
        if f'target "{branch.service}" {{'.encode() not in repository.read("docker-bake.hcl"):
            found.append(f"no target {branch.service}")
    check = repository.run("bakegen", "check")
    return found + ([check.stdout + check.stderr] if check.returncode else [])
