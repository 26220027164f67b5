"""What does not go together in how services run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from bakegen.clash import Clash
from bakegen.model import Project, Service

PRE_DEPLOY = "pre-deploy"
LABEL = 63  # https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4: no host takes a longer name


def clashes(project: Project) -> Iterator[Clash]:
    """What does not go together in how services run."""
    domains: dict[str, str] = {}
    names = {service.name: "a service" for service in project.services}
    for service in project.services:
        yield from _of(project, service)
        for domain in service.run.domains:
            other = domains.setdefault(domain, service.name)
            if other != service.name:
                message = f"{domain} is a domain of {other} and of {service.name}"
                yield Clash(
                    key=("services", service.name, "domains"), message=message, hint="take it out of one of them"
                )
        for process in service.run.processes:
            name, key = f"{service.name}-{process}", ("services", service.name, "processes", process)
            if name in names:
                message = f"{name} is the process {process} of {service.name}, and {names[name]}"
                yield Clash(key=key, message=message, hint="give one another name")
            if len(name) > LABEL:
                message = f"{name}, the process {process} of {service.name}, has a name of {len(name)} letters"
                yield Clash(key=key, message=message, hint=f"at most {LABEL}")
            names.setdefault(name, f"the process {process} of {service.name}")


def _of(project: Project, service: Service) -> Iterator[Clash]:
    run = service.run

    def clash(key: str, message: str, hint: str) -> Clash:
        where = ("services", service.name, *key.split("."))
        return Clash(key=where, message=f"services.{service.name}.{message}", hint=hint)

    if run.domains and service.port is None:
        yield clash("domains", "domains needs a port", "add: port = 8000")
    if run.domains and run.public is False:
        yield clash("domains", "domains is for services that are public", "take out: public = false")
    if run.max_replicas is not None and run.max_replicas < run.replicas:
        message = f"max_replicas is {run.max_replicas}, and replicas {run.replicas}"
        yield clash("max_replicas", message, f"at least {run.replicas}")
    if project.region in run.regions:
        yield clash("regions", f"regions has {project.region}, where the project is anyway", "take it out")
    if run.pre_deploy is not None and PRE_DEPLOY in run.processes:
        message = f"processes has a {PRE_DEPLOY}, which is what hosts call the command before a deployment"
        yield clash(f"processes.{PRE_DEPLOY}", message, "give the process another name")
    commands = {
        "pre_deploy": run.pre_deploy or "",
        **{f"processes.{name}": text for name, text in run.processes.items()},
    }
    for key, command in commands.items():
        try:
            shlex.split(command)
        except ValueError as error:
            yield clash(key, f"{key} cannot be split into words: {str(error).lower()}", "close the quotes")
