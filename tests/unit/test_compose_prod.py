"""compose.prod.yaml: what its containers may do, and who reaches them; no engine is needed to see that."""

from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from bakegen.rules import BACKING
from tests.world import CATALOG, rendered, scaffold

PRESETS = tuple(name for name, preset in CATALOG.presets.items() if preset.services)


def production(preset: str) -> Any:
    """The file as YAML."""
    return yaml.safe_load(rendered(scaffold(preset=preset, hosts="compose"))[PurePosixPath("compose.prod.yaml")].text)


@pytest.mark.parametrize("preset", PRESETS)
def test_no_container_may_do_more_than_it_needs(preset: str) -> None:
    file = production(preset)
    for name, container in file["services"].items():
        assert container["read_only"], name
        assert (container["cap_drop"], container["security_opt"]) == (["ALL"], ["no-new-privileges:true"]), name
        assert container["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}, name
        assert container["logging"]["options"].keys() == {"max-file", "max-size"}, "or logs fill the disk"
        assert "container_name" not in container
        assert all(port.startswith("127.0.0.1:") for port in container.get("ports", ())), "a reverse proxy is before it"


def test_services_reach_the_databases_and_nobody_else() -> None:
    file = production("pnpm-monorepo")
    assert [name for name, network in file["networks"].items() if network["internal"]] == ["data"]
    for name in BACKING:
        container = file["services"][name]
        assert (container["networks"], container.get("ports"), len(container["volumes"])) == (["data"], None, 1), name
    assert "--appendonly yes" in " ".join(file["services"]["redis"]["command"]), "a queue survives a crash"
    assert file["services"]["worker"]["stop_grace_period"] == "1m"
