"""What bakegen prints into bakegen.toml: answers as plain data, and a service's block as text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bakegen.model import Project, Service
from bakegen.stack import Variable

Answers = dict[str, Any]


def project_answers(project: Project) -> Answers:
    """The tables of a project but its services, with every default written out."""
    return {
        "project": {
            "name": project.name,
            "slug": project.slug,
            "description": project.description,
            "repository": project.repository,
            "images": project.images,
            "platforms": list(project.platforms),
            "cache": project.cache,
            "unmanaged": [str(path) for path in project.unmanaged],
            "adopted": [str(path) for path in project.adopted],
            "hosts": [host.id for host in project.hosts],
            "region": project.region,
            "features": [feature.id for feature in project.features],
            "source": project.source,
            "mirrors": list(project.mirrors),
        },
        "pipeline": asdict(project.pipeline),
        "versions": {"node": project.versions.node, "python": project.versions.python, "pnpm": project.versions.pnpm},
    }


def service_answers(service: Service) -> Answers:
    """The keys of `[services.NAME]` that are set, in the order in which they are written."""
    build = service.build
    answers: Answers = {
        "stack": service.stack.id,
        "path": str(service.path),
        "port": service.port,
        "publish": service.publish,
        "health": service.health,
        "needs": list(service.needs),
        "budget": service.budget,
        **_run_answers(service),
        **{name: service.chosen[name] for name in service.stack.options if name in service.chosen},
        "uses": list(service.uses),
        "context": build.context,
        "dockerfile": build.dockerfile and str(build.dockerfile),
        "target": build.target,
        "build_secrets": list(build.secrets),
        "build_args": dict(service.build_args),
        "processes": dict(service.run.processes),
        "env": {item.name: env_answer(item) for item in service.env},
    }
    return {key: value for key, value in answers.items() if value is not None and value not in ([], {})}


def _run_answers(service: Service) -> Answers:
    """The keys of how it runs that are set, but `processes`."""
    values = {key: getattr(service.run, key) for key in service.run.stated}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def block(service: Service) -> str:
    """The `[services.NAME]` block as bakegen writes it, without a final newline: the only maker of such text."""
    answers = service_answers(service)
    tables = {key: answers.pop(key) for key in ("build_args", "processes", "env") if key in answers}
    lines = [f"[services.{service.name}]", *(line(key, value) for key, value in answers.items())]
    for key, table in tables.items():
        lines += [f"[services.{service.name}.{key}]", *(line(name, value) for name, value in table.items())]
    return "\n".join(lines)


def quote(text: str) -> str:
    """A TOML basic string."""
    escapes = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    escaped = (escapes.get(char) or (f"\\u{ord(char):04X}" if char < " " or char == "\x7f" else char) for char in text)
    return f'"{"".join(escaped)}"'


def env_answer(item: Variable) -> str | Answers:
    """The value of a variable's key: a string, or a table where there is more to say."""
    if not item.secret and not item.description:
        return item.value
    answer: Answers = {"value": item.value} if item.value and not item.secret else {}
    if item.secret:
        answer["secret"] = True
    if item.description:
        answer["description"] = item.description
    return answer


def line(key: str, value: object) -> str:
    """`key = value`; a list that is too long for a line has one item a line."""
    text = f"{key} = {value_text(value)}"
    if isinstance(value, list) and len(text) > 80:  # noqa: PLR2004  (where taplo breaks a line)
        return "\n".join([f"{key} = [", *(f"  {value_text(item)}," for item in value), "]"])
    return text


def value_text(value: object) -> str:
    """A value as TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case list():
            return f"[{', '.join(value_text(item) for item in value)}]"
        case dict():
            return f"{{ {', '.join(f'{key} = {value_text(item)}' for key, item in value.items())} }}"
        case _:
            return quote(str(value))
