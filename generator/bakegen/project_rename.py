"""A service under another name in bakegen.toml: its headers, `needs`, and the paths below its folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from bakegen.lock import moved
from bakegen.merge import toml
from bakegen.merge.splice import Splice, splice
from bakegen.project_document import values
from bakegen.project_file import checked, service_blocks

FILES = ("path", "context", "dockerfile")


def rename(data: bytes, old: str, new: str, path: str | None = None) -> bytes:
    """The file with the service under another name, in its headers and in `needs`, and with another path if given.

    What is said of files below its folder (`dockerfile`, `context`, `unmanaged`) goes along.

    The block moves to its sorted place, with its comments, if the blocks are sorted: there and back is no change.
    """
    expected = values(data)
    services = expected["services"]
    services[new] = services.pop(old)
    folders = {PurePosixPath(services[new]["path"]): PurePosixPath(path)} if path is not None else {}
    for service in services.values():
        if "needs" in service:
            service["needs"] = [new if need == old else need for need in service["needs"]]
        service |= {key: str(moved(PurePosixPath(service[key]), folders)) for key in FILES if key in service}
    unmanaged = expected.get("project", {}).get("unmanaged")
    if unmanaged:
        expected["project"]["unmanaged"] = [str(moved(PurePosixPath(item), folders)) for item in unmanaged]
    result = checked(
        splice(data, _renaming(data, old, new, folders)), expected, data, f"[services.{old}] cannot be renamed in"
    )
    names = [name for name, _, _ in service_blocks(data)]
    if names == sorted(set(names)):
        result = checked(_sorted(result), expected, data, f"[services.{old}] cannot be renamed in")
    return result


def _renaming(data: bytes, old: str, new: str, folders: Mapping[PurePosixPath, PurePosixPath]) -> list[Splice]:
    """The edits of headers, `needs` and paths that a rename takes."""
    edits: list[Splice] = []
    for table in toml.scan(data):
        if table.key[:2] == ("services", old):
            end = data.index(b"]", table.header)
            header = data[table.header : end]
            renamed = re.sub(
                rb"(\.\s*)([\"']?)%s\2(?=\s*(?:\.|$))" % re.escape(old.encode()),
                rb"\g<1>%s" % new.encode(),
                header,
                count=1,
            )
            edits.append(Splice(table.header, end, renamed))
        is_service = table.key[:1] == ("services",) and len(table.key) == 2  # noqa: PLR2004  (services and a name)
        for entry in table.entries:
            texts: dict[str, str] = {}
            if is_service and entry.key == ("needs",):
                texts = {old: new}
            elif (is_service and entry.key[0] in FILES) or (table.key, entry.key) == (("project",), ("unmanaged",)):
                texts = {str(source): str(target) for source, target in folders.items()}
            for text, other in texts.items():
                behind = rb"" if entry.key == ("needs",) else rb"(?:/[^\"'\n]*)?"
                quoted = rb"([\"'])%s(%s)\1" % (re.escape(text.encode()), behind)
                renamed = re.sub(quoted, rb"\g<1>%s\g<2>\g<1>" % other.encode(), data[entry.value : entry.end])
                edits.append(Splice(entry.value, entry.end, renamed))
    return edits


def _sorted(data: bytes) -> bytes:
    """The file with the one block that is not at its sorted place moved there, with its comments.

    What stands between two blocks stays there, so moving back gives the same bytes. Where a comment would come to
    belong to another block nothing moves.
    """
    blocks = service_blocks(data)
    texts = {each: data[start:end].rstrip(b"\r\n") for each, start, end in blocks}
    order = zip(blocks, sorted(texts), strict=True)
    result = splice(data, [Splice(start, start + len(texts[each]), texts[new]) for (each, start, _), new in order])
    now = {each: result[start:end].rstrip(b"\r\n") for each, start, end in service_blocks(result)}
    return result if now == texts else data
