"""A generated project with its deploy scripts, and a Dokploy with a container for each service to run them against."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from .dokploy import KEY, TOKEN, Application, Dokploy
from .rollout import Rollout

OLD, NEW, OTHER = "a" * 40, "b" * 40, "c" * 40
SECRETS = (KEY, TOKEN, "that-nobody-may-print")

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
        assert not [secret for secret in SECRETS if secret in self.output]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    project: Path
    dokploy: Dokploy
    images: Mapping[str, Images]

    @property
    def rollouts(self) -> dict[str, Rollout]:
        return {name: application.rollout for name, application in self.dokploy.applications.items()}

    @property
    def running(self) -> list[str | None]:
        """What runs of each service, by the names of `Images`."""
        names = {getattr(each, name): name for each in self.images.values() for name in Images.__slots__}
        return [names.get(rollout.image or "") for rollout in self.rollouts.values()]

    @property
    def configured(self) -> list[str | None]:
        """The images that Dokploy has for the services, by the names of `Images`."""
        names = {getattr(each, name): name for each in self.images.values() for name in Images.__slots__}
        return [names.get(application.image or "") for application in self.dokploy.applications.values()]

    @property
    def orders(self) -> list[tuple[str, str]]:
        """What the server was told to do: procedure and application, in order."""
        posted = [request for request in self.dokploy.requests if request.method == "POST"]
        return [(request.path.rpartition(".")[2], request.values["applicationId"]) for request in posted]

    def wait_for(self, running: str) -> None:
        """Until this runs: a rollout goes on after its deployment is done."""
        end = time.monotonic() + 10
        while self.running != [running]:
            assert time.monotonic() < end
            time.sleep(0.05)

    def variables(self) -> dict[str, str]:
        """What a workflow or a person sets, with the bounds of a test."""
        return BOUNDS | {
            "DOKPLOY_URL": self.dokploy.url,
            "DOKPLOY_API_KEY": KEY,
            "DOKPLOY_APPLICATIONS": "\n".join(f"{name}={name}" for name in self.rollouts),
            "HEALTH_URLS": " ".join(f"{name}={rollout.url}" for name, rollout in self.rollouts.items()),
            "REVISION": NEW,
        }

    def deploy(self, *arguments: str, shell: str = "sh", **variables: str) -> Done:
        """Run the script, by default to deploy the new image of each service."""
        process = self.start(*arguments, shell=shell, **variables)
        output, _ = process.communicate(timeout=120)
        return Done(code=process.returncode, output=output)

    def start(self, *arguments: str, shell: str = "sh", **variables: str) -> subprocess.Popen[str]:
        given = arguments or tuple(f"{name}={each.new}" for name, each in self.images.items())
        return subprocess.Popen(
            # Some callers of tests ignore SIGINT, and a shell cannot catch what it was started with as ignored.
            ["env", "--default-signal=INT", shell, "deploy/dokploy.sh", *given],
            cwd=self.project,
            env={"PATH": os.environ["PATH"]} | self.variables() | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@contextmanager
def scene(
    project: Path, environment: Mapping[str, str], images: Mapping[str, Images], *, start_first: bool = True
) -> Iterator[Scene]:
    """A Dokploy that runs the old image of each service."""
    with ExitStack() as stack:
        applications = []
        for name, each in images.items():
            rollout = stack.enter_context(Rollout(environment, start_first=start_first))
            rollout.to(each.old)
            applications.append(Application(id=name, image=each.old, rollout=rollout))
        dokploy = stack.enter_context(Dokploy(applications))
        yield Scene(project=project, dokploy=dokploy, images=images)
        assert dokploy.wrong == []


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
