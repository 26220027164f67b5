"""deploy/fly.sh against a flyctl that is played: fly.py says what it is made from. The images and containers are real."""

import signal
import subprocess
import time
from dataclasses import replace

import pytest

from .fly import Course, Machine
from .fly_scene import FlyScene
from .rollout import revision
from .script import NEW, OLD, OTHER

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_deploys_and_waits_until_the_service_answers_as_the_new_version(fly_one: FlyScene, shell: str) -> None:
    done = fly_one.deploy(shell=shell)
    assert done.code == 0, done.output
    assert fly_one.running == ["new"]
    assert revision(fly_one.rollouts["web"].url) == NEW
    assert fly_one.machines("web") == [("fra", "app", "new")]
    assert f"web: answers with revision {NEW}\nweb: runs {fly_one.images['web'].new}\n" in done.output


def test_fly_is_told_what_it_needs_and_no_more(fly_two: FlyScene) -> None:
    assert fly_two.deploy().code == 0
    api, web = (fly_two.fly.apps[f"shop-{name}"].told[0] for name in ("api", "web"))
    assert [told.config for told in (api, web)] == [
        "deploy/../services/api/fly.toml",
        "deploy/../services/web/fly.toml",
    ]
    assert [told.image for told in (api, web)] == [fly_two.copy("api", "new"), fly_two.copy("web", "new")]
    assert (api.flycast, web.flycast) == (True, False)
    for told in (api, web):
        assert (told.ha, told.yes, told.wait_timeout) == ("false", True, "30s")
        assert (told.strategy, told.skip_release_command, told.env) == (None, False, [])
    assert fly_two.fly.commands.count("auth docker") == 1
    assert "scale count" not in fly_two.fly.commands


def test_the_copy_is_the_part_for_its_platform_as_it_was(fly_one: FlyScene) -> None:
    assert fly_one.deploy().code == 0
    index, copy = fly_one.images["web"].new, fly_one.copy("web", "new")
    part = fly_one.crane("digest", "--platform=linux/amd64", index)
    assert part == fly_one.crane("digest", copy) != fly_one.crane("digest", index)
    assert fly_one.fly.apps["shop-web"].machines[0].digest == part


def test_the_release_command_runs_once_with_the_new_image(fly_two: FlyScene) -> None:
    assert fly_two.deploy().code == 0
    assert fly_two.fly.apps["shop-api"].released == [fly_two.copy("api", "new")]


def test_running_again_changes_nothing(fly_two: FlyScene) -> None:
    assert fly_two.deploy().code == 0
    passing = Machine(
        id="1", group="app", region="fra", image=fly_two.copy("api", "old"), digest="", state="destroying"
    )
    releasing = replace(passing, id="2", group="fly_app_release_command", state="stopped")
    fly_two.fly.apps["shop-api"].machines += [passing, releasing]
    told = [*fly_two.fly.commands]
    fly_two.check_settled()
    assert set(fly_two.fly.commands[len(told) :]) == {"machine list", "ips list"}


def test_what_has_too_few_machines_is_not_there_already(fly_one: FlyScene) -> None:
    assert fly_one.deploy().code == 0
    fly_one.fly.apps["shop-web"].machines.append(Machine(id="stray", group="app", region="sin", image="x:y", digest=""))
    again = fly_one.deploy()
    assert again.code == 0, again.output
    assert "web: app=0 in sin\n" in again.output
    assert fly_one.machines("web") == [("fra", "app", "new")]


def test_a_first_deployment_starts_the_machines(fly_one: FlyScene) -> None:
    app = fly_one.fly.apps["shop-web"]
    app.machines.clear()
    done = fly_one.deploy()
    assert done.code == 0, done.output
    assert "web: Fly.io has no image\n" in done.output
    assert fly_one.machines("web") == [("fra", "app", "new")]
    assert [kind for kind, _ in app.addresses] == ["v6", "shared_v4"]


