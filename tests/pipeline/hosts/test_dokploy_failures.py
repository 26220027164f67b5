"""deploy/dokploy.sh when something fails: it rolls back, and says which image runs."""

import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from .dokploy import Course
from .dokploy_scene import DokployScene
from .script import NEW, OLD, OTHER

pytestmark = pytest.mark.engine

ONE = "/api/application.one"
UPDATE = "/api/application.update"
DEPLOY = "/api/application.deploy"
ALL = "/api/deployment.all"
TWICE = [("update", "api"), ("deploy", "api")] * 2


def check_rolled_back(scene: DokployScene, output: str) -> None:
    assert scene.running == scene.configured == ["old"]
    assert f"error: api: rolled back, runs {scene.images['api'].old} again\n" in output


@pytest.mark.parametrize("status", ["error", "cancelled"])
def test_failed_deployment_is_rolled_back(one: DokployScene, status: str) -> None:
    one.dokploy.applications["api"].courses = [Course(status=status)]
    done = one.deploy()
    assert done.code == 1
    assert f"ends with: {status}\n" in done.output
    assert one.orders == TWICE
    check_rolled_back(one, done.output)


@pytest.mark.parametrize(("runs", "answered"), [("other", OTHER), ("old", OLD)])
def test_done_is_not_believed_while_another_version_answers(one: DokployScene, runs: str, answered: str) -> None:
    one.dokploy.applications["api"].courses = [Course(runs=getattr(one.images["api"], runs))]
    done = one.deploy(HEALTH_ANSWERS="1", HEALTH_TIMEOUT="3")
    assert done.code == 1
    assert f"api: is not healthy as {NEW} after 3 s. The last answer: {answered}\n" in done.output
    check_rolled_back(one, done.output)


def test_service_that_names_no_revision_is_not_believed_if_dokploy_has_another_image(one: DokployScene) -> None:
    api, images = one.dokploy.applications["api"], one.images["api"]
    api.image = images.plain_old
    one.rollouts["api"].to(images.plain_old)
    api.courses = [Course(seconds=1)]
    process = one.start(f"api={images.plain_new}")
    while len(api.deployments) < 2:
        time.sleep(0.05)
    api.image = images.other  # somebody else was there
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"error: api: is healthy, but Dokploy has another image than {images.plain_new}\n" in output
    assert one.configured == ["plain_old"]
    one.wait_for("plain_old")


def test_image_that_never_gets_healthy_is_rolled_back(one: DokployScene) -> None:
    done = one.deploy(f"api={one.images['api'].broken}", HEALTH_TIMEOUT="3")
    assert done.code == 1
    check_rolled_back(one, done.output)


def test_processes_of_a_service_go_back_together(two: DokployScene) -> None:
    two.dokploy.applications["web"].courses = [Course(status="error")]
    done = two.deploy(f"api={two.images['api'].new}", DOKPLOY_APPLICATIONS="api=api,web")
    assert done.code == 1
    assert two.configured == ["old", "old"]
    two.wait_for("old", "old")
    assert f"error: api: rolled back, runs {two.images['api'].old} again\n" in done.output


def test_all_services_go_back_the_newest_first(two: DokployScene) -> None:
    two.dokploy.applications["web"].courses = [Course(status="error")]
    done = two.deploy()
    assert done.code == 1
    assert two.running == two.configured == ["old", "old"]
    there = [("update", "api"), ("deploy", "api"), ("update", "web"), ("deploy", "web")]
    back = [("update", "web"), ("deploy", "web"), ("update", "api"), ("deploy", "api")]
    assert two.orders == there + back
    for name in ("api", "web"):
        assert f"error: {name}: rolled back, runs {two.images[name].old} again\n" in done.output


@pytest.mark.parametrize("status", [500, 429, 0])
def test_what_fails_twice_is_asked_again_after_a_while(one: DokployScene, status: int) -> None:
    one.dokploy.fail(ONE, status, times=2)
    done = one.deploy(REQUEST_TIMEOUT="2" if status == 0 else "10")
    assert done.code == 0, done.output
    said = [f"Dokploy answers {status:03}: again in {delay} s\n" for delay in (1, 2)]
    assert done.output.startswith("".join(said))
    assert [request.status for request in one.dokploy.calls(ONE)][:3] == [status, status, 200]
    assert one.running == ["new"]


