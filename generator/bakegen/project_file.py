"""bakegen.toml written: what bakegen prints into it, and its edits by spans.

An edit is read again before it is given back: everything that it was not meant to change
must have kept its value, or it is refused.
"""

from __future__ import annotations

from typing import Any

from bakegen.catalog import Catalog
from bakegen.errors import RefusalError, UserError
from bakegen.merge import toml
from bakegen.merge.splice import Splice, newline_of, splice
from bakegen.model import Project, Service, Variable
from bakegen.project_reader import FILE, Lines, load, values

Answers = dict[str, Any]


def project_answers(project: Project) -> Answers:
    """The `[project]` and `[versions]` tables, with every default written out."""
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
        },
        "versions": {"node": project.versions.node, "python": project.versions.python},
    }


def service_answers(service: Service) -> Answers:
    """The keys of `[services.NAME]` that are set, in the order in which they are written."""
    answers: Answers = {"stack": service.stack.id, "path": str(service.path)}
    for key in ("port", "publish", "health"):
        if getattr(service, key) is not None:
            answers[key] = getattr(service, key)
    if service.needs:
        answers["needs"] = list(service.needs)
    if service.env:
        answers["env"] = {item.name: _env_answer(item) for item in service.env}
    return answers


def block(service: Service) -> str:
    """The `[services.NAME]` block as bakegen writes it, without a final newline: the only maker of such text."""
    answers = service_answers(service)
    env = answers.pop("env", {})
    lines = [f"[services.{service.name}]", *(_line(key, value) for key, value in answers.items())]
    if env:
        lines += [f"[services.{service.name}.env]", *(_line(key, value) for key, value in env.items())]
    return "\n".join(lines)


def quote(text: str) -> str:
    """A TOML basic string."""
    escapes = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    escaped = (escapes.get(char) or (f"\\u{ord(char):04X}" if char < " " or char == "\x7f" else char) for char in text)
    return f'"{"".join(escaped)}"'


def insert_service(data: bytes, service: Service, catalog: Catalog) -> bytes:
    """The file with the service's block at its sorted place, or behind the last service if they are not sorted.

    Raises UserError if the result is not a possible project, RefusalError if the file's shape allows no new block.
    """
    newline = newline_of(data)
    try:
        text = block(service).encode().replace(b"\n", newline)
    except UnicodeEncodeError:  # bytes of the command line that are no text
        raise UserError(f"a value of {service.name} is not UTF-8 text") from None
    blocks = _service_blocks(data)
    following = _following(blocks, service.name)
    if following is not None:
        edit = Splice(following, following, text + newline * 2)
    else:
        end = blocks[-1][2] if blocks else len(data)
        ended = data[:end].endswith(b"\n")  # a file without a final newline keeps its way
        edit = Splice(end, end, newline + text + newline if ended else newline * 2 + text)
    expected = values(data)
    expected.setdefault("services", {})[service.name] = service_answers(service)
    result = _checked(splice(data, [edit]), expected, data, f"[services.{service.name}] cannot be added to")
    try:
        load(result, catalog)
    except UserError as error:  # its line is one of a file that is never written
        raise UserError(error.message, hint=error.hint) from None
    return result


def remove_service(data: bytes, service: Service) -> bytes:
    """The file without the service's block: what `insert_service` made of a file becomes that file again.

    Raises RefusalError if the block holds anything else than bakegen would write there, such as a comment.
    """
    newline = newline_of(data)
    text = block(service).encode().replace(b"\n", newline)
    blocks = _service_blocks(data)
    start, end = next(((start, end) for name, start, end in blocks if name == service.name), (0, 0))
    if data[start:end].strip() != text:
        raise RefusalError(
            f"[services.{service.name}] has comments or a layout of your own, which would go with it",
            where=f"{FILE}:{Lines(data).line('services', service.name)}",
            hint="delete the table by hand, then run: bakegen sync",
        )
    if _following([each for each in blocks if each[0] != service.name], service.name) is not None:
        end += len(newline) if data.startswith(newline, end) else 0
    else:
        ended = data[:end].endswith(b"\n")
        gap = newline if ended and data[:start].endswith(newline * 2) else b"" if ended else newline * 2
        start = len(data[:start].removesuffix(gap))
    edit = Splice(start, end, b"")
    expected = values(data)
    del expected["services"][service.name]
    return _checked(splice(data, [edit]), expected, data, f"[services.{service.name}] cannot be removed from")


def _service_blocks(data: bytes) -> list[tuple[str, int, int]]:
    """Name, start and end of each run of `[services.NAME]` and its subtables, in file order."""
    blocks: list[tuple[str, int, int]] = []
    for table in toml.scan(data):
        if table.key[:1] != ("services",) or len(table.key) < 2:  # noqa: PLR2004  (services and a name)
            continue
        name = table.key[1]
        if blocks and blocks[-1][0] == name and not data[blocks[-1][2] : table.start].strip():
            blocks[-1] = (name, blocks[-1][1], table.end)
        else:
            blocks.append((name, table.start, table.end))
    return blocks


def _following(blocks: list[tuple[str, int, int]], name: str) -> int | None:
    """Where the first block behind the name's place starts; None if there is none, or the blocks are not sorted."""
    names = [each for each, _, _ in blocks]
    return next((start for each, start, _ in blocks if each > name), None) if names == sorted(names) else None


def _checked(result: bytes, expected: Answers, data: bytes, message: str) -> bytes:
    try:
        same = _filled(values(result)) == _filled(expected)
    except UserError:
        same = False
    if not same:
        line = Lines(data).line("services")
        hint = "write each service as a table of its own: [services.NAME]"
        raise RefusalError(f"{message} this {FILE}", where=f"{FILE}:{line}", hint=hint)
    return result


def _filled(document: Answers) -> Answers:
    """Without empty tables: the last service takes `services` along, unless that has a header of its own."""
    return {key: table for key, table in document.items() if table}


def _env_answer(item: Variable) -> str | Answers:
    if not item.secret and not item.description:
        return item.value
    answer: Answers = {"value": item.value} if item.value else {}
    if item.secret:
        answer["secret"] = True
    if item.description:
        answer["description"] = item.description
    return answer


def _line(key: str, value: object) -> str:
    line = f"{key} = {_value(value)}"
    if isinstance(value, list) and len(line) > 80:  # noqa: PLR2004  (where taplo breaks a line)
        return "\n".join([f"{key} = [", *(f"  {_value(item)}," for item in value), "]"])
    return line


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case list():
            return f"[{', '.join(_value(item) for item in value)}]"
        case dict():
            return f"{{ {', '.join(f'{key} = {_value(item)}' for key, item in value.items())} }}"
        case _:
            return quote(str(value))
