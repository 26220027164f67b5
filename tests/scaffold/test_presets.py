"""A preset is its list of calls, and its hosts: done one by one, they make the same project, byte for byte."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bakegen import catalog
from bakegen.running import KEYS
from tests.scaffold.conftest import World, tree

PRESETS = catalog.load().presets


def commands(entry: Mapping[str, Any]) -> Iterator[str]:
    """What a person types for a service of a preset."""
    words = ["add-service", entry["name"], "--stack", entry["stack"]]
    words += [f"--{key}={entry[key]}" for key in ("path", "port", "publish", "budget") if key in entry]
    words += [f"--{key}={','.join(entry[key])}" for key in ("needs", "uses") if key in entry]
    words += [f"--option={name}={str(value).lower()}" for name, value in entry.get("options", {}).items()]
    yield shlex.join(words)
    if run := [f"{key}={entry[key]}".replace("{slug}", "shop") for key in KEYS if key in entry]:
        yield shlex.join(["set", entry["name"], *run])
    for name, variable in entry.get("env", {}).items():
        given = ["--secret", name] if variable.get("secret") else [f"{name}={variable['value']}"]
        yield shlex.join(["add-env", entry["name"], *given, "--description", variable["description"]])


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_its_list_of_commands(world: World, name: str) -> None:
    world.ok("bakegen", "new", "whole/shop", f"--preset={name}", "--set=git_init=false")
    world.ok("bakegen", "new", "parts/shop", "--preset=empty", "--set=git_init=false")
    parts, whole = world.folder / "parts" / "shop", world.folder / "whole" / "shop"
    for entry in PRESETS[name].services:
        for command in commands(entry):
            world.ok("bakegen", *shlex.split(command), cwd=parts)
    if PRESETS[name].hosts:
        file = parts / "bakegen.toml"
        line = rf"\1hosts = {json.dumps(PRESETS[name].hosts)}\n"
        file.write_text(re.sub(r"(?m)^(cache = .*\n)", line, file.read_text()))
        world.ok("bakegen", "sync", cwd=parts)
    assert tree(parts) == tree(whole)
    assert "In step" in world.ok("bakegen", "check", cwd=whole)
