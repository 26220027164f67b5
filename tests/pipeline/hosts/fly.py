"""Fly.io as flyctl shows it: apps with machines, of which those of the group `app` are one container together.

No byte of flyctl or of Fly.io is here. What commands take, what they do and what they print is from the documentation
of the commands (https://fly.io/docs/flyctl/) and the source of flyctl 0.4: `internal/command` for deploy, scale, machine
and ips, `machine_types.go` of superfly/fly-go for a machine as JSON.
"""

import argparse
import json
import re
import shlex
import subprocess
import threading
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from typing import Any

from .api import Answer, Api, Endpoint, Request
from .rollout import Rollout

TOKEN = "fly-token-that-nobody-may-print"
INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
CALL = {"call": int, "directory": str, "token": str}
TABLE = (
    Endpoint(method="POST", path=re.compile("/run"), required=CALL | {"arguments": list}),
    Endpoint(method="POST", path=re.compile("/signal"), required=CALL),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How a deployment goes: how long it takes, whether its release command fails, and what then runs in its place.

    One that is broken off takes `tidying` seconds to end.
    """

    seconds: float = 0
    tidying: float = 0
    release_fails: bool = False
    runs: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    id: str
    group: str
    region: str
    image: str
    digest: str
    state: str = "started"

    def as_json(self) -> dict[str, Any]:
        """As `flyctl machine list --json` has it, with some of what is of no use to us."""
        place, _, tag = self.image.rpartition(":")
        registry, _, repository = place.partition("/")
        return {
            "id": self.id,
            "name": f"machine-{self.id}",
            "state": self.state,
            "region": self.region,
            "image_ref": {"registry": registry, "repository": repository, "tag": tag, "digest": self.digest},
            "instance_id": f"instance-{self.id}",
            "config": {
                "env": {"PRIVATE": "that-nobody-may-print", "FLY_PROCESS_GROUP": self.group},
                "image": self.image,
                "metadata": {
                    "fly_flyctl_version": "0.4.112",
                    "fly_platform_version": "v2",
                    "fly_process_group": self.group,
                },
            },
        }


@dataclass(kw_only=True, slots=True)
class App:
    """`courses` are those of the next deployments, in order; without one a deployment goes well.

    `released` are the images that a release command ran in, `told` what the deployments were told beside the image. A
    deployment has a lease on machines while it lasts.
    """

    name: str
    rollout: Rollout | None = None
    machines: list[Machine] = field(default_factory=list)
    addresses: list[tuple[str, str]] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    told: list[argparse.Namespace] = field(default_factory=list)
    leased: threading.Lock = field(default_factory=threading.Lock)


def _parser() -> argparse.ArgumentParser:
    """The commands and options that are used; the real ones have more."""
    parser = argparse.ArgumentParser(prog="flyctl", allow_abbrev=False)
    commands = parser.add_subparsers(required=True)

    def command(name: str, *flags: str, options: Sequence[str] = ()) -> argparse.ArgumentParser:
        group, _, own = name.partition(" ")
        found = groups.setdefault(group, commands.add_parser(group, allow_abbrev=False))
        if own:
            inner = nested.setdefault(group, found.add_subparsers(required=True))
            found = inner.add_parser(own, allow_abbrev=False)
        for flag in flags:
            found.add_argument(f"--{flag}", action="store_true")
        for option in options:
            found.add_argument(f"--{option}")
        found.set_defaults(command=name)
        return found

    groups: dict[str, argparse.ArgumentParser] = {}
    nested: dict[str, Any] = {}
    command("auth docker")
    command("machine list", "json", options=["app"])
    command("ips list", "json", options=["app"])
    command("scale count", "yes", options=["app", "region"]).add_argument("count", nargs="+")
    options = ["app", "config", "image", "ha", "strategy", "wait-timeout"]
    command("deploy", "yes", "flycast", "skip-release-command", options=options).add_argument(
        "--env", action="append", default=[]
    )
    return parser


class Fly(Api):
    """Answers for the flyctl in programs/. `calls` are the commands that it was given."""

    def __init__(self, environment: Mapping[str, str], apps: Iterable[App]) -> None:
        super().__init__(TABLE)
        self.environment = environment
        self.apps = {app.name: app for app in apps}
        self.commands: list[str] = []
        self._signals: dict[int, threading.Event] = {}
        self._parser = _parser()
        self._ids = iter(range(1000))

    def answer(self, asked: Request) -> Answer:
        values = asked.values
        signal = self._signals.setdefault(values["call"], threading.Event())
        if asked.path == "/signal":
            signal.set()
            return HTTPStatus.OK, {}
        said = StringIO()
        try:
            with redirect_stderr(said):
                options = self._parser.parse_args(values["arguments"])
        except SystemExit:
            self.wrong.append(f"flyctl {shlex.join(values['arguments'])}: {said.getvalue().splitlines()[-1]}")
            return HTTPStatus.OK, _failure("unknown command or flag")
        self.commands.append(options.command)
        if values["token"] != TOKEN:
            return HTTPStatus.OK, _failure("no access token available. Please login with 'flyctl auth login'")
        if options.command == "auth docker":
            return HTTPStatus.OK, _success("Authentication successful.\n")
        app = self.apps.get(options.app)
        if app is None:
            return HTTPStatus.OK, _failure(f"failed to list VMs: app not found: {options.app}")
        return HTTPStatus.OK, self._run(app, options, Path(values["directory"]), signal)

    def _run(
        self, app: App, options: argparse.Namespace, directory: Path, signal: threading.Event
    ) -> dict[str, object]:
        if options.command == "machine list":
            return _success(json.dumps([machine.as_json() for machine in app.machines]))
        if options.command == "ips list":
            rows = [{"ID": "", "Address": address, "Type": kind} for kind, address in app.addresses]
            return _success(json.dumps(rows))
        if options.command == "scale count":
            return self._scale(app, options)
        if not app.leased.acquire(blocking=False):
            self.wrong.append(f"two deployments of {app.name} at once")
            return _failure("failed to acquire lease for machine: lease currently held")
        try:
            return self._deploy(app, options, tomllib.loads((directory / options.config).read_text()), signal)
        finally:
            app.leased.release()

    def _scale(self, app: App, options: argparse.Namespace) -> dict[str, object]:
        for count in options.count:
            group, _, number = count.partition("=")
            there = [each for each in app.machines if (each.group, each.region) == (group, options.region)]
            models = [each for each in app.machines if each.group == group]
            if not models:
                return _failure(f"Attempting to scale unknown process groups [{group}]")
            for each in there[int(number) :]:
                app.machines.remove(each)
            for _ in range(int(number) - len(there)):
                app.machines.append(replace(models[0], id=self._id(), region=options.region))
        return _success("")

    def _deploy(
        self, app: App, options: argparse.Namespace, config: Mapping[str, Any], signal: threading.Event
    ) -> dict[str, object]:
        app.told.append(options)
        if (digest := self._digest(options.image)) is None:
            return _failure(f'failed to fetch an image or build from source: Could not find image "{options.image}"')
        course = app.courses.pop(0) if app.courses else Course()
        if "release_command" in config["deploy"] and not options.skip_release_command:
            app.released.append(options.image)
            if course.release_fails:
                return _failure("release command failed - aborting deployment")
        strategy = options.strategy or config["deploy"]["strategy"]
        beside = [replace(each, id=self._id(), image=options.image, digest=digest) for each in app.machines]
        beside = beside if strategy == "bluegreen" else []
        app.machines += beside
        broken_off = signal.wait(course.seconds)
        time.sleep(course.tidying if broken_off else 0)
        app.machines[:] = [each for each in app.machines if each not in beside]
        if broken_off:
            return _failure("deployment aborted by user")
        image = course.runs or options.image
        healthy = self._roll_out(app, image, start_first=strategy == "bluegreen")
        if not healthy and (strategy == "bluegreen" or not app.machines):
            return _failure("could not get all green machines to be healthy")
        self._update(app, options, config, self._digest(image) or digest)
        return _success("Deployment Complete\n") if healthy else _failure("timeout reached waiting for health checks")

    def _roll_out(self, app: App, image: str, *, start_first: bool) -> bool:
        if app.rollout is None:
            return True
        app.rollout.start_first = start_first
        app.rollout.to(image)
        return app.rollout.image == image

    def _update(self, app: App, options: argparse.Namespace, config: Mapping[str, Any], digest: str) -> None:
        """New machines for groups that have none, none for those that are no more, and the image for all."""
        groups = list(config.get("processes", {"app": ""}))
        for group in groups:
            if all(machine.group != group for machine in app.machines):
                spare = 1 if options.ha == "false" else 2
                place = {"group": group, "region": config["primary_region"]}
                app.machines += [Machine(id=self._id(), image="", digest="", **place) for _ in range(spare)]
        app.machines[:] = [
            replace(machine, image=options.image, digest=digest) for machine in app.machines if machine.group in groups
        ]
        if not app.addresses and "http_service" in config:
            public = [("v6", "2a09:8280:1::1"), ("shared_v4", "66.241.124.1")]
            app.addresses = [("private_v6", "fdaa:0:1::3")] if options.flycast else public

    def _digest(self, image: str) -> str | None:
        """What Fly.io finds in its registry; of an index nothing: superfly/flyctl-actions#35."""
        command = ("crane", "manifest", "--insecure", image)
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode or json.loads(done.stdout)["mediaType"] in INDEXES:
            return None
        command = ("crane", "digest", "--insecure", image)
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def _id(self) -> str:
        return f"{next(self._ids):014x}"


def _success(output: str) -> dict[str, object]:
    return {"code": 0, "output": output, "complaint": ""}


def _failure(complaint: str) -> dict[str, object]:
    return {"code": 1, "output": "", "complaint": f"Error: {complaint}\n"}
