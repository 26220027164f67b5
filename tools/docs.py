"""Write the generated parts of the documentation anew: tables from the data, a session from the real commands.

    python -m tools.docs

A part stands between `<!-- bakegen:NAME -->` and `<!-- /bakegen:NAME -->`, as in the README of a generated project.
tests/unit/test_docs.py compares what is written with what this would write.
"""

import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from bakegen import catalog, keys, project_reader
from bakegen.cli import cli
from bakegen.keys import Key
from bakegen.merge.region import regions, replace
from bakegen.model import Project
from bakegen.stack import Variable

ROOT = Path(__file__).parent.parent
LINE = re.compile(r"(?P<change>  [+~-] \S+).*")
SESSION = ("bakegen add-service worker", "bakegen list", "bakegen check")
KINDS = {str: "string", int: "integer", bool: "boolean", list: "list of strings", dict: "table"}


def main() -> int:
    for path, (old, new) in documents().items():
        if old != new:
            (ROOT / path).write_bytes(new)
        print(f"{'unchanged' if old == new else 'refreshed'}: {path}")
    return 0


def documents() -> dict[str, tuple[bytes, bytes]]:
    """Each document with generated parts: its text as it is, and as it should be."""
    found = {}
    for path, parts in PARTS.items():
        old = (ROOT / path).read_bytes()
        missing = parts.keys() - regions(old).keys()
        if missing:
            sys.exit(f"error: {path} lacks the marks of {', '.join(sorted(missing))}")
        found[path] = (old, replace(old, {name: f"\n{make()}\n".encode() for name, make in parts.items()}))
    return found


def stacks() -> str:
    """The table of stacks."""
    rows = [("stack", "what it is", "chosen by the name", "port", "needs")]
    for stack in catalog.load().stacks.values():
        names = ", ".join(f"`{name}`" for name in stack.names)
        needs = ", ".join(stack.defaults.needs)
        port = str(stack.defaults.port or "")
        rows.append((f"[{stack.id}](docs/stacks/{stack.id}.md)", stack.description, names, port, needs))
    return table(rows)


def stack_pages() -> str:
    """A link to the page of each stack."""
    return "".join(
        f"- [{stack.id}](stacks/{stack.id}.md): {stack.description}\n" for stack in catalog.load().stacks.values()
    )


def decisions() -> str:
    """A link to each decision, by its title."""
    lines = []
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        number, _, text = title.partition(". ")
        lines.append(f"{number}. [{text}](decisions/{path.name})\n")
    return "".join(lines)


def presets() -> str:
    """The table of presets."""
    rows = [("preset", "services", "what that is")]
    for name, preset in catalog.load().presets.items():
        made = [f"`{service['name']}` ({service['stack']})" for service in preset.services]
        rows.append((f"`{name}`", ", ".join(made), preset.description))
    return table(rows)


def commands() -> str:
    """The table of commands, from their help."""
    context = click.Context(cli, info_name="bakegen")
    rows = [("command", "what it does")]
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None  # noqa: S101  (it is listed)
        arguments = [each.make_metavar(context) for each in command.params if isinstance(each, click.Argument)]
        usage = " ".join(["bakegen", name, *arguments])
        rows.append((f"`{usage}`", (command.help or "").partition("\n\n")[0].replace("\n", " ")))
    return table(rows)


