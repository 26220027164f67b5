"""The real parser of every kind of file that a project has; a new kind must get one here."""

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import PurePosixPath

import hcl2
import yaml


def _lines(pattern: str) -> Callable[[str], object]:
    """A text all of whose lines look like this."""

    def read(text: str) -> object:
        wrong = [line for line in text.splitlines() if not re.fullmatch(pattern, line)]
        assert wrong == []
        return text

    return read


def _json_lines(text: str) -> object:
    return [json.loads(line) for line in text.splitlines()]


def _nonempty(text: str) -> object:
    """Languages whose compiler runs elsewhere: the image's build, or the linters' suite."""
    assert text.strip()
    return text


def _documents(text: str) -> object:
    """Those of a YAML file: manifests of Kubernetes have several."""
    return list(yaml.safe_load_all(text))


def _shell(text: str) -> object:
    return subprocess.run(["sh", "-n"], input=text, text=True, check=True, capture_output=True)


BY_NAME: dict[str, Callable[[str], object]] = {
    ".dockerignore": _lines(r"|#.*|!?[\w./*-]+"),
    ".editorconfig": _lines(r"|#.*|\[.+\]|[a-z_]+ = .+"),
    ".env.example": _lines(r"|#.*|[A-Z][A-Z0-9_]*=.*"),
    ".gitattributes": _lines(r"|#.*|\S+( \S+)+"),
    ".gitignore": _lines(r"|#.*|\S+"),
    ".nvmrc": _lines(r"\d+"),
    ".python-version": _lines(r"3\.\d+"),
    "Dockerfile": _nonempty,
    "Dockerfile.dockerignore": _lines(r"|#.*|!?[\w./*-]+"),
    "bakegen.lock": _json_lines,
    "poetry.lock": tomllib.loads,
    "uv.lock": tomllib.loads,
    "workspace.Dockerfile": _nonempty,
    "workspace.Dockerfile.dockerignore": _lines(r"|#.*|!?[\w./*-]+"),
}
BY_SUFFIX: dict[str, Callable[[str], object]] = {
    ".conf": _nonempty,
    ".css": _nonempty,
    ".hcl": hcl2.loads,
    ".html": _nonempty,
    ".js": _nonempty,
    ".json": json.loads,
    ".md": _nonempty,
    ".mjs": _nonempty,
    ".py": ast.parse,
    ".sh": _shell,
    ".sql": _nonempty,
    ".svelte": _nonempty,
    ".svg": _nonempty,
    ".toml": tomllib.loads,
    ".ts": _nonempty,
    ".tsx": _nonempty,
    ".txt": _nonempty,
    ".yaml": _documents,
    ".yml": _documents,
}


def parse(path: str, content: bytes) -> object:
    """What the file says to its own reader; an error if it says nothing to it, or there is none."""
    name = PurePosixPath(path)
    parser = BY_NAME.get(name.name) or BY_SUFFIX[name.suffix]
    try:
        return parser(content.decode())
    except Exception as error:
        error.add_note(path)
        raise
