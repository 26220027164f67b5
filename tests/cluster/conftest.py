"""The Kubernetes cluster, for every test in this folder: brought up once, or the one that is up already.

A machine that cannot have it fails these tests, with the reason; nothing is skipped.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import machine
from tests.engine import machine as engine
from tests.engine.machine.emulation import NATIVE
from tests.pipeline.shop import scaffold

HERE = Path(__file__).parent
REVISIONS = ("1" * 40, "2" * 40)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """The cluster as a test sees it: the environment of its client, which is the engine's too."""

    environment: dict[str, str]

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """Standard output of kubectl, which must succeed."""
        command = ("kubectl", *arguments)
        done = subprocess.run(
            command, env=self.environment, input=given, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def get(self, *what: str) -> Any:
        """`kubectl get`, as the value of its JSON."""
        return json.loads(self.kubectl("get", "--output=json", *what))

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "--filename=-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The running cluster, and the engine; each stopped afterwards if it was started here."""
    try:
        engine_started = engine.up()
        started = machine.up()
    except engine.EngineError as error:
        pytest.fail(f"no cluster: {error}", pytrace=False)
    yield Cluster(environment=machine.environment())
    if started:
        machine.down()
    if engine_started:
        engine.down()


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> list[str]:
    """The image of a FastAPI service `api`, published twice: names with the digests of two revisions."""
    shop = scaffold(tmp_path_factory.mktemp("releases"), cluster.environment)
    shop.bakegen("add-service", "api", "--stack=fastapi")
    found = []
    for revision in REVISIONS:
        file = shop.scratch() / "metadata.json"
        command = ("docker", "buildx", "bake", f"--metadata-file={file}", "api")
        shop.command(*command, PUSH_BY_DIGEST="true", PLATFORMS=f"linux/{NATIVE}", REVISION=revision)
        digest = json.loads(file.read_text(encoding="utf-8"))["api"]["containerimage.digest"]
        found.append(f"{shop.image('api')}@{digest}")
    return found


@pytest.fixture(scope="session")
def namespace(cluster: Cluster) -> Iterator[str]:
    """A namespace that takes only pods which keep to the restricted standard."""
    name = "restricted"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")