def test_each_request_that_fails_once_is_repeated(one: DokployScene) -> None:
    for path in (ONE, UPDATE, DEPLOY, ALL):
        one.dokploy.fail(path, 500)
    done = one.deploy()
    assert done.code == 0, done.output
    assert [one.dokploy.calls(path)[1].status for path in (ONE, UPDATE, DEPLOY, ALL)] == [200] * 4


def test_refused_order_is_not_repeated(one: DokployScene) -> None:
    one.dokploy.fail(DEPLOY, 403)
    done = one.deploy()
    assert done.code == 1
    assert "error: Dokploy answers 403 to application.deploy: Played\n" in done.output
    assert one.orders == TWICE
    check_rolled_back(one, done.output)


def test_order_without_an_answer_is_rolled_back(one: DokployScene) -> None:
    one.dokploy.fail(DEPLOY, 0)
    done = one.deploy(REQUEST_TIMEOUT="2", RETRIES="0")
    assert done.code == 1
    assert "error: Dokploy answers 000 to application.deploy\n" in done.output
    check_rolled_back(one, done.output)


def test_deployment_that_takes_too_long_is_rolled_back(one: DokployScene) -> None:
    one.dokploy.applications["api"].courses = [Course(seconds=4)]
    done = one.deploy(DEPLOY_TIMEOUT="3")
    assert done.code == 1
    assert "is not done in 3 s. It is: running\n" in done.output
    check_rolled_back(one, done.output)


def test_refused_question_ends_the_waiting(one: DokployScene) -> None:
    one.dokploy.fail(ALL, 403)
    done = one.deploy()
    assert done.code == 1
    assert "It is: status 403: Played\n" in done.output
    check_rolled_back(one, done.output)


def test_a_rollback_that_fails_says_so(one: DokployScene) -> None:
    one.dokploy.applications["api"].courses = [Course(runs=one.images["api"].other), Course(status="error")]
    done = one.deploy(HEALTH_ANSWERS="1", HEALTH_TIMEOUT="3")
    assert done.code == 1
    old = one.images["api"].old
    assert f"error: api: Dokploy was asked for {old} again; what runs is not known\n" in done.output
    assert "rolled back, runs" not in done.output
    assert one.running == ["other"]


def test_a_rollback_that_is_refused_says_so(one: DokployScene) -> None:
    one.dokploy.applications["api"].courses = [Course(status="error")]
    one.dokploy.fail(UPDATE, 403, skip=1)
    done = one.deploy()
    assert done.code == 1
    assert f"error: api: Dokploy did not confirm the order to go back to {one.images['api'].old}\n" in done.output


@pytest.mark.parametrize("fresh", [{"image": None}, {"deployments": []}])
def test_first_deployment_has_nothing_to_go_back_to(one: DokployScene, fresh: dict[str, Any]) -> None:
    for name, value in fresh.items():
        setattr(one.dokploy.applications["api"], name, value)
    one.dokploy.applications["api"].courses = [Course(status="error")]
    done = one.deploy()
    assert done.code == 1
    assert "api: Dokploy has no image\n" in done.output
    assert "error: api: cannot be rolled back, no image from before is known; what runs is not known\n" in done.output


