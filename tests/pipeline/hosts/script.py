"""A generated deploy script, the images that it is tried with, and who visits the service meanwhile."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

OLD, NEW, OTHER = "a" * 40, "b" * 40, "c" * 40
SECRET = "that-nobody-may-print"  # each secret of a test ends so

# Patient, as the machine may be busy; a test that waits for a bound has a shorter one.
BOUNDS = {
    "DEPLOY_TIMEOUT": "30",
    "HEALTH_ANSWERS": "2",
    "HEALTH_TIMEOUT": "30",
    "POLL_INTERVAL": "0.2",
    "REQUEST_TIMEOUT": "10",
    "RETRIES": "2",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Images:
    """A service's images, each with its digest. `plain` ones name no revision, `broken` never answers."""

    old: str
    new: str
    other: str
    plain_old: str
    plain_new: str
    broken: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    code: int
    output: str

    def __post_init__(self) -> None:
        assert SECRET not in self.output


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """deploy/<host>.sh of a project, with what a workflow or a person sets."""

    project: Path
    host: str
    variables: Mapping[str, str]

    def run(self, *arguments: str, shell: str = "sh", **variables: str) -> Done:
        process = self.start(*arguments, shell=shell, **variables)
        output, _ = process.communicate(timeout=120)
        return Done(code=process.returncode, output=output)

    def start(self, *arguments: str, shell: str = "sh", **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            # Some callers of tests ignore SIGINT, and a shell cannot catch what it was started with as ignored.
            ["env", "--default-signal=INT", shell, f"deploy/{self.host}.sh", *arguments],
            cwd=self.project,
            env={"PATH": os.environ["PATH"]} | BOUNDS | {**self.variables} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@dataclass(kw_only=True, slots=True)
class Visitor:
    """Asks a service again and again, from its first line to its last; `answers` are the statuses."""

    url: str
    answers: list[int] = field(default_factory=list)
    _leaving: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def visit(self) -> Iterator[None]:
        thread = threading.Thread(target=self._ask)
        thread.start()
        try:
            yield
        finally:
            self._leaving.set()
            thread.join()

    def _ask(self) -> None:
        while not self._leaving.is_set():
            try:
                with urlopen(self.url, timeout=5) as answer:
                    self.answers.append(answer.status)
            except HTTPError as error:
                self.answers.append(error.code)
            time.sleep(0.01)