def test_machines_run_where_and_as_many_as_the_project_says(fly_wide: FlyScene) -> None:
    done = fly_wide.deploy()
    assert done.code == 0, done.output
    assert fly_wide.machines("web") == [
        *[("fra", "app", "new")] * 3,
        ("fra", "web-mailer", "new"),
        *[("iad", "app", "new")] * 3,
    ]
    assert fly_wide.deploy().output == f"web: runs {fly_wide.images['web'].new} already\n"


def test_apps_of_another_environment(fly_two: FlyScene) -> None:
    """They find each other by the names that they have there."""
    fly_two.fly.apps = {f"{name}-staging": app for name, app in fly_two.fly.apps.items()}
    done = fly_two.deploy(FLY_APPS="api=shop-api-staging\nweb=shop-web-staging")
    assert done.code == 0, done.output
    api, web = fly_two.fly.apps.values()
    assert (api.told[0].app, web.told[0].app) == ("shop-api-staging", "shop-web-staging")
    assert web.told[0].env == ["API_URL=http://shop-api-staging.flycast"]
    assert web.machines[0].image.startswith(f"{fly_two.registry}/shop-web-staging:sha256-")


def test_service_that_is_none_of_flys_is_left_out(fly_two: FlyScene) -> None:
    done = fly_two.deploy(FLY_APPS="api=-")
    assert done.code == 0, done.output
    assert "api: is not deployed to Fly.io\n" in done.output
    assert fly_two.running == ["old", "new"]
    assert fly_two.fly.apps["shop-web"].told[0].env == []


def test_service_that_names_no_revision_is_verified_by_its_image(fly_one: FlyScene) -> None:
    done = fly_one.deploy(f"web={fly_one.images['web'].plain_new}")
    assert done.code == 0, done.output
    assert "web: is healthy, and names no revision." in done.output
    assert fly_one.running == ["plain_new"]


@pytest.mark.parametrize("course", [Course(release_fails=True), Course()], ids=["release command", "health"])
def test_a_deployment_that_fails_leaves_the_old_machines(fly_two: FlyScene, course: Course) -> None:
    app = fly_two.fly.apps["shop-api"]
    app.courses = [course]
    done = fly_two.deploy(f"api={fly_two.images['api'].broken}")
    assert done.code == 1
    assert "error: api: fly deploy failed\n" in done.output
    assert f"error: api: rolled back, runs {fly_two.images['api'].old} again\n" in done.output
    assert fly_two.machines("api") == [("fra", "app", "old")]
    assert len(app.told) == 1


def test_what_was_deployed_before_is_rolled_back_too(fly_two: FlyScene) -> None:
    fly_two.fly.apps["shop-web"].courses = [Course(release_fails=True)]
    config = fly_two.script.project / "services/web/fly.toml"
    text = config.read_text()
    config.write_text(text.replace("[deploy]\n", '[deploy]\nrelease_command = "false"\n'))
    try:
        done = fly_two.deploy()
    finally:
        config.write_text(text)
    assert done.code == 1
    assert fly_two.running == ["old", "old"]
    back = fly_two.fly.apps["shop-api"].told[1]
    assert (back.image, back.strategy, back.skip_release_command) == (fly_two.copy("api", "old"), "rolling", True)
    for name in ("api", "web"):
        assert f"error: {name}: rolled back, runs {fly_two.images[name].old} again\n" in done.output


def test_another_version_than_was_asked_for_is_noticed_and_rolled_back(fly_one: FlyScene) -> None:
    done = fly_one.deploy(f"web={fly_one.images['web'].other}", HEALTH_ANSWERS="1", HEALTH_TIMEOUT="1")
    assert done.code == 1
    assert f"web: is not healthy as {NEW} after 1 s. The last answer: {OTHER}" in done.output
    assert fly_one.running == ["old"]
    assert revision(fly_one.rollouts["web"].url) == OLD
    assert fly_one.machines("web") == [("fra", "app", "old")]


def test_another_image_under_the_same_name_is_noticed_and_rolled_back(fly_one: FlyScene) -> None:
    fly_one.fly.apps["shop-web"].courses = [Course(runs=fly_one.copy("web", "old"))]
    done = fly_one.deploy(RETRIES="0")
    assert done.code == 1
    assert "error: web: Fly.io is done, but its machines have sha256:" in done.output
    assert fly_one.machines("web") == [("fra", "app", "old")]


