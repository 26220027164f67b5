"""cleanup.yml deletes what no tag needs, and nothing else: run by act, against a real registry."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.engine.machine import REGISTRY

from . import act
from .packages import TOKEN, GitHub, Package, serve
from .shop import SERVICES, Shop, with_services

pytestmark = pytest.mark.engine

SCHEDULE = act.Event(name="schedule")
PLATFORMS = ("linux/amd64", "linux/arm64")
REVIEW = {"dry-run": "false", "days": "7", "sha-days": "never"}


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A project whose images are on ghcr.io, and who plays it. `local` pushes to where ghcr.io's images are here."""

    shop: Shop
    local: Shop
    github: GitHub

    def package(self, name: str) -> Package:
        return self.github.package(f"{self.shop.prefix.partition('/')[2]}/shop-{name}")

    def run(self, event: act.Event = SCHEDULE) -> act.Outcome:
        outcome = act.run(
            self.shop,
            event,
            secrets={"GITHUB_TOKEN": TOKEN},
            workflow="cleanup.yml",
        )
        assert self.github.refused == []
        return outcome

    def deleted(self) -> int:
        return sum(line.startswith("DELETE") for line in self.github.asked)


def dispatch(**inputs: str) -> act.Event:
    return act.Event(name="workflow_dispatch", payload={"inputs": {**REVIEW, **inputs}})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Shop:
    shop = with_services(tmp_path_factory.mktemp("cleanup"), environment)
    file = shop.folder / "bakegen.toml"
    text = file.read_text(encoding="utf-8").replace(f'images = "{REGISTRY}/', 'images = "ghcr.io/')
    text = re.sub(r"^cache = .*", 'cache = "registry"', text, flags=re.MULTILINE)
    text = re.sub(r"^features = .*\n", "", text, flags=re.MULTILINE)
    text = text.replace("\n[versions]", 'features = ["cleanup"]\n\n[pipeline]\npr_tags = true\n\n[versions]')
    file.write_text(text, encoding="utf-8")
    shop.bakegen("sync")
    shop.commit({})
    return shop


@pytest.fixture
def world(project: Shop, tmp_path: Path) -> Iterator[World]:
    place = f"pipeline/{uuid.uuid4().hex[:12]}"
    github = GitHub(owner=project.prefix.partition("/")[0], place=place)
    environment = project.environment
    local = replace(project, prefix=place, environment={**environment, "IMAGES": f"{REGISTRY}/{place}/shop"})
    with serve(github, tmp_path) as curls:
        yield World(shop=replace(project, environment={**environment, **curls}), local=local, github=github)


def publish(world: World, service: str, pushed: Mapping[str, Mapping[str, str]], *tags: str) -> str:
    """As the job `merge` does: an index of what the build jobs pushed. Gives its digest."""
    repository = world.local.image(service)
    images = [f"{repository}@{pushed[platform][service]}" for platform in PLATFORMS]
    names = [f"--tag={repository}:{tag}" for tag in tags]
    world.local.command("docker", "buildx", "imagetools", "create", *names, *images)
    return world.local.command("crane", "digest", f"{repository}:{tags[0]}").strip()


def living(package: Package, digest: str) -> set[str]:
    """An index and all that it lists: for each platform, an image and how it was built."""
    found = {digest, *(child["digest"] for child in package.manifest(digest)["manifests"])}
    assert len(found) == 1 + 2 * len(PLATFORMS)
    return found


def test_what_a_tag_needs_stays_and_all_else_goes(world: World) -> None:
    built = {platform: world.local.push_by_digest(platform) for platform in PLATFORMS}
    index = {service: publish(world, service, built, "sha-1234567", "latest") for service in SERVICES}
    # A run that ended before its images were merged; that of web is the one that was released, attested once more.
    world.local.commit({"services/api/api": "This is api, which was never released.\n"})
    lost = {platform: world.local.push_by_digest(platform) for platform in PLATFORMS}
    for service in SERVICES:
        for pushed in (*built.values(), *lost.values()):
            world.package(service).note_all(pushed[service])
        world.package(service).note_all(index[service], "sha-1234567", "latest")
    api, web, cache = (world.package(name) for name in ("api", "web", "buildcache"))
    released = living(web, index["web"])
    again = {child["digest"] for pushed in lost.values() for child in web.manifest(pushed["web"])["manifests"]}
    assert released & again  # images that are listed with a tag and without one
    reattested = {digest for digest in again - released if web.manifest(digest)["subject"]["digest"] in released}
    tag = index["web"].replace(":", "-")
    signature = web.push(subject=index["web"])
    about = {
        signature,
        web.push(tag, children=[signature]),
        web.push(f"{tag}.att", f"{tag}.sbom"),
        web.push(subject=signature),
    }
    dead = web.push(subject=lost["linux/amd64"]["web"])
    web.push(lost["linux/amd64"]["web"].replace(":", "-"), children=[dead])
    kept = cache.push("api-amd64")
    cache.push()
    before = [package.digests for package in (api, web, cache)]

    outcome = world.run(dispatch(**{"dry-run": "true"}))
    assert outcome.ok, outcome.log
    assert [package.digests for package in (api, web, cache)] == before
    assert "shop-buildcache: 1 of 2 versions are of no use; nothing was deleted" in outcome.log
    outcome = world.run()
    assert outcome.ok, outcome.log
    assert api.digests == living(api, index["api"])
    assert web.digests == released | reattested | about
    assert cache.digests == {kept}
    for service in SERVICES:
        image = world.local.image(service)
        for platform in PLATFORMS:
            world.local.command("docker", "pull", "--quiet", f"--platform={platform}", f"{image}:latest")
            world.local.command("docker", "image", "rm", f"{image}:latest")
        world.local.command("crane", "validate", f"--remote={image}:sha-1234567")


