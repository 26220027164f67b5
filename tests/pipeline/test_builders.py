"""`builder = "remote"`: what CI publishes is built by a BuildKit server of the team's, over TLS, or else on the runners."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from . import act, buildkit
from .buildkit import Server
from .shop import OVERRIDE, SERVICES, Shop

pytestmark = pytest.mark.engine

BOTH_PLATFORMS = ["linux/amd64", "linux/arm64", "unknown/unknown", "unknown/unknown"]
WARNING = "The runners build: BUILDKIT_AMD64 and BUILDKIT_ARM64 are not set."


@pytest.fixture(scope="module")
def server(environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    assert environment
    with buildkit.server(tmp_path_factory.mktemp("buildkit")) as started:
        yield started


@pytest.fixture
def remote_shop(shop: Shop) -> Shop:
    shop.configure(pipeline='builder = "remote"\n')
    return shop


def variables(server: Server) -> dict[str, str]:
    return dict.fromkeys(("BUILDKIT_AMD64", "BUILDKIT_ARM64"), server.address)


def test_a_remote_builder_tests_and_publishes_both_platforms(remote_shop: Shop, server: Server) -> None:
    outcome = act.run(remote_shop, act.push(), secrets=act.SECRETS | server.secrets, variables=variables(server))
    assert outcome.ok, outcome.log
    for service in SERVICES:
        assert remote_shop.platforms(service, "latest") == BOTH_PLATFORMS
    # The test, and for each platform what is started and what is pushed.
    assert server.builds() >= 1 + 2 * 2 * len(SERVICES)
    assert WARNING not in outcome.log


def test_a_server_of_another_authority_is_refused(remote_shop: Shop, server: Server, tmp_path: Path) -> None:
    secrets = act.SECRETS | server.secrets | {"BUILDKIT_CA": buildkit.authority(tmp_path / "other")}
    before = server.builds()
    outcome = act.run(remote_shop, act.push(), secrets=secrets, variables=variables(server))
    assert not outcome.ok
    assert outcome.jobs == {"prepare": "success", "lint": "success", "test": "failure", "images": "failure"}
    assert f"No answer from {server.address}: check it, and BUILDKIT_CA" in outcome.log
    assert server.builds() == before
    assert remote_shop.repositories() == set()


@pytest.mark.parametrize(
    ("event", "given", "warned"),
    [
        pytest.param(act.push("refs/heads/topic"), False, True, id="variables not set"),
        pytest.param(act.pull_request("stranger/shop"), True, False, id="pull request of a fork"),
        pytest.param(act.push(fork=True), False, False, id="fork"),
    ],
)
def test_the_runners_build_where_there_is_no_builder(
    remote_shop: Shop, server: Server, event: act.Event, *, given: bool, warned: bool
) -> None:
    before = server.builds()
    outcome = act.run(remote_shop, event, secrets={}, variables=variables(server) if given else {})
    assert outcome.ok, outcome.log
    assert outcome.jobs["build-amd64"] == outcome.jobs["build-arm64"] == "success"
    assert server.builds() == before
    assert outcome.log.count(WARNING) == warned


def test_two_builders_push_one_image(shop: Shop, server: Server, tmp_path: Path) -> None:
    """Of the same sources, as a stack of bakegen's has its files dated; what is attested of the builds differs."""
    shop.commit(
        {"docker-bake.override.hcl": f'{OVERRIDE}\ntarget "web" {{\n  output = reproducible(output("web"))\n}}\n'}
    )
    for name, secret in {"cacert": "BUILDKIT_CA", "cert": "BUILDKIT_CERT", "key": "BUILDKIT_KEY"}.items():
        (tmp_path / name).write_text(server.secrets[secret], encoding="ascii")
    there = shop.with_variables(BUILDX_CONFIG=str(tmp_path / "buildx"), BUILDX_BUILDER="there")
    options = [f"--driver-opt={name}={tmp_path / name}" for name in ("cacert", "cert", "key")]
    there.command("docker", "buildx", "create", "--name=there", "--driver=remote", *options, server.address)

    builds = server.builds()
    for platform in ("linux/amd64", "linux/arm64"):
        plain = [each.with_variables(PROVENANCE="false").push_by_digest(platform)["web"] for each in (shop, there)]
        attested = [each.push_by_digest(platform)["web"] for each in (shop, there)]
        assert plain[0] == plain[1]
        assert attested[0] != attested[1]
        assert len({_image(shop, digest) for digest in (*plain, *attested)}) == 1
    assert server.builds() > builds


def test_a_pool_builds_once_and_starts_what_it_pushed(shop: Shop) -> None:
    """Here with the builder of a runner; that pods do it is shown on a cluster."""
    shop.configure(pipeline='builder = "kubernetes"\n')
    outcome = act.run(shop, act.push())
    assert outcome.ok, outcome.log
    assert outcome.log.count("The runners build: BUILDKIT_KUBECONFIG is not set.") == 1
    assert "Run Main Build and load" not in outcome.log
    assert outcome.log.count("Run Main Pull what was pushed") == len(("linux/amd64", "linux/arm64"))
    for service in SERVICES:
        assert set(shop.tags(service)) == {"edge", "latest", shop.sha_tag()}


def test_of_a_pool_too_what_does_not_start_gets_no_tag(shop: Shop) -> None:
    shop.configure(pipeline='builder = "kubernetes"\n')
    shop.commit({"services/web/web": ""})
    outcome = act.run(shop, act.push())
    assert not outcome.ok
    assert outcome.jobs["build-amd64"] == "failure"
    assert "(unhealthy)" in outcome.log
    assert [shop.tags(service) for service in SERVICES] == [{}, {}]


def _image(shop: Shop, digest: str) -> str:
    """The image in what was pushed: of an index, the entry which is no attestation."""
    index = json.loads(shop.command("crane", "manifest", f"{shop.image('web')}@{digest}"))
    (image,) = (each["digest"] for each in index["manifests"] if each["platform"]["os"] == "linux")
    return str(image)
