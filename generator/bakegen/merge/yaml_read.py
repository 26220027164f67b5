"""What PyYAML makes of a file: the second opinion about every merged YAML file.

Read from its events, so that nothing is expanded or lost: aliases and merge keys stay what is written.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from bakegen.merge.tree import Plain

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RESOLVER = yaml.resolver.Resolver()
STRING = "tag:yaml.org,2002:str"
# What YAML 1.2 reads as a number and PyYAML, which reads 1.1, as text.
ONLY_IN_1_2 = re.compile(r"[-+]?(?:[0-9]+|0o[0-7]+|[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+|\.[0-9]+(?:[eE][-+]?[0-9]+)?)")


NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def read(data: bytes) -> Plain:
    """The file as maps, lists and scalars, each of which is a text that tells its kind too.

    Raises ValueError if it is not YAML.
    """
    try:
        documents = _documents(yaml.parse(data, Loader=LOADER))
    except (yaml.YAMLError, RecursionError, UnicodeError) as error:
        raise ValueError(f"PyYAML: {error}") from None
    only = documents[0] if documents else None
    if len(documents) > 1 or _is_manifest(only):
        return documents
    if only is None:
        return {}
    return only if isinstance(only, dict | list) and not isinstance(only, _Tagged) else [only]


def _is_manifest(document: Plain) -> bool:
    """Whether it says what it makes: a file of manifests is a list, be it of one."""
    return _has(document, "kind") and isinstance(document, dict) and _has(document.get("metadata"), "name")


def _has(value: Plain, key: str) -> bool:
    """Whether it is a map with a text at that key."""
    found = value.get(key) if isinstance(value, dict) else None
    return isinstance(found, str) and found[:2] in {"s:", "p:"} and found not in {"s:", "p:null"}


class _Tagged(dict[str, Plain]):
    """A collection by its tag."""


class _Open:
    """A collection whose end has not been read."""

    def __init__(self, event: Any) -> None:
        self.tag = _tag(event)
        self.is_map = isinstance(event, yaml.MappingStartEvent)
        self.key: str | None = None
        self.items: list[Plain] = []
        self.entries: dict[str, list[Plain]] = {}

    def add(self, value: Plain, text: str | None) -> None:
        """One more item, or a key, or its value; `text` is a scalar's content."""
        if not self.is_map:
            self.items.append(value)
        elif self.key is not None:
            self.entries.setdefault(self.key, []).append(value)
            self.key = None
        elif text is None:
            raise ValueError("a key that is not a scalar")
        else:
            self.key = text

    def closed(self) -> Plain:
        """The collection. A key that is there twice has the list of its values."""
        value: Plain = self.items
        if self.is_map:
            value = {key: found[0] if len(found) == 1 else found for key, found in self.entries.items()}
        return _Tagged({self.tag: value}) if self.tag else value


def _documents(events: Any) -> list[Plain]:
    documents: list[Plain] = []
    waiting: list[_Open] = []
    for event in events:
        text = None
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            waiting.append(_Open(event))
            continue
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            value: Plain = waiting.pop().closed()
        elif isinstance(event, yaml.AliasEvent):
            value = f"*{event.anchor}"
        elif isinstance(event, yaml.ScalarEvent):
            value, text = _scalar(event), event.value
        else:
            continue
        if waiting:
            waiting[-1].add(value, text)
        else:
            absent = text == "" and not event.style and event.tag is None and event.anchor is None
            documents.append(None if absent else value)
    return documents


def _tag(event: Any) -> str:
    if event.tag in (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
        return ""
    return str(event.tag)


def _scalar(event: Any) -> str:
    text = str(event.value)
    if event.tag in (STRING, "!"):
        return f"s:{text}"
    kind = f"s:{text}" if event.style else _plain(text)
    return kind if event.tag is None else f"{event.tag} {kind}"


def _plain(text: str) -> str:
    if text in NULLS:
        return "p:null"
    tag: str = RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    if tag == "tag:yaml.org,2002:bool" and text.lower() in ("true", "false"):
        return f"p:{text.lower()}"
    return f"s:{text}" if tag == STRING and not ONLY_IN_1_2.fullmatch(text) else f"p:{text}"
