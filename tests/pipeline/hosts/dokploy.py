"""Dokploy's API, with applications that are containers.

As the real one it has one queue for all deployments, puts a deployment on its list when it begins, reads the image
then, and calls it done when the rollout was ordered, whatever comes of that.
"""

import queue
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from .api import Answer, Api, Endpoint, Request
from .rollout import Rollout

KEY = "dkp-an-api-key-that-nobody-may-print"
KEYED = {"x-api-key": KEY}
TOKEN = "a-refresh-token-that-nobody-may-print"


def procedure(method: str, name: str, required: Mapping[str, type], optional: Mapping[str, type]) -> Endpoint:
    path = re.compile(re.escape(f"/api/{name}"))
    return Endpoint(method=method, path=path, required=required, optional=optional, headers=KEYED)


# What is used of the API of v0.30.2: https://github.com/Dokploy/dokploy, openapi.json and apps/dokploy/pages/api/deploy
TABLE = (
    procedure("GET", "application.one", {"applicationId": str}, {}),
    procedure("POST", "application.update", {"applicationId": str}, {"dockerImage": str}),
    procedure("POST", "application.deploy", {"applicationId": str}, {"title": str, "description": str}),
    procedure("GET", "deployment.all", {"applicationId": str}, {}),
    Endpoint(method="POST", path=re.compile(rf"/api/deploy/{TOKEN}-\w+")),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How a deployment goes: how long it takes, how it ends, and what then runs in place of what was asked for."""

    seconds: float = 0
    status: str = "done"
    runs: str = ""


@dataclass(kw_only=True, slots=True)
class Application:
    """`courses` are those of the next deployments, in order; without one a deployment goes well."""

    id: str
    image: str | None
    rollout: Rollout
    source: str = "docker"
    auto_deploy: bool = True
    status: str = "done"
    courses: list[Course] = field(default_factory=list)
    deployments: list[dict[str, Any]] = field(
        default_factory=lambda: [{"title": "Manual deployment", "status": "done"}]
    )


class Dokploy(Api):
    def __init__(self, applications: Iterable[Application]) -> None:
        super().__init__(TABLE)
        self.applications = {application.id: application for application in applications}
        self._queue: queue.Queue[tuple[Application, str] | None] = queue.Queue()
        self._worker = threading.Thread(target=self._work)

    def __enter__(self) -> Self:
        self._worker.start()
        return super().__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        super().__exit__(kind, error, at)
        self._queue.put(None)
        self._worker.join()

    def answer(self, asked: Request) -> Answer:
        values = asked.values
        name = asked.path.removeprefix("/api/")
        found = self.applications.get(values.get("applicationId", name.removeprefix(f"deploy/{TOKEN}-")))
        if found is None:
            return HTTPStatus.NOT_FOUND, {"message": "Application not found", "code": "NOT_FOUND"}
        if name == "application.one":
            return HTTPStatus.OK, _row(found)
        if name == "application.update":
            found.image = values.get("dockerImage", found.image)
            return HTTPStatus.OK, True
        if name == "application.deploy":
            self._queue.put((found, values.get("title", "Manual deployment")))
            return HTTPStatus.OK, None
        if name == "deployment.all":
            return HTTPStatus.OK, found.deployments[::-1][:10]
        return self._webhook(found)

    def _webhook(self, application: Application) -> Answer:
        if not application.auto_deploy:
            message = "Automatic deployments are disabled for this application"
            return HTTPStatus.BAD_REQUEST, {"message": message}
        if application.image is None:
            return HTTPStatus.MOVED_PERMANENTLY, {"message": "Application Docker Image Name Not Found"}
        self._queue.put((application, "NEW CHANGES"))
        return HTTPStatus.OK, {"message": "Application deployed successfully"}

    def _work(self) -> None:
        while job := self._queue.get():
            application, title = job
            course = application.courses.pop(0) if application.courses else Course()
            image = course.runs or application.image
            row = {"deploymentId": f"deployment-{title}", "title": title, "status": "running", "errorMessage": None}
            application.deployments.append(row)
            application.status = "running"
            self._closing.wait(course.seconds)
            row["status"] = course.status
            application.status = "done" if course.status == "done" else "error"
            if course.status == "done" and image:
                application.rollout.to(image)


def _row(application: Application) -> dict[str, object]:
    """What is used of an application, and some of what the real answer has too and nobody may print."""
    return {
        "applicationId": application.id,
        "applicationStatus": application.status,
        "dockerImage": application.image,
        "sourceType": application.source,
        "refreshToken": f"{TOKEN}-{application.id}",
        "env": "DATABASE_PASSWORD=a-password-that-nobody-may-print",
        "deployments": application.deployments,
    }