def test_an_image_that_was_no_copy_of_ours_is_gone_back_to(fly_one: FlyScene) -> None:
    app = fly_one.fly.apps["shop-web"]
    by_hand = f"{fly_one.registry}/shop-web:deployment-1"
    fly_one.crane("copy", fly_one.copy("web", "old"), by_hand)
    app.machines[0] = Machine(id="1", group="app", region="fra", image=by_hand, digest=app.machines[0].digest)
    done = fly_one.deploy(f"web={fly_one.images['web'].other}", HEALTH_ANSWERS="1", HEALTH_TIMEOUT="1")
    assert done.code == 1
    assert f"error: web: rolled back, runs {by_hand} again\n" in done.output
    assert app.machines[0].image == by_hand


def test_interrupted_it_breaks_the_deployment_off_and_goes_back(fly_two: FlyScene) -> None:
    fly_two.fly.apps["shop-web"].courses = [Course(seconds=60, tidying=3)]
    process = fly_two.script.start(*fly_two.new)
    end = time.monotonic() + 60
    while not fly_two.fly.apps["shop-web"].told:
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "error: Interrupted.\n" in output
    assert "deployment aborted by user" in output
    assert fly_two.running == ["old", "old"]
    for name in ("api", "web"):
        assert f"error: {name}: rolled back, runs {fly_two.images[name].old} again\n" in output


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"FLY_APPS": "web=shop-elsewhere"}, "Fly.io does not show its app shop-elsewhere: Error: failed to list VMs"),
        ({"FLY_API_TOKEN": "another"}, "Please login with 'flyctl auth login'"),
        ({"PATH": "/usr/bin:/bin"}, "there is no flyctl"),
    ],
)
def test_what_cannot_be_deployed_is_named_and_nothing_is_tried(
    fly_one: FlyScene, variables: dict[str, str], said: str
) -> None:
    done = fly_one.deploy(**variables)
    assert done.code == 2, done.output
    assert said in done.output
    assert fly_one.fly.apps["shop-web"].told == []


def test_a_stranger_is_no_service(fly_one: FlyScene) -> None:
    done = fly_one.deploy(fly_one.images["web"].new.join(["stranger=", ""]))
    assert done.code == 2
    assert "error: stranger is no service of this project\n" in done.output


def test_what_is_private_and_has_a_public_address_is_not_deployed(fly_two: FlyScene) -> None:
    fly_two.fly.apps["shop-api"].addresses = [("private_v6", "fdaa::1"), ("egress_v4", "1.1.1.1"), ("v6", "2a09::2")]
    done = fly_two.deploy()
    assert done.code == 2
    assert "error: api is not public, and people reach it at 2a09::2\n" in done.output
    assert "hint: fly ips release --app shop-api 2a09::2\n" in done.output


def test_an_image_for_another_platform_is_not_deployed(fly_one: FlyScene) -> None:
    only = f"{fly_one.registry}/arm:only"
    command = ("docker", "buildx", "imagetools", "create", "--platform=linux/arm64", f"--tag={only}")
    subprocess.run([*command, fly_one.images["web"].new], env=fly_one.fly.environment, capture_output=True, check=True)
    done = fly_one.deploy(f"web={fly_one.registry}/arm@{fly_one.crane('digest', only)}")
    assert done.code == 1
    assert "has nothing for linux/amd64, which is what Fly.io runs" in done.output
    assert fly_one.running == ["old"]
    assert fly_one.fly.apps["shop-web"].told == []


def test_an_image_that_is_not_there_is_named(fly_one: FlyScene) -> None:
    done = fly_one.deploy(f"web={fly_one.registry}/nothing@sha256:{'0' * 64}")
    assert done.code == 1
    assert "/nothing@sha256:000" in done.output
    assert "cannot be read" in done.output
    assert fly_one.running == ["old"]
