"""Railway's API, with services that are containers.

A GraphQL server with the part of the real schema that a deployment uses, so that a field, an argument or a type that the
real one does not know is refused here too. As there, a new image alone deploys nothing, a deployment goes its way by
itself, an error has the status 200, and a project token stands for one environment.
"""

import re
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, TypeVar

from graphql import FieldNode, OperationDefinitionNode, build_schema, graphql_sync, parse

from .api import Answer, Api, Endpoint, Request
from .rollout import Rollout
from .script import SECRET

TOKEN = f"railway-project-token-{SECRET}"
PROJECT, ENVIRONMENT = "a-project", "an-environment"
PATH = "/graphql/v2"

# The operations in src/gql of https://github.com/railwayapp/cli, and the pages on services and deployments of
# https://docs.railway.com/integrations/api
SCHEMA = build_schema("""
scalar DeploymentMeta
enum DeploymentStatus {
  BUILDING CRASHED DEPLOYING FAILED INITIALIZING NEEDS_APPROVAL QUEUED REMOVED REMOVING SKIPPED SLEEPING SUCCESS WAITING
}
type ProjectToken { projectId: String! environmentId: String! }
type Project { id: String! name: String! services(after: String, first: Int): ProjectServicesConnection! }
type ProjectServicesConnection { edges: [ProjectServicesConnectionEdge!]! }
type ProjectServicesConnectionEdge { node: Service! }
type Service { id: String! name: String! }
type ServiceInstance {
  serviceName: String!
  source: ServiceSource
  latestDeployment: Deployment
  activeDeployments: [Deployment!]!
}
type ServiceSource { image: String repo: String }
type Deployment { id: String! status: DeploymentStatus! meta: DeploymentMeta }
input ServiceInstanceUpdateInput { source: ServiceSourceInput startCommand: String }
input ServiceSourceInput { image: String repo: String }
type Query {
  projectToken: ProjectToken!
  project(id: String!): Project!
  serviceInstance(serviceId: String!, environmentId: String!): ServiceInstance!
  deployment(id: String!): Deployment!
}
type Mutation {
  serviceInstanceUpdate(serviceId: String!, environmentId: String, input: ServiceInstanceUpdateInput!): Boolean!
  serviceInstanceDeployV2(serviceId: String!, environmentId: String!, commitSha: String): String!
}
""")
TABLE = (Endpoint(method="POST", path=re.compile(PATH), required={"query": str}, optional={"variables": dict}),)
Kind = TypeVar("Kind")
GONE = ("CRASHED", "FAILED", "REMOVED", "SKIPPED")


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How a deployment goes: how long it takes, how it ends, what then runs in place of what was asked for, which image
    Railway says that it is, and whether it crashes after a moment.
    """

    seconds: float = 0
    status: str = "SUCCESS"
    runs: str = ""
    says: str = ""
    crashes: bool = False


@dataclass(kw_only=True, slots=True)
class Deployment:
    id: str
    status: str
    meta: Mapping[str, str]


@dataclass(kw_only=True, slots=True)
class Service:
    """`courses` are those of the next deployments, in order; without one a deployment goes well."""

    name: str
    image: str | None
    rollout: Rollout
    repo: str | None = None
    courses: list[Course] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def id(self) -> str:
        return f"service-{self.name}"


@dataclass(kw_only=True, slots=True)
class _Fault:
    operation: str
    status: int
    message: str
    times: int
    skip: int


class Railway(Api):
    """`elsewhere` are services of the project that the environment of the token does not have.

    `operations` are those that came: field, service, and the status that went out. `orders` are the mutations, each with
    the service and the status that the newest deployment of the first service had then.
    """

    def __init__(self, services: Iterable[Service], elsewhere: Iterable[str] = ()) -> None:
        super().__init__(TABLE)
        self.services = {service.name: service for service in services}
        self.elsewhere = tuple(elsewhere)
        self.operations: list[tuple[str, str, int]] = []
        self.orders: list[tuple[str, str, str]] = []
        self._refusals: list[_Fault] = []
        self._threads: list[threading.Thread] = []

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        super().__exit__(kind, error, at)
        for thread in self._threads:
            thread.join()

    def refuse(
        self, operation: str, status: int = 200, *, message: str = "Played", times: int = 1, skip: int = 0
    ) -> None:
        """Answer the next requests for an operation with an error, after `skip` good ones; 0 is no answer at all."""
        self._refusals.append(_Fault(operation=operation, status=status, message=message, times=times, skip=skip))

    def statuses(self, operation: str) -> list[int]:
        """What went out for an operation, in order."""
        return [status for name, _, status in self.operations if name == operation]

    def answer(self, asked: Request) -> Answer:
        if asked.headers.get("project-access-token") != TOKEN:
            return HTTPStatus.OK, _errors("Project Token not found")
        operation = _operation(asked.values["query"])
        fault = self._refusal(operation)
        variables = asked.values.get("variables", {})
        status: int = HTTPStatus.OK if fault is None else fault.status
        self.operations.append((operation, str(variables.get("service", "")), status))
        if fault is not None:
            return status, _errors(fault.message)
        done = graphql_sync(SCHEMA, asked.values["query"], root_value=self._root(), variable_values=variables)
        self.wrong += [str(error) for error in done.errors or () if error.original_error is None]
        return status, done.formatted

    def deploy(self, service: Service) -> str:
        """A deployment of the image that the service has now, which is newer than all others of it."""
        for each in service.deployments:
            each.status = each.status if each.status in {"SUCCESS", *GONE} else "REMOVED"
        course = service.courses.pop(0) if service.courses else Course()
        image = service.image or ""
        deployment = Deployment(id=str(uuid.uuid4()), status="QUEUED", meta={"image": course.says or image})
        service.deployments.append(deployment)
        thread = threading.Thread(target=self._go, args=(service, deployment, course, course.runs or image))
        self._threads.append(thread)
        thread.start()
        return deployment.id

    def _go(self, service: Service, deployment: Deployment, course: Course, image: str) -> None:
        for status in ("INITIALIZING", "DEPLOYING"):
            deployment.status = status
            self._closing.wait(course.seconds / 2)
        with service.turn:
            if deployment is not service.deployments[-1]:
                return
            if course.status == "SUCCESS":
                service.rollout.to(image)
        deployment.status = course.status if course.status != "SUCCESS" or service.rollout.image == image else "FAILED"
        if deployment.status == "SUCCESS":
            for each in service.deployments[:-1]:
                each.status = "REMOVED" if each.status == "SUCCESS" else each.status
        if course.crashes:
            self._closing.wait(0.3)
            deployment.status = "CRASHED"

    def _refusal(self, operation: str) -> _Fault | None:
        for fault in self._refusals:
            if fault.operation == operation and fault.times:
                if fault.skip:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                return fault
        return None

    def _root(self) -> Mapping[str, Callable[..., object]]:
        """What GraphQL asks for the fields of Query and Mutation."""
        return {
            "projectToken": lambda _: {"projectId": PROJECT, "environmentId": ENVIRONMENT},
            "project": lambda _, **ids: self._project(ids["id"]),
            "serviceInstance": lambda _, **ids: _instance(self._service(ids)),
            "deployment": lambda _, **ids: self._deployment(ids["id"]),
            "serviceInstanceUpdate": lambda _, **ids: self._update(self._service(ids), ids["input"]),
            "serviceInstanceDeployV2": lambda _, **ids: self._deploy(self._service(ids)),
        }

    def _project(self, found: str) -> object:
        _known(PROJECT, found, "Project")
        nodes = [{"node": {"id": f"service-{name}", "name": name}} for name in (*self.services, *self.elsewhere)]
        return {"id": PROJECT, "name": "shop", "services": {"edges": nodes}}

    def _service(self, ids: Mapping[str, Any]) -> Service:
        _known(ENVIRONMENT, ids["environmentId"], "Environment")
        found = [service for service in self.services.values() if service.id == ids["serviceId"]]
        return _only(found, "ServiceInstance")

    def _deployment(self, found: str) -> Deployment:
        every = [each for service in self.services.values() for each in service.deployments]
        return _only([each for each in every if each.id == found], "Deployment")

    def _update(self, service: Service, values: Mapping[str, Any]) -> bool:
        self._ordered("update", service)
        service.image = values["source"]["image"]
        return True

    def _deploy(self, service: Service) -> str:
        self._ordered("deploy", service)
        return self.deploy(service)

    def _ordered(self, order: str, service: Service) -> None:
        first = next(iter(self.services.values()))
        self.orders.append((order, service.name, first.deployments[-1].status if first.deployments else ""))


def _operation(query: str) -> str:
    """The field that a request asks for, or orders."""
    (definition,) = parse(query).definitions
    assert isinstance(definition, OperationDefinitionNode)
    (selection,) = definition.selection_set.selections
    assert isinstance(selection, FieldNode)
    return selection.name.value


def _instance(service: Service) -> object:
    return {
        "serviceName": service.name,
        "source": {"image": service.image, "repo": service.repo},
        "latestDeployment": service.deployments[-1] if service.deployments else None,
        "activeDeployments": [each for each in service.deployments if each.status == "SUCCESS"],
    }


def _known(known: str, found: str, kind: str) -> None:
    if found != known:
        raise LookupError(f"{kind} not found")


def _only(found: list[Kind], kind: str) -> Kind:
    if not found:
        raise LookupError(f"{kind} not found")
    return found[0]


def _errors(message: str) -> object:
    return {"data": None, "errors": [{"message": message}]}
