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
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import click

from bakegen import catalog, keys, project_reader, running
from bakegen.cli import cli
from bakegen.keys import Key
from bakegen.merge.region import regions, replace
from bakegen.model import Project
from bakegen.stack import Stack, Variable
from benchmarks import images_page, pipeline, start_up
from benchmarks import stacks as benchmark
from tools import hosts_page, pipeline_page
from tools.markdown import table

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
    return found | {path: ((ROOT / path).read_bytes(), make().encode()) for path, make in WHOLE.items()}


def stacks() -> str:
    """The table of stacks, with what `bakegen measure` said of each as it is without a choice."""
    session, rows = benchmark.load()
    measured = benchmark.first(rows)
    lines: list[tuple[str, ...]] = [
        ("stack", "what it is", "packages by", "above base", "cold", "no change", "one line")
    ]
    for stack in catalog.load().stacks.values():
        figures = benchmark.cells(measured[stack.id]) if stack.id in measured else ("", "", "", "")
        link = f"[{stack.id}](docs/stacks/{stack.id}.md)"
        lines.append((link, stack.description, _package_managers(stack), *figures))
    day = f"{date.fromisoformat(session.date):%-d %B %Y}"
    busy = "The machine was busy then: times are rough. " if session.busy(row.load for row in rows) else ""
    told = (
        "Above base: the compressed layers that an image has above its base image, the stack without an option. Seconds: "
        "a build without a cache, again, and with one line of source changed. By `bakegen measure` on "
        f"{day}, {session.cores} cores, on stand-in base images. {busy}[Benchmarks](docs/benchmarks.md#images-by-stack) "
        "has every option, goals and whole images, [docs](docs/README.md) the names that mean a stack.\n"
    )
    return f"{table(lines)}\n{told}"


def _package_managers(stack: Stack) -> str:
    option = stack.options.get("package_manager")
    return ", ".join(f"`{choice}`" for choice in option.choices) if option else ""


def stack_pages() -> str:
    """The names that mean each stack, and what a service of it has."""
    rows: list[tuple[str, ...]] = [("stack", "what it is", "chosen by the name", "port", "needs")]
    for stack in catalog.load().stacks.values():
        names = ", ".join(f"`{name}`" for name in stack.names)
        needs = ", ".join(stack.defaults.needs)
        port = str(stack.defaults.port or "")
        rows.append((f"[{stack.id}](stacks/{stack.id}.md)", stack.description, names, port, needs))
    return table(rows)


def features() -> str:
    """What each feature brings."""
    data = catalog.load()
    rows: list[tuple[str, ...]] = [("feature", "what it is", "files", "not with")]
    for feature in data.features.values():
        files = ", ".join(f"`{path}`" for path in data.files[f"/features/{feature.id}"])
        others = ", ".join(feature.excludes) or (
            f"images elsewhere than on {feature.registry}" if feature.registry else ""
        )
        rows.append((f"[{feature.id}](#{feature.id})", feature.description, files, others))
    return table(rows)


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


def environment() -> str:
    """Where the variables of a service come from on every host."""
    hosts = ",".join(catalog.load().hosts)
    command = "bakegen env web"
    with tempfile.TemporaryDirectory() as folder:
        run(f"bakegen new shop --preset pnpm-monorepo --set git_init=false --set hosts={hosts}", Path(folder))
        return "\n".join(["```console", f"$ {command}", run(command, Path(folder, "shop")), "```", ""])


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
    data = catalog.load()
    return table(_key_rows(keys.project(data.hosts, data.features), _required_only()))


def pipeline_keys() -> str:
    """The keys of [pipeline]."""
    return table(_key_rows(keys.PIPELINE, _required_only().pipeline))


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


def _key_rows(table: Mapping[str, Key], made: object) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("key", "type", "default", "possible", "where it ends up")]
    for name, key in table.items():
        part = "build" if name in keys.BUILD else "run" if name in {*running.KEYS, "processes"} else ""
        default = "required" if key.required else _toml(getattr(getattr(made, part, made), name))
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
    "README.md": {
        "session": session,
        "stacks": stacks,
        "hosts": hosts_page.overview,
        "presets": presets,
        "commands": commands,
    },
    "docs/README.md": {"stacks": stack_pages, "hosts": hosts_page.pages, "decisions": decisions},
    "docs/benchmarks.md": {
        "stacks": lambda: benchmark.section(*benchmark.load()),
        "start-up": lambda: start_up.section(*start_up.load()),
        "images": lambda: images_page.section(*images_page.load()),
        "pipeline": lambda: pipeline.section(*pipeline.load()),
    },
    "docs/features.md": {"features": features},
    "docs/hosts.md": {"comparison": hosts_page.comparison, "model": hosts_page.model},
    "docs/pipeline.md": {"jobs": pipeline_page.table_of_jobs, "registries": pipeline_page.table_of_registries},
    "docs/refusals.md": {"refusals": refusals},
    "docs/variables.md": {"env": environment},
    "docs/bakegen-toml.md": {
        "project": project_keys,
        "pipeline": pipeline_keys,
        "versions": version_keys,
        "services": service_keys,
        "options": option_keys,
        "env": env_keys,
    },
}

WHOLE: Mapping[str, Callable[[], str]] = {
    f"docs/{images_page.PLOT}": lambda: images_page.plot(images_page.load()[1]),
    f"docs/{pipeline_page.DIAGRAM}": pipeline_page.diagram,
}
"""Documents that are generated from their first byte to the last."""


if __name__ == "__main__":
    sys.exit(main())