def test_what_is_young_stays_with_all_that_it_lists(world: World) -> None:
    web = world.package("web")
    web.push("latest")
    child, gone = web.push(days=30), web.push(days=9)
    pushed_today = web.push(children=[child], days=0.1)
    old = web.push(children=[gone], days=8)
    assert world.run(dispatch(days="30")).ok
    assert {child, pushed_today, old, gone} <= web.digests
    assert world.run().ok
    assert {child, pushed_today} <= web.digests
    assert not {old, gone} & web.digests


def test_what_was_pushed_again_lately_is_young(world: World) -> None:
    web = world.package("web")
    web.push("latest")
    again, gone = web.push(), web.push()
    web.versions[[version.digest for version in web.versions].index(again)].touched = 1
    assert world.run().ok
    assert again in web.digests
    assert gone not in web.digests


def test_a_run_deletes_no_more_than_github_lets_it_ask_for(world: World) -> None:
    web = world.package("web")
    web.push("latest")
    for _ in range(203):
        web.push()
    outcome = world.run(dispatch(**{"dry-run": "true"}))
    assert outcome.ok, outcome.log
    assert "shop-web: 200 of 204 versions are of no use; nothing was deleted" in outcome.log


def test_many_versions_and_tags(world: World) -> None:
    """More than a page of each; what the last page has is needed by the first."""
    web = world.package("web")
    child = web.push(days=999)
    for number in range(120):
        web.push(f"v1.{number}.0", days=100 + number)
    web.push("latest", children=[child], days=50)
    gone = {web.push(days=60), web.push(days=998)}
    before = web.digests
    assert world.run().ok
    assert web.digests == before - gone


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"GET https://ghcr.io/v2/.*/manifests/.*": 404}, id="manifest that cannot be read"),
        pytest.param({"GET https://ghcr.io/v2/.*/manifests/.*": 200}, id="manifest that is another one"),
        pytest.param({"GET https://ghcr.io/v2/.*/tags/list.*": 401}, id="tags that cannot be read"),
        pytest.param({"GET https://ghcr.io/token.*": 403}, id="no access to the registry"),
        pytest.param({"GET https://api.github.com/.*page=2": 500}, id="second page of versions"),
        pytest.param({"GET https://api.github.com/users/.*": 404}, id="no owner"),
    ],
)
def test_nothing_is_deleted_where_not_all_is_known(world: World, fault: dict[str, int]) -> None:
    world.package("web").push("latest")
    world.package("web").push()
    world.package("buildcache").push("web-amd64")
    before = world.package("web").digests
    world.github.faults |= fault
    outcome = world.run()
    assert not outcome.ok
    assert world.deleted() == 0
    assert world.package("web").digests == before


@pytest.mark.parametrize("missing", ["index of the tag", "index in it"])
def test_nothing_is_deleted_where_github_lists_not_all_versions(world: World, missing: str) -> None:
    web = world.package("web")
    inner = web.push(children=[web.push()])
    outer = web.push("v1.0.0", children=[inner])
    assert world.run().ok
    assert len(web.digests) == 3
    hidden, told = {"index in it": (inner, inner), "index of the tag": (outer, "v1.0.0")}[missing]
    web.versions = [version for version in web.versions if version.digest != hidden]
    before = web.digests
    outcome = world.run()
    assert not outcome.ok
    assert f'GitHub does not list all versions: ["{told}"]' in outcome.log
    assert web.digests == before


def test_a_package_that_fails_does_not_keep_others_from_being_cleaned(world: World) -> None:
    web, cache = world.package("web"), world.package("buildcache")
    for package in (web, cache):
        package.push("latest")
    stays, gone = web.push(days=50), web.push(days=40)
    cache.push()
    number = next(version.id for version in web.versions if version.digest == stays)
    world.github.faults[f"DELETE .*/{number}"] = 403
    outcome = world.run()
    assert not outcome.ok
    assert f"shop-web@{stays} was not deleted" in outcome.log
    assert stays in web.digests
    assert gone not in web.digests
    assert len(cache.digests) == 1


def test_packages_of_a_user(world: World) -> None:
    world.github.kind = "User"
    world.package("web").push("latest")
    world.package("web").push()
    outcome = world.run()
    assert outcome.ok, outcome.log
    assert len(world.package("web").digests) == 1
    assert f"There is no ghcr.io/{world.shop.prefix}/shop-api" in outcome.log


def test_tags_of_closed_pull_requests_and_on_request_old_sha_tags(world: World) -> None:
    world.github.pulls = {7: "closed", 8: "open"}
    web = world.package("web")
    released = web.push("sha-0000001", "v1.0.0", days=500)
    old, recent = web.push("sha-0000002", days=100), web.push("sha-0000003", days=80)
    closed, still_open = web.push("sha-0000004", "pr-7"), web.push("sha-0000005", "pr-8")
    outcome = world.run()
    assert outcome.ok, outcome.log
    assert web.digests == {released, old, recent, still_open}
    assert closed not in web.digests
    assert world.run(dispatch(**{"sha-days": "90"})).ok
    assert web.digests == {released, recent, still_open}
