"""`builder = "kubernetes"`: a project of twelve services, baked on a pool of BuildKit pods."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster import pool
from tests.cluster.conftest import Cluster
from tests.cluster.twelve import LINKED, SERVICES, builder_options, project
from tests.engine.machine.emulation import NATIVE
from tests.pipeline import act
from tests.pipeline.shop import Shop


@dataclass(frozen=True, kw_only=True, slots=True)
class Baked:
    """Service -> digest of its image; pod -> the services whose images it built."""

    digests: Mapping[str, str]
    pods: Mapping[str, list[str]]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[Path]:
    """The kubeconfig of the account that runs builders."""
    file = tmp_path_factory.mktemp("account") / "kubeconfig"
    file.write_text(pool.prepare(cluster), encoding="utf-8")
    yield file
    pool.remove(cluster)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Shop:
    return project(tmp_path_factory.mktemp("twelve"), cluster.environment)


@pytest.fixture(scope="module")
def buildkitd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that tells BuildKit of the test registry."""
    file = tmp_path_factory.mktemp("buildkitd") / "buildkitd.toml"
    file.write_text(pool.BUILDKITD, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def baked(cluster: Cluster, account: Path, buildkitd: Path, shop: Shop) -> Baked:
    """All images baked at once from a laptop, on a pool like the workflow's."""
    name = f"pool-{shop.prefix[-12:]}"
    create = ["docker", "buildx", "create", f"--name={name}", "--driver=kubernetes", "--bootstrap"]
    create += [f"--buildkitd-config={buildkitd}", *(f"--driver-opt={option}" for option in builder_options(shop))]
    file = shop.scratch() / "metadata.json"
    publish = {"PUSH_BY_DIGEST": "true", "PLATFORMS": f"linux/{NATIVE}", "BUILDX_BUILDER": name}
    shop.command(*create, KUBECONFIG=str(account))
    shop.command("docker", "buildx", "bake", f"--metadata-file={file}", KUBECONFIG=str(account), **publish)
    metadata = json.loads(file.read_text(encoding="utf-8"))
    digests = {service: metadata[service]["containerimage.digest"] for service in SERVICES}
    baked = Baked(digests=digests, pods=pool.built(cluster, shop))
    shop.command("docker", "buildx", "rm", name, KUBECONFIG=str(account))
    return baked


@pytest.fixture(scope="module")
def published(account: Path, buildkitd: Path, shop: Shop, baked: Baked) -> Iterator[act.Outcome]:
    """The generated workflow after a push to the default branch; its only way into the cluster is its secret."""
    secrets = {**act.SECRETS, "BUILDKIT_KUBECONFIG": account.read_text(encoding="utf-8")}
    runner = shop.with_variables(BUILDKITD_CONFIG=str(buildkitd), KUBECONFIG="")
    yield act.run(runner, act.push(), secrets=secrets)
    shop.command("docker", "image", "rm", "--force", *(f"{shop.image(name)}:candidate" for name in SERVICES))


def test_account_has_no_other_rights(cluster: Cluster, account: Path) -> None:
    """It may not read secrets, run pods of its own, or do anything in another namespace."""
    asked = [("get", "secrets"), ("create", "pods"), ("create", "deployments.apps", "--namespace=default")]
    ask = ("kubectl", f"--kubeconfig={account}", f"--namespace={pool.NAMESPACE}", "auth", "can-i")
    answers = [
        subprocess.run([*ask, *what], env=cluster.environment, capture_output=True, text=True, check=False).stdout
        for what in asked
    ]
    assert answers == ["no\n"] * len(asked)


def test_targets_spread_over_the_pods(baked: Baked, capsys: pytest.CaptureFixture[str]) -> None:
    _show("baked from a laptop", baked.pods, capsys)
    assert sorted(service for services in baked.pods.values() for service in services) == sorted(SERVICES)
    assert len(baked.pods) == 3
    assert len([services for services in baked.pods.values() if services]) > 1


def test_linked_targets_share_a_pod(baked: Baked) -> None:
    shares = [LINKED.intersection(services) for services in baked.pods.values()]
    assert [share for share in shares if share] == [LINKED]


@pytest.mark.parametrize("service", SERVICES)
def test_image_is_in_the_registry_and_runs(shop: Shop, baked: Baked, service: str) -> None:
    image = f"{shop.image(service)}@{baked.digests[service]}"
    try:
        run = ("docker", "run", "--rm", "--pull=always", image, "/bin/busybox", "cat", "/service")
        assert shop.command(*run) == f"This is {service}.\n"
    finally:
        shop.command("docker", "image", "rm", "--force", image)


def test_generated_workflow_publishes_from_the_pods(
    cluster: Cluster, baked: Baked, published: act.Outcome, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each image is built once, and started as it was pushed. Another platform is the same job on a node of it."""
    assert published.ok, published.log
    assert published.jobs[f"build-{NATIVE}"] == published.jobs["release"] == "success"
    for service in SERVICES:
        assert set(shop.tags(service)) == {"edge", "latest", shop.sha_tag()}
    pods = {pod: services for pod, services in pool.built(cluster, shop).items() if services and pod not in baked.pods}
    _show("baked by the workflow", pods, capsys)
    assert sorted(service for services in pods.values() for service in services) == sorted(SERVICES)
    assert len(pods) > 1


def _show(title: str, pods: Mapping[str, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(SERVICES)} images {title}, by pod:")
        for pod, services in pods.items():
            print(f"  {len(services):>2}  {pod[-11:]}  {' '.join(services)}")
