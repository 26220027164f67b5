"""Render's API, with services that are containers.

As the real one it has one deploy of a service under way at a time: another is cancelled by it, or lets it wait and
answers without an ID. A deploy leaves a service's settings as they are, and those only say what is deployed next.
"""

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any

from .api import Answer, Api, Endpoint, Request
from .rollout import Rollout

KEY = "rnd_an-api-key-that-nobody-may-print"
CREDENTIAL, OWNER = "rgc-credential", "tea-owner"
PENDING = ("created", "queued", "build_in_progress", "pre_deploy_in_progress", "update_in_progress")


def _endpoint(method: str, path: str, required: Mapping[str, type], optional: Mapping[str, type]) -> Endpoint:
    headers = {"authorization": f"Bearer {KEY}"}
    whole = re.compile(rf"/services/srv-[a-z-]+{path}")
    return Endpoint(method=method, path=whole, required=required, optional=optional, headers=headers)


# What is used of https://api-docs.render.com, whose types are in https://github.com/render-oss/cli, pkg/client
TABLE = (
    _endpoint("GET", "", {}, {}),
    _endpoint("PATCH", "", {"image": dict}, {}),
    _endpoint("GET", "/deploys", {}, {"limit": str, "status": str}),
    _endpoint("POST", "/deploys", {}, {"imageUrl": str, "clearCache": str}),
    _endpoint("GET", "/deploys/dep-[0-9]+", {}, {}),
    _endpoint("POST", "/deploys/dep-[0-9]+/cancel", {}, {}),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How a deploy goes: what it passes through, how long each takes, how it ends, and what runs in place of its image."""

    phases: tuple[str, ...] = ("update_in_progress",)
    seconds: float = 0
    status: str = "live"
    runs: str = ""


@dataclass(kw_only=True, slots=True)
class Deploy:
    id: str
    image: str
    status: str = "created"
    tag: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def row(self) -> dict[str, Any]:
        """As the API shows it: the reference as it was asked for, and the digest behind it."""
        name, _, sha = self.image.partition("@")
        reference = f"{name}:{self.tag}" if self.tag else self.image
        return {"id": self.id, "status": self.status, "trigger": "api", "image": {"ref": reference, "sha": sha}}


@dataclass(kw_only=True, slots=True)
class Served:
    """A service. `settings` is the image in its settings; `courses` are those of the next deploys, in order."""

    name: str
    settings: str | None
    rollout: Rollout
    suspended: str = "not_suspended"
    credential: bool = True
    courses: list[Course] = field(default_factory=list)
    deploys: list[Deploy] = field(default_factory=list)
    changing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def under_way(self) -> list[Deploy]:
        return [deploy for deploy in self.deploys if deploy.status in PENDING]


class Render(Api):
    """`waits`: the workspace lets a deploy wait for the one under way, where it otherwise cancels that."""

    def __init__(self, services: Iterable[Served], *, waits: bool = False) -> None:
        super().__init__(TABLE)
        self.services = {service.name: service for service in services}
        self.waits = waits
        self._threads: list[threading.Thread] = []

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        super().__exit__(kind, error, at)
        for service in self.services.values():
            for deploy in service.deploys:
                deploy.over.set()
        for thread in self._threads:
            thread.join()

    def answer(self, asked: Request) -> Answer:
        _, _, identity, *rest = asked.path.split("/")
        service = self.services.get(identity.removeprefix("srv-"))
        if service is None:
            return HTTPStatus.NOT_FOUND, {"id": "1", "message": f"not found: {identity}"}
        if not rest:
            return self._settings(service, asked)
        if len(rest) == 1:
            return self._deploys(service, asked)
        deploy = next((each for each in service.deploys if each.id == rest[1]), None)
        if deploy is None:
            return HTTPStatus.NOT_FOUND, {"message": f"not found: {rest[1]}"}
        if asked.method == "POST":
            if deploy.status not in PENDING:
                return HTTPStatus.CONFLICT, {"message": f"deploy is {deploy.status}"}
            _end(deploy, "canceled")
        return HTTPStatus.OK, deploy.row

    def _settings(self, service: Served, asked: Request) -> Answer:
        if asked.method == "PATCH":
            image = dict(asked.values["image"])
            wanted = {"ownerId", "imagePath"} | ({"registryCredentialId"} if service.credential else set())
            if image.keys() != wanted:
                self.wrong.append(f"{asked.path} takes {sorted(wanted)} and has {sorted(image)}")
            service.settings = image["imagePath"]
        found = {
            "id": f"srv-{service.name}",
            "imagePath": service.settings,
            "ownerId": OWNER,
            "suspended": service.suspended,
            "registryCredential": {"id": CREDENTIAL, "name": "ghcr"} if service.credential else None,
            "serviceDetails": {"envVars": "DATABASE_PASSWORD=a-password-that-nobody-may-print"},
        }
        return HTTPStatus.OK, found

    def _deploys(self, service: Served, asked: Request) -> Answer:
        if asked.method == "GET":
            wanted = asked.values.get("status")
            rows = [each.row for each in reversed(service.deploys) if wanted in (None, each.status)]
            return HTTPStatus.OK, [
                {"deploy": row, "cursor": row["id"]} for row in rows[: int(asked.values.get("limit", 20))]
            ]
        image = str(asked.values.get("imageUrl", service.settings))
        if image.partition("@")[0] != re.sub(r"(@.*|:[^:/]*)$", "", str(service.settings)):
            return HTTPStatus.BAD_REQUEST, {"message": "imageUrl must match the image of the service"}
        before = service.under_way
        deploy = Deploy(id=f"dep-{len(service.deploys)}", image=image, status="queued")
        service.deploys.append(deploy)
        if not self.waits:
            for other in before:
                _end(other, "canceled")
        thread = threading.Thread(target=self._play, args=(service, deploy, before))
        self._threads.append(thread)
        thread.start()
        return (HTTPStatus.ACCEPTED, None) if self.waits and before else (HTTPStatus.CREATED, deploy.row)

    def _play(self, service: Served, deploy: Deploy, before: list[Deploy]) -> None:
        for other in before:
            other.over.wait()
        course = service.courses.pop(0) if service.courses else Course()
        for phase in course.phases:
            deploy.status = phase
            if deploy.over.wait(course.seconds):
                return
        if course.status != "live":
            _end(deploy, course.status)
            return
        wanted = course.runs or deploy.image
        with service.changing:
            if not deploy.over.is_set():
                service.rollout.to(wanted)
            if deploy.over.is_set():
                return
            if service.rollout.image != wanted:
                _end(deploy, "update_failed")
                return
            for other in service.deploys:
                if other.status == "live":
                    other.status = "deactivated"
            _end(deploy, "live")


def _end(deploy: Deploy, status: str) -> None:
    deploy.status = status
    deploy.over.set()
