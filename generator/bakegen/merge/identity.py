"""What identifies an item of a list: so that an edited step is an edited step, and not one gone and another come.

Knows nothing of any format: YAML, JSON and TOML ask the same questions. The key that the list stands under decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# The entries that name an item, by the list's key; the first that the item has counts.
BY_LIST = {
    "env": ("name", "key"),
    "envVars": ("key", "name"),
    "packageRules": ("description",),
    "ports": ("containerPort", "target", "port", "name"),
    "updates": ("package-ecosystem",),
    "volumeMounts": ("mountPath", "name"),
    "volumes": ("target", "name"),
}
NAMES = ("id", "name", "uses", "key", "target", "source")

ASSIGNMENTS = frozenset({"annotations", "args", "build-args", "env", "environment", "labels", "literals"})
MOUNTS = frozenset({"devices", "volumes"})
COLLECTIONS = (
    ASSIGNMENTS
    | MOUNTS
    | BY_LIST.keys()
    | {"configs", "contexts", "depends_on", "extra_hosts", "group", "jobs", "links", "needs", "networks", "permissions"}
    | {"platforms", "secret", "secrets", "services", "ssh", "tags", "target", "variable"}
)
VARIABLE = re.compile(r"[^=\s${}]+(?==|$)")
PIECE = re.compile(r"(?:\$\{[^}]*\}|[^:])+|(?<=:)(?=:)")
DRIVE = re.compile(r"^[A-Za-z]$")


def identity(parent_key: str, entries: Mapping[str, str]) -> str | None:
    """The key of an item that is a map, from its entries that are scalars; None if nothing in it names it.

    `parent_key` is the key that the list stands under, empty for a list in a list.
    """
    for name in (*BY_LIST.get(parent_key, ()), *NAMES):
        text = entries.get(name)
        if not text:
            continue
        if name == "uses":
            return text.partition("@")[0]
        if parent_key == "ports" and name != "name":
            return _port(text, entries.get("protocol", ""))
        return text
    return None


def scalar_identity(parent_key: str, text: str) -> str | None:
    """The key of an item that is a scalar, where its text says more than its name; None if it is its text."""
    if parent_key == "ports":
        published, _, protocol = text.partition("/")
        pieces = PIECE.findall(published)
        return _port(pieces[-1], protocol) if pieces else None
    if parent_key in MOUNTS:
        pieces = PIECE.findall(text)
        if len(pieces) > 1 and DRIVE.match(pieces[0]) and pieces[1][:1] in ("\\", "/"):
            pieces[:2] = [f"{pieces[0]}:{pieces[1]}"]
        return pieces[1] if len(pieces) > 1 else None
    if parent_key in ASSIGNMENTS:
        found = VARIABLE.match(text)
        return found.group() if found else None
    return None


def is_collection(way: Iterable[str]) -> bool:
    """Whether what is in a container means the same with or without the rest of it; `way` are the keys that lead there.

    What is in a collection is none itself, whatever its key: a service may go by the name of `jobs`.
    """
    inside = False
    for key in way:
        inside = not inside and key in COLLECTIONS
    return inside


def _port(number: str, protocol: str) -> str:
    return number if protocol.lower() in ("", "tcp") else f"{number}/{protocol.lower()}"
