"""The same commit gives the same image: built a second time with nothing cached, the digest is that of before."""

import pytest

from tests.engine.layers import Pushed, differences
from tests.engine.services import OURS, SERVICES
from tests.engine.shop import Shop

SAME = tuple(name for name in OURS if not SERVICES[name].varies)
KEYED = tuple(name for name in OURS if SERVICES[name].varies and "*" not in SERVICES[name].varies)


@pytest.fixture(scope="module")
def again(shop: Shop) -> Shop:
    """The project with its images in the registry twice: `latest`, and built from nothing as `again`."""
    shop.publish("--no-cache", *OURS, tag="again")
    return shop


@pytest.mark.parametrize("service", SAME)
def test_two_builds_of_a_commit_are_one_image(again: Shop, service: str) -> None:
    first, second = _both(again, service)
    assert differences(first, second) == []
    assert second.digest == first.digest


@pytest.mark.parametrize("service", KEYED)
def test_two_builds_of_a_commit_differ_in_what_the_table_names(again: Shop, service: str) -> None:
    first, second = _both(again, service)
    varies = tuple(f"{path}: sha256" for path in SERVICES[service].varies)
    assert [difference for difference in differences(first, second) if not difference.endswith(varies)] == []


def _both(shop: Shop, service: str) -> tuple[Pushed, Pushed]:
    return Pushed(shop=shop, service=service), Pushed(shop=shop, service=service, tag="again")
