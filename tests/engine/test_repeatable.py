"""The same commit gives the same image, by the generated bake file alone: built a second time with no cache of any kind,
the digest is that of before. Where files differ, so do their dates, by which servers tell browsers of a change."""

import re

import pytest

from tests.engine.layers import Pushed, differences
from tests.engine.services import OURS, SERVICES
from tests.engine.shop import Shop

# The first service of each stack, and those that differ from it by options.
FIRST = tuple({SERVICES[name].stack: name for name in reversed(OURS)}.values())
OPTIONS = tuple(name for name in OURS if name not in FIRST)
NOTHING_CACHED = ("--no-cache", "--set=*.args.BUILDKIT_CACHE_MOUNT_NS=again")
# A picture that is served: where it comes from, and where it is in the image.
PICTURES = {
    "kit": ("static/icon.svg", "app/build/client/icon.svg"),
    "site": ("frontend/public/icon.svg", "static/icon.svg"),
    "spa": ("public/icon.svg", "srv/icon.svg"),
    "web": ("public/icon.svg", "app/public/icon.svg"),
}


@pytest.fixture(
    scope="module", params=[FIRST, pytest.param(OPTIONS, marks=pytest.mark.long)], ids=["stacks", "options"]
)
def again(shop: Shop, request: pytest.FixtureRequest) -> tuple[Shop, tuple[str, ...]]:
    """The project, and services whose images are in the registry twice: `latest`, and built from nothing as `again`."""
    services: tuple[str, ...] = request.param
    shop.publish(*NOTHING_CACHED, *services, tag="again")
    return shop, services


@pytest.fixture(scope="module")
def recoloured(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The same with other pictures of the same length, as `recoloured`."""
    copy = shop.copy(tmp_path_factory.mktemp("recoloured") / "shop")
    for service, (name, _) in PICTURES.items():
        picture = copy.file(service, name)
        text = picture.read_text(encoding="utf-8")
        picture.write_text(re.sub(r'fill="#[0-9a-f]{6}"', 'fill="#123456"', text), encoding="utf-8")
    copy.publish(*PICTURES, tag="recoloured")
    return copy


def test_two_builds_of_a_commit_are_one_image(again: tuple[Shop, tuple[str, ...]]) -> None:
    """Or differ in what the table of services names, and in nothing else."""
    shop, services = again
    found: dict[str, list[str]] = {}
    for service in services:
        first, second = (Pushed(shop=shop, service=service, tag=tag) for tag in ("latest", "again"))
        varies = tuple(f"{path}: sha256" for path in SERVICES[service].varies)
        found[service] = [each for each in differences(first, second) if not (varies and each.endswith(varies))]
        assert varies or second.digest == first.digest, service
    assert found == {service: [] for service in services}


@pytest.mark.parametrize("service", PICTURES)
def test_a_file_that_changes_gets_another_date(recoloured: Shop, service: str) -> None:
    _, path = PICTURES[service]
    before, after = (Pushed(shop=recoloured, service=service, tag=tag).entries for tag in ("latest", "recoloured"))
    assert before[path].sha256 != after[path].sha256
    assert before[path].mtime != after[path].mtime
