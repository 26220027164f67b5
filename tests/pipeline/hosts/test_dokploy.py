"""deploy/dokploy.sh against a Dokploy whose applications are containers: what it does when all goes well."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from .containers import Containers
from .dokploy import TOKEN, Course
from .dokploy_scene import DokployScene, dokploy_scene
from .rollout import revision
from .script import NEW, OLD, Images, Visitor

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_deploys_and_waits_until_the_service_answers_as_the_new_version(one: DokployScene, shell: str) -> None:
    done = one.deploy(shell=shell)
    assert done.code == 0, done.output
    assert one.running == one.configured == ["new"]
    assert revision(one.rollouts["api"].url) == NEW
    assert one.orders == [("update", "api"), ("deploy", "api")]
    assert f"api: answers with revision {NEW}\napi: runs {one.images['api'].new}\n" in done.output


def test_one_right_answer_is_not_believed(one: DokployScene) -> None:
    one.rollouts["api"].late_answers = 3
    done = one.deploy()
    assert done.code == 0, done.output
    assert one.rollouts["api"].late_answers == 0


def test_deploys_services_in_the_order_given(two: DokployScene) -> None:
    done = two.deploy(*(f"{name}={two.images[name].new}" for name in ("web", "api")))
    assert done.code == 0, done.output
    assert two.running == ["new", "new"]
    assert two.orders == [("update", "web"), ("deploy", "web"), ("update", "api"), ("deploy", "api")]


def test_titles_of_deployments_differ(two: DokployScene) -> None:
    assert two.deploy().code == two.deploy(*(f"{n}={i.old}" for n, i in two.images.items()), REVISION=OLD).code == 0
    assert two.running == ["old", "old"]
    titles = [request.values["title"] for request in two.dokploy.calls("/api/application.deploy")]
    assert len(set(titles)) == len(titles) == 4


def test_slow_deployment_is_waited_for(one: DokployScene) -> None:
    one.dokploy.applications["api"].courses = [Course(seconds=1.5)]
    assert one.deploy().code == 0
    assert one.running == ["new"]
    assert len(one.dokploy.calls("/api/deployment.all")) > 3


def test_running_again_changes_nothing(one: DokployScene) -> None:
    assert one.deploy().code == 0
    told = one.orders
    one.check_settled()
    assert one.orders == told


def test_what_was_asked_for_but_never_deployed_is_deployed(one: DokployScene) -> None:
    one.dokploy.applications["api"].image = one.images["api"].new
    done = one.deploy()
    assert done.code == 0, done.output
    assert one.running == ["new"]


def test_service_that_names_no_revision_is_verified_as_far_as_can_be(one: DokployScene) -> None:
    image = one.images["api"].plain_new
    one.rollouts["api"].to(one.images["api"].plain_old)
    done = one.deploy(f"api={image}")
    assert done.code == 0, done.output
    assert f"names no revision. That Dokploy has {image} is all that could be verified." in done.output
    one.wait_for("plain_new")


def test_service_without_an_address_is_believed_to_run(one: DokployScene) -> None:
    done = one.deploy(HEALTH_URLS="web=http://127.0.0.1:9/health")
    assert done.code == 0, done.output
    assert "api: has no address in HEALTH_URLS. That Dokploy is done is all that could be verified." in done.output


def test_service_that_is_none_of_dokploys_is_left_out(two: DokployScene) -> None:
    done = two.deploy(DOKPLOY_APPLICATIONS="api=api web=-")
    assert done.code == 0, done.output
    assert "web: is not deployed to Dokploy\n" in done.output
    assert two.running == ["new", "old"]


def test_processes_of_a_service_get_its_image_together(two: DokployScene) -> None:
    applications = "api=api,web"
    done = two.deploy(f"api={two.images['api'].new}", DOKPLOY_APPLICATIONS=applications)
    assert done.code == 0, done.output
    assert two.configured == ["new", "new"]
    two.wait_for("new", "new")
    assert two.orders == [("update", "api"), ("deploy", "api"), ("update", "web"), ("deploy", "web")]
    again = two.deploy(f"api={two.images['api'].new}", DOKPLOY_APPLICATIONS=applications)
    assert again.output == f"api: runs {two.images['api'].new} already\n"
    two.dokploy.applications["web"].image = two.images["api"].old
    assert two.deploy(f"api={two.images['api'].new}", DOKPLOY_APPLICATIONS=applications).code == 0
    assert two.configured == ["new", "new"]


def test_nobody_notices_a_rollout_that_starts_first(one: DokployScene) -> None:
    visitor = Visitor(url=one.rollouts["api"].url)
    with visitor.visit():
        assert one.deploy().code == 0
    assert one.running == ["new"]
    assert len(visitor.answers) > 20
    assert set(visitor.answers) == {200}


def test_a_rollout_that_stops_first_is_noticed(
    project: Path, containers: Containers, images: Mapping[str, Images]
) -> None:
    with dokploy_scene(project, containers, {"api": images["api"]}, start_first=False) as stopping:
        visitor = Visitor(url=stopping.rollouts["api"].url)
        with visitor.visit():
            assert stopping.deploy().code == 0
        assert stopping.running == ["new"]
        assert 502 in visitor.answers
        assert visitor.answers[-1] == 200


def webhook(one: DokployScene, application: str = "api") -> dict[str, str]:
    return {
        "DOKPLOY_API_KEY": "",
        "DOKPLOY_WEBHOOK_URL": f"api={one.dokploy.url}/api/deploy/{TOKEN}-{application}",
    }


def test_webhook_deploys_what_dokploy_is_configured_with(one: DokployScene) -> None:
    one.dokploy.applications["api"].image = one.images["api"].new
    done = one.deploy(f"api={one.images['api'].other}", **webhook(one))
    assert done.code == 0, done.output
    assert "Dokploy deploys the image that it is configured with" in done.output
    assert one.running == ["new"]


def test_webhook_that_deploys_another_version_is_noticed(one: DokployScene) -> None:
    done = one.deploy(**webhook(one), HEALTH_TIMEOUT="1")
    assert done.code == 1
    assert f"api: is not healthy as {NEW} after 1 s. The last answer: {OLD}" in done.output
    assert "api: cannot be rolled back" in done.output


@pytest.mark.parametrize(
    ("application", "auto_deploy", "image", "said"),
    [
        ("api", True, None, "301: Application Docker Image Name Not Found"),
        ("api", False, "as it was", "400: Automatic deployments are disabled for this application"),
        ("another", True, "as it was", "404: Application not found"),
    ],
)
def test_webhook_that_does_not_deploy_is_no_success(
    one: DokployScene, application: str, *, auto_deploy: bool, image: str | None, said: str
) -> None:
    found = one.dokploy.applications["api"]
    found.auto_deploy = auto_deploy
    found.image = image and found.image
    done = one.deploy(**webhook(one, application))
    assert done.code == 1
    assert f"error: api: the webhook answers {said}\n" in done.output
    assert one.running == ["old"]
