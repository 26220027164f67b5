"""A Dokploy that is set up through its API: projects, environments, databases, applications and domains.

As in v0.30.2 of https://github.com/Dokploy/dokploy: packages/server/src/db/schema says what is taken,
apps/dokploy/server/api/routers and packages/server/src/services what it does, openapi.json how it is called.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import Any

from .api import Answer, Api, Request
from .dokploy import procedure

Row = dict[str, Any]

APP_NAME = re.compile(r"[a-zA-Z0-9._-]{1,63}")
PASSWORD = re.compile(r"[a-zA-Z0-9@#%^&*()_+\-=\[\]{}|;:,.<>?~`]*")
NUMBERS = ("Parallelism", "Delay", "Monitor", "MaxFailureRatio")
UPDATE = dict.fromkeys(NUMBERS, int) | {"FailureAction": str, "Order": str}
SWARM: Mapping[str, Mapping[str, type]] = {
    "healthCheckSwarm": {"Test": list} | dict.fromkeys(("Interval", "Timeout", "StartPeriod", "Retries"), int),
    "restartPolicySwarm": {"Condition": str} | dict.fromkeys(("Delay", "MaxAttempts", "Window"), int),
    "rollbackConfigSwarm": UPDATE,
    "updateConfigSwarm": UPDATE,
}
LIMITS = ("cpuLimit", "cpuReservation", "memoryLimit", "memoryReservation")
SETTINGS: Mapping[str, type] = (
    dict.fromkeys((*LIMITS, "dockerImage", "env", "password", "registryUrl", "sourceType", "username"), str)
    | {"args": list, "replicas": int, "stopGracePeriodSwarm": int}
    | dict.fromkeys(SWARM, dict)
)
NEW = {"appName": str, "description": str, "serverId": str}
DATABASE = {"name": str, "databasePassword": str, "environmentId": str}
POSTGRES = DATABASE | {"databaseName": str, "databaseUser": str}
DOMAIN = {"applicationId": str, "certificateType": str, "domainType": str, "https": bool, "path": str, "port": int}

TABLE = (
    procedure("GET", "project.all", {}, {}),
    procedure("POST", "project.create", {"name": str}, {"description": str, "env": str}),
    procedure("POST", "environment.create", {"name": str, "projectId": str}, {"description": str}),
    procedure("GET", "environment.one", {"environmentId": str}, {}),
    procedure("POST", "application.create", {"name": str, "environmentId": str}, NEW),
    procedure("GET", "application.one", {"applicationId": str}, {}),
    procedure("POST", "application.update", {"applicationId": str}, SETTINGS),
    procedure("POST", "domain.create", {"host": str}, DOMAIN),
    procedure("POST", "domain.update", {"domainId": str, "host": str}, DOMAIN),
    procedure("POST", "postgres.create", POSTGRES, NEW | {"dockerImage": str}),
    procedure("POST", "redis.create", DATABASE, NEW | {"dockerImage": str}),
    *(procedure("GET", f"{name}.one", {f"{name}Id": str}, {}) for name in ("postgres", "redis")),
    *(procedure("POST", f"{name}.deploy", {f"{name}Id": str}, {}) for name in ("postgres", "redis")),
)

# dotenv's own, by which Dokploy reads variables: https://github.com/motdotla/dotenv/blob/v16.4.5/lib/main.js
LINE = re.compile(
    r"""^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)"""
    r"""(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:\#.*)?$""",
    re.MULTILINE,
)


def variables(text: str) -> dict[str, str]:
    """What a container gets of an application's `env`."""
    found = {}
    for name, raw in LINE.findall(text):
        value = raw.strip()
        bare = re.sub(r"^(['\"`])([\s\S]*)\1$", r"\2", value)
        found[name] = bare.replace("\\n", "\n") if value.startswith('"') else bare
    return found


