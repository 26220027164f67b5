"""Law 7 with the real bake: an `add-service` changes nothing for the targets that were there before."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.conftest import Engine
from tests.laws.projects import additions, requests
from tests.world import BAKE, World


@settings(max_examples=15)
@given(data=st.data())
def test_bake_prints_the_same_for_the_targets_of_before(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("print")
    addition = data.draw(additions())
    world = World.new(requests=[request for request in data.draw(requests()) if request.name != addition.name])
    before = _printed(engine, folder, world)
    world.add(addition)
    after = _printed(engine, folder, world)
    assert {target: after[target] for target in before} == before
    assert addition.name in after.keys() - before.keys()


def _printed(engine: Engine, folder: Path, world: World) -> dict[str, object]:
    (folder / BAKE).write_bytes(world.files[BAKE])
    text = engine.run("docker", "buildx", "bake", "--print", "default", "test", cwd=folder)
    targets: dict[str, object] = json.loads(text).get("target", {})
    return targets
