"""A member of a pnpm workspace by each version of pnpm that is not the default: tested, built and run."""

from pathlib import Path

import pytest

from tests.engine.conftest import Engine
from tests.engine.services import CATALOG, SERVICES
from tests.engine.shop import get, scaffold

pytestmark = pytest.mark.long

MEMBER = SERVICES["gateway-pnpm"]
PORT = "26100"


@pytest.mark.parametrize("version", CATALOG.pnpm.versions[1:])
def test_a_member_is_tested_built_and_run(engine: Engine, tmp_path: Path, version: str) -> None:
    shop = scaffold(tmp_path, engine, [MEMBER], pnpm_version=version).under(f"pnpm-{version}/shop")
    assert f"pnpm@{CATALOG.pins.tools[f'pnpm-{version}']}" in (shop.folder / "workspace.Dockerfile").read_text("utf-8")
    compose = ("docker", "compose", f"--project-name=bakegen-pnpm-{version}", "--file=compose.yaml")
    settings = {"IMAGES": shop.images, "GATEWAY_PNPM_PORT": PORT}
    try:
        shop.bake(f"{MEMBER.name}-test", MEMBER.name)
        engine.run(*compose, "up", "--detach", "--wait", "--wait-timeout=120", cwd=shop.folder, **settings)
        for path, text in MEMBER.requests.items():
            assert text in get(f"http://127.0.0.1:{PORT}{path}")
    finally:
        engine.run(*compose, "down", "--volumes", "--timeout=5", "--rmi=local", cwd=shop.folder, **settings)
