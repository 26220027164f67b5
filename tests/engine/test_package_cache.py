"""After a change of the lock file the install step runs again, and fetches no archive that the builder has already.

What it may ask for is metadata: a lock file that names no registry leaves it to the package manager where an archive is.
"""

from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from tests.engine.conftest import Engine
from tests.engine.registries import registries
from tests.engine.services import SERVICES
from tests.engine.shop import Shop, change_locks, install_stages, scaffold
from tests.engine.steps import build
from tests.engine.tunnels import tunnels

# One service for each package manager that can be sent to another registry, and for each whose lock file names one.
SENT = ("api-pip", "gateway", "gateway-pnpm")
BOUND = ("api", "backend-poetry")
FILES = "files.pythonhosted.org"
Counts = Mapping[str, tuple[int, int]]


@pytest.fixture(scope="module")
def fetched(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Service -> archives that were fetched into an empty cache, and after a change of the lock file."""
    shop = scaffold(tmp_path_factory.mktemp("sent"), engine, [SERVICES[name] for name in SENT])
    cache = f"--set=*.args.BUILDKIT_CACHE_MOUNT_NS={uuid4()}"
    counts = {}
    with registries() as opened:
        shop.file("", "/.npmrc").write_text(f"registry={opened.address}/\n", encoding="utf-8")
        shop.file("gateway", ".npmrc").write_text(f"registry={opened.address}/\n", encoding="utf-8")
        pip = [f"--set=*.args.PIP_INDEX_URL={opened.address}/simple", "--set=*.args.PIP_TRUSTED_HOST=127.0.0.1"]
        _declare(shop, "api-pip", "PIP_INDEX_URL", "PIP_TRUSTED_HOST")
        for service in SENT:
            build(shop, service, *install_stages(service), cache, *pip)
            cold = len(opened.fetched)
            change_locks(shop, service)
            build(shop, service, *install_stages(service), cache, *pip)
            counts[service] = cold, len(opened.fetched) - cold
            opened.fetched.clear()
    return counts


@pytest.mark.long
@pytest.mark.parametrize("service", SENT)
def test_a_changed_lock_file_fetches_no_archive_again(fetched: Counts, service: str) -> None:
    cold, again = fetched[service]
    assert cold > 10
    assert again == 0


@pytest.mark.parametrize("service", BOUND)
def test_a_changed_lock_file_asks_nothing_of_the_host_of_archives(engine: Engine, tmp_path: Path, service: str) -> None:
    shop = scaffold(tmp_path, engine, [SERVICES[service]])
    cache = f"--set=*.args.BUILDKIT_CACHE_MOUNT_NS={uuid4()}"
    received = []
    for _ in range(2):
        with tunnels() as opened:
            build(shop, service, *install_stages(service), cache, f"--set=*.args.HTTPS_PROXY={opened.address}")
        received.append(opened.received)
        change_locks(shop, service)
    assert received[0][FILES] > 1_000_000
    assert received[1][FILES] == 0


def _declare(shop: Shop, service: str, *names: str) -> None:
    """Build arguments, as `[services.NAME.build_args]` declares them."""
    file = shop.file(service, "Dockerfile")
    stage = "FROM base AS deps\n"
    text = file.read_text(encoding="utf-8")
    assert text.count(stage) == 1
    file.write_text(text.replace(stage, stage + "".join(f"ARG {name}\n" for name in names)), encoding="utf-8")