def _rules(kind: str, name: str, values: Mapping[str, Any]) -> dict[str, bool]:
    """What its schemas say of values beyond their types, each with whether these break it."""
    swarm = {key: values[key] for key in SWARM if key in values}
    return {
        "App name can only contain letters, numbers, dots, underscores and hyphens": not APP_NAME.fullmatch(
            values.get("appName", "app")
        ),
        "Password contains invalid characters": not PASSWORD.fullmatch(values.get("databasePassword", "")),
        "Required: certificateType": "https" in values and "certificateType" not in values,
        "You cannot create a environment with the name 'production'": (kind, name) == ("environment", "create")
        and values["name"] == "production",
        # Dokploy takes others too, and reads another number than was meant.
        "Limits are whole numbers, of bytes and of billionths of a core": any(
            not values.get(key, "1").isdecimal() for key in LIMITS
        ),
        "Unrecognized key or wrong type": any(
            not isinstance(value, SWARM[key].get(name, ())) for key in swarm for name, value in swarm[key].items()
        ),
        "Required: Parallelism, Order": any(
            SWARM[key] is UPDATE and not {"Parallelism", "Order"} <= swarm[key].keys() for key in swarm
        ),
    }


@dataclass(kw_only=True, slots=True)
class Store:
    """Rows by their kind and ID: `project-1`."""

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def add(self, kind: str, **row: Any) -> Row:
        name = f"{kind}-{next(self.numbers)}"
        self.rows.setdefault(kind, {})[name] = row | {f"{kind}Id": name}
        return self.rows[kind][name]

    def of(self, kind: str, **wanted: Any) -> list[Row]:
        """The rows of a kind that have these values."""
        return [row for row in self.rows.get(kind, {}).values() if wanted.items() <= row.items()]


class Installation(Api):
    def __init__(self) -> None:
        super().__init__(TABLE)
        self.store = Store()

    @property
    def orders(self) -> list[str]:
        """The procedures that change something, in the order of their calls."""
        return [request.path.removeprefix("/api/") for request in self.requests if request.method == "POST"]

    def application(self, name: str) -> Row:
        (found,) = self.store.of("application", name=name)
        return found

    def environment(self, name: str) -> dict[str, str]:
        """The variables that an application runs with."""
        return variables(self.application(name)["env"] or "")

    def answer(self, asked: Request) -> Answer:
        kind, _, name = asked.path.removeprefix("/api/").partition(".")
        values = asked.values
        if refusals := [text for text, broken in _rules(kind, name, values).items() if broken]:
            self.wrong.append(f"{asked.path}: {refusals}")
            return HTTPStatus.BAD_REQUEST, {"message": refusals[0], "code": "BAD_REQUEST"}
        if name == "all":
            return HTTPStatus.OK, [self._project(row) for row in self.store.of("project")]
        if name == "create":
            return HTTPStatus.OK, self._create(kind, values)
        found = self.store.rows.get(kind, {}).get(values[f"{kind}Id"])
        if found is None:
            return HTTPStatus.NOT_FOUND, {"message": f"{kind.title()} not found", "code": "NOT_FOUND"}
        if name != "one":
            found |= {"applicationStatus": "done"} if name == "deploy" else values
        return HTTPStatus.OK, self._one(kind, found)

    def _create(self, kind: str, values: Mapping[str, Any]) -> object:
        if kind == "project":
            project = self.store.add("project", **values)
            environment = self.store.add("environment", name="production", projectId=project["projectId"])
            return {"project": project, "environment": environment}
        if kind in {"domain", "environment"}:
            return self.store.add(kind, **values)
        row = self.store.add(kind, **values, applicationStatus="idle")
        row["appName"] = f"{values.get('appName', 'app-override-open-source-bus').lower()}-{row[f'{kind}Id'][-6:]:x>6}"
        if kind == "application":
            row |= dict.fromkeys(SETTINGS) | {"sourceType": "github", "replicas": 1, "command": None}
        return row

    def _project(self, row: Row) -> Row:
        """As in a list, where most of what an environment has is left out."""
        rows = self.store.of("environment", projectId=row["projectId"])
        return row | {"environments": [{key: each[key] for key in ("environmentId", "name")} for each in rows]}

    def _one(self, kind: str, row: Row) -> Row:
        if kind == "application":
            return row | {"domains": self.store.of("domain", applicationId=row["applicationId"])}
        if kind == "environment":
            lists = {"applications": "application", "postgres": "postgres", "redis": "redis", "mysql": "mysql"}
            within = {"environmentId": row["environmentId"]}
            return row | {
                name: [{key: each[key] for key in (f"{one}Id", "name")} for each in self.store.of(one, **within)]
                for name, one in lists.items()
            }
        return row
