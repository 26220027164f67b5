"""A check of our own of Render Blueprints. Render's schema is on its web site alone: this is none of it.

Keys, values and rules are those of https://render.com/docs/blueprint-spec; the names of plans and regions are those of
Render's API, as https://github.com/render-oss/cli has them (pkg/client/types_gen.go). It is narrower than Render: it
knows services from images, Key Value and databases, and nothing that render.yaml of a project does not use.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

REGIONS = {"oregon", "ohio", "virginia", "frankfurt", "singapore"}
POLICIES = {"allkeys-lru", "volatile-lru", "allkeys-random", "volatile-random", "volatile-ttl", "noeviction"}
COMPUTE = {
    *("0.5c-512mb", "1c-2g", "2c-4g", "2c-8g", "2c-16g", "4c-8g", "4c-16g", "4c-32g"),
    *("8c-16g", "8c-32g", "8c-64g", "12c-24g", "12c-48g", "12c-96g"),
}
KEY_VALUE = {"256mb", "1g", "5g", "10g", "20g", "40g"}
POSTGRES = {"0.1c-256mb", "0.5c-1g"}

RUNS = {"type", "name", "runtime", "image", "region", "plan", "numInstances", "scaling", "maxShutdownDelaySeconds"}
RUNS |= {"preDeployCommand", "dockerCommand", "envVars"}
KEYS = {
    "web": RUNS | {"healthCheckPath", "domains"},
    "pserv": RUNS,
    "worker": RUNS,
    "keyvalue": {"type", "name", "region", "plan", "maxmemoryPolicy", "ipAllowList"},
}
DATABASE = {"name", "region", "plan", "ipAllowList"}
SOURCES = {"value", "generateValue", "sync", "fromDatabase", "fromService"}
PROPERTIES = {
    "web": {"host", "port", "hostport"},
    "pserv": {"host", "port", "hostport"},
    "keyvalue": {"host", "port", "connectionString"},
}
# What Render sets by itself: https://render.com/docs/environment-variables
DEFAULTS = {"web": {"RENDER_EXTERNAL_URL", "RENDER_EXTERNAL_HOSTNAME"}}


def problems(text: str) -> list[str]:
    """What is wrong with a Blueprint, if anything."""
    found = yaml.safe_load(text)
    if not isinstance(found, dict) or not {"services"} <= found.keys() <= {"services", "databases"}:
        return ["has other keys than services and databases"]
    services, databases = found["services"], found.get("databases", [])
    names = [each.get("name") for each in (*services, *databases)]
    said = [f"{name} is there twice" for name in names if names.count(name) > 1]
    if len({each.get("region") for each in (*services, *databases)}) > 1:
        said.append("services in different regions do not reach each other")
    for each in services:
        said += [f"{each.get('name')}: {problem}" for problem in _service(each, services, databases)]
    for each in databases:
        said += [f"{each.get('name')}: {problem}" for problem in _stored(each, DATABASE, POSTGRES)]
    return said


def _service(service: Mapping[str, Any], services: Sequence[Any], databases: Sequence[Any]) -> Iterator[str]:
    kind = service.get("type")
    if kind not in KEYS:
        yield f"has the type {kind}"
        return
    if kind == "keyvalue":
        yield from _stored(service, KEYS[kind], KEY_VALUE)
        if service.get("maxmemoryPolicy") not in POLICIES:
            yield "has a wrong maxmemoryPolicy"
        return
    yield from _keys(service, KEYS[kind], {"name", "runtime", "image", "region", "plan"})
    if service.get("runtime") != "image" or service.get("plan") not in COMPUTE:
        yield "has a wrong runtime or plan"
    yield from _image(service.get("image", {}))
    if not 1 <= service.get("maxShutdownDelaySeconds", 30) <= 300:
        yield "has a wrong maxShutdownDelaySeconds"
    if not all(isinstance(service.get(key, "x"), str) for key in ("dockerCommand", "preDeployCommand")):
        yield "has a command that is no text"
    yield from _instances(service)
    for entry in service.get("envVars", []):
        yield from (f"{entry.get('key')} {problem}" for problem in _variable(entry, services, databases))
    keys = [entry.get("key") for entry in service.get("envVars", [])]
    if len(keys) != len(set(keys)):
        yield "has a variable twice"


def _keys(found: Mapping[str, Any], known: set[str], required: set[str]) -> Iterator[str]:
    if found.keys() - known or required - found.keys():
        yield f"has unknown keys {sorted(found.keys() - known)}, and lacks {sorted(required - found.keys())}"
    if found.get("region") not in REGIONS:
        yield "has a wrong region"


def _stored(found: Mapping[str, Any], keys: set[str], plans: set[str]) -> Iterator[str]:
    yield from _keys(found, keys, keys)
    if found.get("plan") not in plans:
        yield "has a wrong plan"
    if found.get("ipAllowList") != []:
        yield "is open to the internet"


def _image(image: Mapping[str, Any]) -> Iterator[str]:
    if not image.get("url") or image.keys() - {"url", "creds"}:
        yield "has a wrong image"
    credentials = image.get("creds", {"fromRegistryCreds": {"name": "none needed"}})
    if credentials.keys() != {"fromRegistryCreds"} or not credentials["fromRegistryCreds"].get("name"):
        yield "has a wrong credential"


def _instances(service: Mapping[str, Any]) -> Iterator[str]:
    if ("numInstances" in service) == ("scaling" in service):
        yield "has one of numInstances and scaling"
    scaling = service.get("scaling", {"minInstances": 1, "maxInstances": 1, "targetCPUPercent": 90})
    least, most = scaling.get("minInstances", 0), scaling.get("maxInstances", 0)
    if not 1 <= least <= most <= 100 or not 1 <= service.get("numInstances", 1) <= 100:
        yield "has a wrong number of instances"
    targets = scaling.keys() - {"minInstances", "maxInstances"}
    if not targets or targets - {"targetCPUPercent", "targetMemoryPercent"}:
        yield "scales by nothing"
    if not all(1 <= scaling[target] <= 90 for target in targets):
        yield "scales at a wrong load"


def _variable(entry: Mapping[str, Any], services: Sequence[Any], databases: Sequence[Any]) -> Iterator[str]:
    sources = entry.keys() - {"key"}
    if not isinstance(entry.get("key"), str) or len(sources) != 1 or sources - SOURCES:
        yield f"comes from {sorted(sources)}"
        return
    (source,) = sources
    value = entry[source]
    if source == "value" and not isinstance(value, str):
        yield "has a value that is no text"
    if source == "sync" and value is not False:
        yield "has a sync that is not false"
    if source == "fromDatabase":
        if value.get("name") not in {each["name"] for each in databases}:
            yield "comes from no database"
        if value.keys() != {"name", "property"} or value["property"] != "connectionString":
            yield "is no property of a database"
    if source == "fromService":
        yield from _reference(value, services)


def _reference(value: Mapping[str, Any], services: Sequence[Any]) -> Iterator[str]:
    kind = value.get("type")
    found = [each for each in services if (each.get("type"), each.get("name")) == (kind, value.get("name"))]
    if not found:
        yield "comes from no service"
        return
    if value.keys() == {"type", "name", "property"}:
        if value["property"] not in PROPERTIES.get(str(kind), set()):
            yield f"is no property of a {kind}"
    elif value.keys() == {"type", "name", "envVarKey"}:
        own = {entry["key"] for entry in found[0].get("envVars", []) if "fromService" not in entry}
        if value["envVarKey"] not in own | DEFAULTS.get(str(kind), set()):
            yield f"is no variable of {value['name']}"
    else:
        yield "comes from more than one thing of a service"