def test_service_that_was_down_before_is_set_back_all_the_same(one: DokployScene) -> None:
    one.dokploy.applications["api"].courses = [Course(status="error")]
    done = one.deploy(HEALTH_URLS="api=http://127.0.0.1:9/health")
    assert done.code == 1
    assert "api: was not healthy before either\n" in done.output
    assert one.configured == ["old"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_rolls_back_at_once(one: DokployScene, number: signal.Signals) -> None:
    one.dokploy.applications["api"].courses = [Course(runs=one.images["api"].other)]
    process = one.start(HEALTH_TIMEOUT="60", POLL_INTERVAL="30")
    one.wait_for("other")
    began = time.monotonic()
    process.send_signal(number)
    asked = len(one.dokploy.calls(ALL))
    while one.orders != TWICE or len(one.dokploy.calls(ALL)) == asked:
        assert time.monotonic() < began + 20
        time.sleep(0.05)
    process.send_signal(number)  # it is not waited for longer
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "error: Interrupted.\n" in output
    assert "error: Interrupted again.\n" in output
    assert f"error: api: Dokploy was asked for {one.images['api'].old} again; what runs is not known\n" in output
    one.wait_for("old")


def test_an_interrupted_deployment_is_rolled_back_in_peace(one: DokployScene) -> None:
    one.dokploy.applications["api"].courses = [Course(runs=one.images["api"].other)]
    process = one.start(HEALTH_TIMEOUT="60")
    one.wait_for("other")
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    check_rolled_back(one, output)


def test_an_interrupt_before_anything_changed_says_so(one: DokployScene) -> None:
    one.dokploy.fail(ONE, 0)
    process = one.start(REQUEST_TIMEOUT="30")
    while not one.dokploy.calls(ONE):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert output == "error: Interrupted.\nNothing was changed.\n"
    assert one.orders == []


@pytest.mark.parametrize(
    ("variables", "said", "hint"),
    [
        ({"DOKPLOY_URL": ""}, "DOKPLOY_URL is not set", "https://"),
        ({"DOKPLOY_API_KEY": ""}, "DOKPLOY_API_KEY is not set", "Profile"),
        ({"DOKPLOY_API_KEY": "wrong"}, "Dokploy refuses DOKPLOY_API_KEY (401: Unauthorized)", "is it right"),
        ({"DOKPLOY_APPLICATIONS": "web=web"}, "api has no application", "add api=ID to DOKPLOY_APPLICATIONS"),
        ({"DOKPLOY_APPLICATIONS": "api=gone"}, "api: Dokploy knows no application gone (404)", "its page in Dokploy"),
        ({"REVISION": ""}, "REVISION is not set", "the commit"),
        ({"REVISION": "1234567"}, "REVISION=1234567 is no whole commit", "git rev-parse"),
        ({"DEPLOY_TIMEOUT": "10m"}, "DEPLOY_TIMEOUT=10m is no whole number", "seconds"),
        ({"RETRIES": "08"}, "RETRIES=08 is no whole number", "times"),
        ({"HEALTH_URLS": "https://a/health"}, "HEALTH_URLS has https://a/health, which is no NAME=URL", "api=https://"),
        ({"HEALTH_URLS": "api=a/health"}, "HEALTH_URLS has api=a/health, which is no NAME=URL", "api=https://"),
        ({"DOKPLOY_API_KEY": "", "DOKPLOY_WEBHOOK_URL": "web=http://x"}, "api has no webhook", "add api=URL"),
    ],
)
def test_wrong_settings_are_named_before_anything_is_changed(
    two: DokployScene, variables: dict[str, str], said: str, hint: str
) -> None:
    done = two.deploy(**variables)
    assert done.code == 2
    assert f"error: {said}\nhint: " in done.output
    assert hint in done.output.partition("\nhint: ")[2]
    assert two.orders == []


@pytest.mark.parametrize("missing", ["curl", "jq"])
def test_a_missing_program_is_named(one: DokployScene, tmp_path: Path, missing: str) -> None:
    for name in {"curl", "dirname", "env", "jq", "mktemp", "rm", "sh"} - {missing}:
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    done = one.deploy(PATH=str(tmp_path))
    assert done.code == 2
    assert f"error: there is no {missing}\nhint: install it" in done.output
    assert one.orders == []


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("api=ghcr.io/acme/shop-api:latest", "api=ghcr.io/acme/shop-api:latest has no digest"),
        ("api=ghcr.io/acme/shop-api@sha256:12ab", "api=ghcr.io/acme/shop-api@sha256:12ab has no digest"),
        ("api", "api has no digest"),
        ("../api=x", "../api=x is no SERVICE=IMAGE"),
    ],
)
def test_wrong_arguments_are_named_before_anything_is_changed(one: DokployScene, argument: str, said: str) -> None:
    done = one.deploy(f"api={one.images['api'].new}", argument)
    assert done.code == 2
    assert f"error: {said}\nhint: " in done.output
    assert one.orders == []


def test_application_that_builds_from_git_is_refused(one: DokployScene) -> None:
    one.dokploy.applications["api"].source = "github"
    done = one.deploy()
    assert done.code == 2
    assert "choose Docker as its provider" in done.output
    assert one.orders == []


def test_unreachable_dokploy_is_named(one: DokployScene) -> None:
    done = one.deploy(DOKPLOY_URL="http://127.0.0.1:9", RETRIES="0")
    assert done.code == 1
    assert "error: Dokploy does not answer (000). Nothing was changed.\n" in done.output


def test_problems_are_annotations_in_a_workflow(one: DokployScene) -> None:
    done = one.deploy("api", GITHUB_ACTIONS="true")
    assert done.output.startswith("::error::api has no digest\n")
