"""`builder = "kubernetes"`: a project of twelve services, baked on a pool of BuildKit pods."""

import json
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.cluster import pool
from tests.cluster.conftest import Cluster
from tests.engine.machine.emulation import NATIVE
from tests.pipeline.shop import DOCKERFILE, Shop, scaffold

SERVICES = (
    "account", "basket", "billing", "catalog", "mail", "media", "order", "price", "review", "search", "stock", "web",
)  # fmt: skip
LINKED = {"order", "stock"}  # both are built on a target of their own
BASE = """\
target "base" {
  inherits          = ["_common"]
  output            = ["type=cacheonly"]
  dockerfile-inline = "FROM scratch\\nCOPY docker-bake.hcl /"
}
"""
ON_BASE = """
target "{}" {{
  contexts = {{
    base = "target:base"
  }}
}}
"""
PODS = 3
PINS = Path(__file__).parents[2] / "generator" / "bakegen" / "pins.toml"
BUILDKIT = tomllib.loads(PINS.read_text(encoding="utf-8"))["tools"]["buildkit"]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[Path]:
    """The kubeconfig of the account that runs builders."""
    file = tmp_path_factory.mktemp("account") / "kubeconfig"
    file.write_text(pool.prepare(cluster), encoding="utf-8")
    yield file
    pool.remove(cluster)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Shop:
    """The project, for the one platform that the node can build."""
    shop = scaffold(tmp_path_factory.mktemp("twelve"), cluster.environment)
    files = {f"services/{name}/Dockerfile": DOCKERFILE.format(service=name) for name in SERVICES}
    for name in LINKED:
        files[f"services/{name}/Dockerfile"] += "COPY --from=base /docker-bake.hcl /\n"
    files |= {f"services/{name}/{name}": f"This is {name}.\n" for name in SERVICES}
    shop.commit(files | {"docker-bake.override.hcl": BASE + "".join(ON_BASE.format(name) for name in sorted(LINKED))})
    for name in SERVICES:
        shop.bakegen("add-service", name, "--stack=dockerfile", f"--path=services/{name}")
    return shop


@pytest.fixture(scope="module")
def digests(account: Path, shop: Shop) -> Iterator[dict[str, str]]:
    """The digest of each image, all baked at once on a pool of pods."""
    name = f"pool-{shop.prefix[-12:]}"
    config = shop.scratch() / "buildkitd.toml"
    config.write_text(pool.BUILDKITD, encoding="utf-8")
    options = [f"image=moby/buildkit:{BUILDKIT}", f"namespace={pool.NAMESPACE}", f"replicas={PODS}"]
    options += [f"nodeselector=kubernetes.io/arch={NATIVE}", "loadbalance=random"]
    create = ["docker", "buildx", "create", f"--name={name}", "--driver=kubernetes", "--bootstrap"]
    create += [f"--buildkitd-config={config}", *(f"--driver-opt={option}" for option in options)]
    file = shop.scratch() / "metadata.json"
    publish = {"PUSH_BY_DIGEST": "true", "PLATFORMS": f"linux/{NATIVE}", "BUILDX_BUILDER": name}
    shop.command(*create, KUBECONFIG=str(account))
    shop.command("docker", "buildx", "bake", f"--metadata-file={file}", KUBECONFIG=str(account), **publish)
    metadata = json.loads(file.read_text(encoding="utf-8"))
    yield {service: metadata[service]["containerimage.digest"] for service in SERVICES}
    shop.command("docker", "buildx", "rm", name, KUBECONFIG=str(account))


@pytest.fixture(scope="module")
def spread(cluster: Cluster, digests: Mapping[str, str], shop: Shop) -> Mapping[str, set[str]]:
    """Pod -> the services whose images it pushed."""
    prefix = shop.image("")
    return {pod: {image.removeprefix(prefix) for image in images} for pod, images in pool.pushed(cluster).items()}


def test_account_has_no_other_rights(cluster: Cluster, account: Path) -> None:
    """It may not read secrets, run pods of its own, or do anything in another namespace."""
    asked = [("get", "secrets"), ("create", "pods"), ("create", "deployments.apps", "--namespace=default")]
    ask = ("kubectl", f"--kubeconfig={account}", f"--namespace={pool.NAMESPACE}", "auth", "can-i")
    answers = [
        subprocess.run([*ask, *what], env=cluster.environment, capture_output=True, text=True, check=False).stdout
        for what in asked
    ]
    assert answers == ["no\n"] * len(asked)


def test_targets_spread_over_the_pods(spread: Mapping[str, set[str]], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(SERVICES)} images on {PODS} pods:")
        for pod, services in spread.items():
            print(f"  {pod}  {len(services):>2}  {' '.join(sorted(services))}")
    assert len(spread) == PODS
    assert sorted(service for services in spread.values() for service in services) == sorted(SERVICES)
    assert max(len(services) for services in spread.values()) < len(SERVICES)


def test_linked_targets_share_a_pod(spread: Mapping[str, set[str]]) -> None:
    assert [LINKED & services for services in spread.values() if LINKED & services] == [LINKED]


@pytest.mark.parametrize("service", SERVICES)
def test_image_is_in_the_registry_and_runs(shop: Shop, digests: Mapping[str, str], service: str) -> None:
    image = f"{shop.image(service)}@{digests[service]}"
    try:
        run = ("docker", "run", "--rm", "--pull=always", image, "/bin/busybox", "cat", "/service")
        assert shop.command(*run) == f"This is {service}.\n"
    finally:
        shop.command("docker", "image", "rm", "--force", image)