def session() -> str:
    """What a person sees who adds a service to a fresh project."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        run("bakegen new shop --set owner=acme --set git_init=false", Path(folder))
        for command in SESSION:
            lines += [f"$ {command}", run(command, Path(folder, "shop")), ""]
    return "\n".join(["```console", *lines[:-1], "```", ""])


def run(command: str, folder: Path) -> str:
    """What a command says, without the blanks and newline at its end."""
    arguments = [sys.executable, "-m", *shlex.split(command)]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=True)
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())


def without_counts(text: str) -> str:
    """A session without the numbers of lines, which every edit of a stack changes."""
    return "\n".join(LINE.sub(r"\g<change>", line) for line in text.splitlines())


def project_keys() -> str:
    """The keys of [project]."""
    return table(_key_rows(keys.PROJECT, _required_only()))


def version_keys() -> str:
    """The keys of [versions]."""
    return table(_key_rows(keys.versions(catalog.load().languages.values()), _required_only().versions))


def service_keys() -> str:
    """The keys of [services.NAME]."""
    return table(_key_rows(keys.SERVICE, _required_only().services[0]))


def option_keys() -> str:
    """The keys that stacks add to [services.NAME], the default of each first."""
    rows: list[tuple[str, ...]] = [("key", "stack", "possible", "what it decides")]
    for stack in catalog.load().stacks.values():
        for name, option in stack.options.items():
            choices = ", ".join(_toml(choice) for choice in option.choices)
            rows.append((f"`{name}`", stack.id, choices, option.description))
    return table([rows[0], *sorted(rows[1:])])


def env_keys() -> str:
    """The keys of a variable that is a table."""
    return table(_key_rows(keys.ENV, Variable(name="NAME")))


def table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, with columns of one width as prettier has them."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    widths = [max(3, *(_width(row[column]) for row in cells)) for column in range(len(cells[0]))]
    lines = [[cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)] for row in cells]
    lines.insert(1, ["-" * width for width in widths])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _key_rows(table: Mapping[str, Key], made: object) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("key", "type", "default", "possible", "where it ends up")]
    for name, key in table.items():
        owner = getattr(made, "build", made) if name in keys.BUILD else made
        default = "required" if key.required else _toml(getattr(owner, name))
        rows.append((f"`{name}`", KINDS[key.kind], default, _possible(key), key.effect))
    return rows


def _required_only() -> Project:
    """The project of a bakegen.toml that has the required keys alone: what else it has is a default."""
    lines = []
    for header, entries in (
        ("project", keys.PROJECT),
        ("versions", keys.versions(catalog.load().languages.values())),
        ("services.api", keys.SERVICE),
    ):
        lines.append(f"[{header}]")
        lines += [f'{name} = "{key.example}"' for name, key in entries.items() if key.required]
    return project_reader.load("\n".join(lines).encode(), catalog.load())


def _toml(value: object) -> str:
    if value is None or value in ((), {}):
        return "none"
    return f"`{project_reader.shown(list(value) if isinstance(value, tuple) else value)}`"


def _possible(key: Key) -> str:
    if isinstance(key.rule, tuple):
        return ", ".join(_toml(choice) for choice in key.rule)
    if isinstance(key.rule, range):
        return f"{key.rule.start} to {key.rule.stop - 1}"
    hint = keys.HINTS[key.rule] if key.rule else ""
    return f"each: {hint}" if hint and key.kind is list else hint


def refusals() -> str:
    """Every refusal with its cure, by format, from the data that the tests read."""
    parts: list[str] = []
    for name, title in FORMATS.items():
        parts.append(f"## {title}\n")
        for refusal in tomllib.loads((ROOT / "tests/refusals" / f"{name}.toml").read_text(encoding="utf-8"))["refusal"]:
            before, after = (refusal[key].rstrip("\n") for key in ("before", "after"))
            parts.append(f"### {refusal['title']}\n")
            parts.append(f"```text\n{before}\n```\n")
            parts.append(f"error: {refusal['message']}\\\nhint: {refusal['hint']}\n".replace("<", "&lt;"))
            parts.append(f"```text\n{after}\n```\n")
    return "\n".join(parts)


FORMATS = {
    "hcl": "Bake files and other HCL",
    "yaml": "Compose files, workflows and other YAML",
    "toml": "TOML",
    "json": "JSON",
    "dotenv": "Environment files",
}

PARTS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "README.md": {"session": session, "stacks": stacks, "presets": presets, "commands": commands},
    "docs/README.md": {"stacks": stack_pages, "decisions": decisions},
    "docs/refusals.md": {"refusals": refusals},
    "docs/bakegen-toml.md": {
        "project": project_keys,
        "versions": version_keys,
        "services": service_keys,
        "options": option_keys,
        "env": env_keys,
    },
}


if __name__ == "__main__":
    sys.exit(main())
