"""The linters and formatters that every generated project passes, as data.

Each one runs once over the matching files of all projects; each one also has a sample that it must
find fault with, so that a linter which was given nothing, or the wrong settings, cannot pass.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.engine.machine import programs

WORKFLOW = ".github/workflows/images.yml"
WORKFLOWS = (".github/workflows/*.yml",)
# With one fault each: one that only shellcheck sees, and one that only a pedantic zizmor sees, a job without a name.
SHELL_FAULT = "on: push\njobs: { build: { runs-on: ubuntu-24.04, steps: [{ run: echo $GITHUB_REF }] } }\n"
PEDANTIC_FAULT = """\
name: build
on: push
permissions: {}
concurrency: { group: build, cancel-in-progress: false }
jobs: { build: { runs-on: ubuntu-24.04, timeout-minutes: 5, steps: [{ run: "true" }] } }
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Linter:
    """A command that takes files after its arguments and ends with 0 only if it finds nothing.

    `sample` is a path and a text with a fault. With `by_file` the command takes one file at a time.
    """

    name: str
    command: tuple[str, ...]
    files: tuple[str, ...]
    sample: tuple[str, str]
    by_file: bool = False

    def matches(self, folder: Path) -> list[Path]:
        """The files of a folder that are this linter's business, sorted; package managers' locks are nobody's."""
        found = {path for pattern in self.files for path in folder.rglob(pattern) if path.is_file()}
        return sorted(path for path in found if path.name not in {"package-lock.json", "pnpm-lock.yaml", "uv.lock"})

    def findings(self, files: Sequence[Path], environment: Mapping[str, str]) -> str:
        """What the linter says about these files; empty if it finds nothing."""
        said = (self._run(batch, environment) for batch in self._batches(files))
        return "\n".join(text for text in said if text)

    def _batches(self, files: Sequence[Path]) -> Iterable[Sequence[Path]]:
        return [[file] for file in files] if self.by_file else [files]

    def _run(self, files: Sequence[Path], environment: Mapping[str, str]) -> str:
        command = [*self.command, *(str(file) for file in files)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else f"{self.name} ended with {done.returncode}\n{done.stdout}{done.stderr}"


LINTERS = (
    Linter(
        name="prettier",
        command=("prettier", "--check", "--log-level=warn"),
        files=("*.css", "*.js", "*.json", "*.md", "*.mjs", "*.ts", "*.tsx", "*.yaml", "*.yml"),
        sample=("compose.yaml", "services:\n    api: { image:   'x' }\n"),
    ),
    Linter(
        name="taplo-fmt",
        command=("taplo", "fmt", "--check"),
        files=("*.toml",),
        sample=("bakegen.toml", "[project]\nname   = 'x'\n"),
    ),
    Linter(
        name="taplo-lint",
        command=("taplo", "lint"),
        files=("*.toml",),
        sample=("bakegen.toml", "[project]\nname = 'x'\nname = 'y'\n"),
    ),
    Linter(
        name="ruff-check",
        command=("ruff", "check", "--no-cache"),
        files=("*.py",),
        sample=("services/api/main.py", "import os\n"),
    ),
    Linter(
        name="ruff-format",
        command=("ruff", "format", "--no-cache", "--check"),
        files=("*.py",),
        sample=("services/api/main.py", "x = 'a'\n"),
    ),
    Linter(
        name="hclfmt",
        command=("hclfmt", "-require-no-change"),
        files=("*.hcl",),
        sample=("docker-bake.hcl", 'target "api" {\ncontext="."\n}\n'),
        by_file=True,
    ),
    Linter(
        name="hadolint",
        command=("hadolint", "--failure-threshold=style"),
        files=("Dockerfile", "*.Dockerfile"),
        sample=("workspace.Dockerfile", "FROM debian\nRUN cd /tmp && sudo apt-get install curl\n"),
    ),
    Linter(
        name="shellcheck",
        command=("shellcheck",),
        files=("*.sh",),
        sample=("deploy/dokploy.sh", "#!/bin/sh\necho $1\n"),
    ),
    Linter(
        name="actionlint",
        command=("actionlint", "-shellcheck=shellcheck", "-pyflakes="),
        files=WORKFLOWS,
        sample=(WORKFLOW, SHELL_FAULT),
    ),
    Linter(
        name="zizmor",
        command=("zizmor", "--offline", "--persona=pedantic", "--quiet", "--no-progress"),
        files=(*WORKFLOWS, ".github/dependabot.yml"),
        sample=(WORKFLOW, PEDANTIC_FAULT),
    ),
    Linter(
        name="workflow-schema",
        command=("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
        files=WORKFLOWS,
        sample=(WORKFLOW, "on: push\njobs: []\n"),
    ),
    Linter(
        name="dependabot-schema",
        command=("check-jsonschema", "--builtin-schema", "vendor.dependabot"),
        files=(".github/dependabot.yml",),
        sample=(".github/dependabot.yml", "version: 2\nupdates: [{ package-ecosystem: docker }]\n"),
    ),
    Linter(
        name="renovate-schema",
        command=("check-jsonschema", "--builtin-schema", "vendor.renovate"),
        files=("renovate.json",),
        sample=("renovate.json", '{"schedule": 1}\n'),
    ),
    Linter(
        name="compose-schema",
        command=("check-jsonschema", "--builtin-schema", "vendor.compose-spec"),
        files=("compose*.yaml",),
        sample=("compose.yaml", "services:\n  api:\n    imagge: x\n"),
    ),
)


def environment(node_tools: Path) -> dict[str, str]:
    """Every linter on PATH: Python's from the virtual environment, npm's, and those built from Go modules."""
    folders = [
        node_tools,
        Path(sys.executable).parent,
        *{programs.path(name).parent for name in ("actionlint", "hclfmt", "kustomize")},
    ]
    path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
    missing = [linter.command[0] for linter in LINTERS if not shutil.which(linter.command[0], path=path)]
    assert not missing, f"not built yet (python -m tests.engine.machine up builds them): {missing}"
    return os.environ | {"PATH": path}
