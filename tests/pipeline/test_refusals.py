"""What must stop a run, and that the registry then has no new tag."""

import json

import pytest

from . import act
from .shop import DOCKERFILE, SERVICES, Shop

pytestmark = pytest.mark.engine


def check_no_tag(shop: Shop, outcome: act.Outcome) -> None:
    """The run failed, its last job too, and no image has a tag."""
    assert not outcome.ok
    assert outcome.jobs["images"] == "failure", outcome.log
    assert [shop.tags(service) for service in SERVICES] == [{}, {}]


def test_failing_test_stops_before_anything_is_built(shop: Shop) -> None:
    shop.commit({"services/api/api": "This is broken.\n"})
    outcome = act.run(shop, act.push())
    check_no_tag(shop, outcome)
    assert outcome.jobs == {"prepare": "success", "lint": "success", "test": "failure", "images": "failure"}


def test_warning_about_a_dockerfile_stops_before_anything_is_built(shop: Shop) -> None:
    shop.commit({"services/web/Dockerfile": DOCKERFILE.format(service="web") + "ENV SECRET_TOKEN=abc\n"})
    outcome = act.run(shop, act.push())
    check_no_tag(shop, outcome)
    assert outcome.jobs == {"prepare": "success", "lint": "failure", "test": "success", "images": "failure"}
    assert "SecretsUsedInArgOrEnv" in outcome.log
    assert shop.content() == {}


def test_failing_arm64_build_leaves_no_tag(shop: Shop) -> None:
    only_amd64 = DOCKERFILE.format(service="web") + "ARG TARGETARCH\nCOPY only-${TARGETARCH} /\n"
    shop.commit({"services/web/Dockerfile": only_amd64, "services/web/only-amd64": ""})
    outcome = act.run(shop, act.push())
    check_no_tag(shop, outcome)
    assert outcome.jobs["build-amd64"] == "success"
    assert outcome.jobs["build-arm64"] == "failure"
    assert "merge" not in outcome.jobs
    assert shop.repositories() == set(SERVICES)


def test_unhealthy_image_is_not_pushed_and_its_log_is_shown(shop: Shop) -> None:
    shop.commit({"services/web/web": ""})
    outcome = act.run(shop, act.push())
    check_no_tag(shop, outcome)
    assert shop.repositories() == set()
    assert "(unhealthy)" in outcome.log


@pytest.mark.parametrize(
    ("metadata_filter", "refusal"),
    [
        pytest.param("{api: .web, web: .api}", "is no linux/amd64 image of api", id="crossed between services"),
        pytest.param("del(.web)", "is no linux/amd64 image of web", id="missing service"),
    ],
)
def test_wrong_digests_are_refused(shop: Shop, metadata_filter: str, refusal: str) -> None:
    outcome = act.run(shop.impatient().with_variables(METADATA_FILTER=metadata_filter), act.push())
    check_no_tag(shop, outcome)
    assert outcome.jobs["merge"] == "failure"
    assert refusal in outcome.log


def test_digest_of_another_platform_is_refused(shop: Shop) -> None:
    pushed = shop.push_by_digest("linux/amd64")
    reported = {service: {"containerimage.digest": digest} for service, digest in pushed.items()}
    outcome = act.run(shop.impatient().with_variables(METADATA_FILTER=json.dumps(reported)), act.push())
    check_no_tag(shop, outcome)
    assert "is no linux/arm64 image of api (found: linux/amd64)" in outcome.log


def test_an_image_over_its_budget_is_not_tagged(shop: Shop) -> None:
    shop.bakegen("set", "api", "budget=2GB")
    shop.bakegen("set", "web", "budget=1kB")
    shop.commit({})
    outcome = act.run(shop, act.push())
    check_no_tag(shop, outcome)
    assert outcome.jobs["merge"] == "failure"
    assert "web for linux/amd64 is" in outcome.log
    assert "web for linux/arm64 is" in outcome.log
    assert "and its budget is 1kB" in outcome.log
    assert "its budget is 2GB" not in outcome.log


def test_no_tag_moves_until_every_index_is_there(shop: Shop) -> None:
    """The last service's immutable tag is taken, by an index that this commit did not make."""
    digest = shop.push_by_digest("linux/amd64")["web"]
    taken = f"{shop.image('web')}:{shop.sha_tag()}"
    shop.command("docker", "buildx", "imagetools", "create", f"--tag={taken}", f"{shop.image('web')}@{digest}")
    before = shop.tags("web")
    outcome = act.run(shop, act.push())
    assert not outcome.ok
    assert "is there already, and not from this commit" in outcome.log
    assert shop.tags("web") == before
    assert set(shop.tags("api")) == {shop.sha_tag()}
