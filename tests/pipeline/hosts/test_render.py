"""deploy/render.sh against a Render whose services are containers."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from .containers import Containers
from .render import CREDENTIAL, OWNER, Course, Deploy
from .render_scene import RenderScene, render_scene
from .rollout import revision
from .script import NEW, OLD, Images

pytestmark = pytest.mark.engine

DEPLOYS = "/services/srv-api/deploys"
ONCE = [("api", "deploy"), ("api", "settings")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is deployed to Render."""
    folder = tmp_path_factory.mktemp("render")
    answers = ("--preset=api-web", "--set=project_slug=shop", "--set=git_init=false", "--set=hosts=render")
    subprocess.run([sys.executable, "-m", "bakegen", "new", "shop", *answers], cwd=folder, check=True)
    return folder / "shop"


@pytest.fixture(scope="module")
def working(shop: Path) -> Path:
    """The same; `api` has a further process, `jobs`."""
    copy = shutil.copytree(shop, shop.parent / "working")
    with (copy / "bakegen.toml").open("a") as file:
        file.write('\n[services.api.processes]\njobs = "python -m app.jobs"\n')
    subprocess.run([sys.executable, "-m", "bakegen", "sync"], cwd=copy, check=True)
    return copy


@pytest.fixture
def one(shop: Path, containers: Containers, images: Mapping[str, Images]) -> Iterator[RenderScene]:
    """A Render with one service, `api`."""
    with render_scene(shop, containers, {"api": images["api"]}) as found:
        yield found


@pytest.fixture
def three(working: Path, containers: Containers, images: Mapping[str, Images]) -> Iterator[RenderScene]:
    """A Render with the services `api` and `web`, and the process `api-jobs`."""
    with render_scene(working, containers, images, "api-jobs") as found:
        yield found


def check_rolled_back(scene: RenderScene, output: str) -> None:
    assert scene.running == scene.settings == ["old"]
    assert f"error: api: rolled back, runs {scene.images['api'].old} again\n" in output


def wait_until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not there():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_deploys_and_waits_until_the_service_answers_as_the_new_version(one: RenderScene, shell: str) -> None:
    one.render.services["api"].courses = [Course(phases=("build_in_progress", "update_in_progress"), seconds=0.5)]
    done = one.deploy(shell=shell)
    assert done.code == 0, done.output
    assert one.running == ["new"]
    assert revision(one.render.services["api"].rollout.url) == NEW
    assert one.orders == ONCE
    assert f"api: answers with revision {NEW}\napi: runs {one.images['api'].new}\n" in done.output


def test_the_image_is_in_the_settings_too_with_the_credential_that_was_there(one: RenderScene) -> None:
    assert one.deploy().code == 0
    assert one.settings == ["new"]
    (request,) = one.render.calls("/services/srv-api", "PATCH")
    wanted = {"imagePath": one.images["api"].new, "ownerId": OWNER, "registryCredentialId": CREDENTIAL}
    assert request.values == {"image": wanted}


def test_running_again_changes_nothing(one: RenderScene) -> None:
    one.render.services["api"].credential = False
    assert one.deploy().code == 0
    one.check_settled()
    assert one.orders == ONCE


def test_what_a_blueprint_made_is_found_behind_its_tag_and_pinned(one: RenderScene) -> None:
    api, image = one.render.services["api"], one.images["api"].old
    api.settings = f"{image.partition('@')[0]}:latest"
    api.deploys[0].tag = "latest"
    done = one.deploy(f"api={image}", REVISION=OLD)
    assert done.code == 0, done.output
    assert f"api: Render has {image}\n" in done.output
    assert one.orders == ONCE
    assert one.settings == ["old"]


def test_processes_of_a_service_start_when_the_service_itself_is_there(three: RenderScene) -> None:
    done = three.deploy()
    assert done.code == 0, done.output
    assert three.running == three.settings == ["new", "new", "new"]
    assert three.orders == [(name, what) for name in ("api", "api-jobs", "web") for what in ("deploy", "settings")]
    jobs = three.render.services["api-jobs"]
    jobs.settings = three.images["api"].old
    done = three.deploy()
    assert done.code == 0, done.output
    assert f"api: deploying {three.images['api'].new}\n" in done.output, "a process is behind"
    assert f"web: runs {three.images['web'].new} already\n" in done.output
    assert three.settings == ["new", "new", "new"]


def test_all_go_back_together_if_a_process_fails(three: RenderScene) -> None:
    three.render.services["api-jobs"].courses = [Course(status="update_failed")]
    done = three.deploy(f"api={three.images['api'].new}")
    assert done.code == 1
    assert "error: Render's deploy dep-1 of srv-api-jobs ends with: update_failed\n" in done.output
    assert three.running == three.settings == ["old", "old", "old"]
    assert three.orders[3:5] == [("api", "deploy"), ("api-jobs", "deploy")]
    assert f"error: api: rolled back, runs {three.images['api'].old} again\n" in done.output


def test_what_is_none_of_renders_is_left_out(three: RenderScene) -> None:
    done = three.deploy(RENDER_SERVICES="api=srv-api,srv-api-jobs web=-")
    assert done.code == 0, done.output
    assert "web: is not deployed to Render\n" in done.output
    assert three.running == ["new", "new", "old"]


def test_process_without_an_id_is_named_before_anything_is_changed(three: RenderScene) -> None:
    done = three.deploy(RENDER_SERVICES="api=srv-api web=srv-web")
    assert done.code == 2
    assert "error: api needs 2 of RENDER_SERVICES' IDs, and has: srv-api\nhint: one for the service" in done.output
    assert three.orders == []


def test_service_that_names_no_revision_is_verified_by_the_image_that_is_live(one: RenderScene) -> None:
    image = one.images["api"].plain_new
    done = one.deploy(f"api={image}")
    assert done.code == 0, done.output
    assert f"names no revision. That Render has {image} is all that could be verified." in done.output
    assert one.running == ["plain_new"]


def test_settings_that_cannot_be_changed_are_named_and_no_failure(one: RenderScene) -> None:
    one.render.fail("/services/srv-api", 403, method="PATCH")
    done = one.deploy()
    assert done.code == 0, done.output
    assert "srv-api: its settings in Render name another image still (403: Played)" in done.output
    assert one.running == ["new"]
    assert one.settings == ["old"]


@pytest.mark.parametrize("status", ["build_failed", "pre_deploy_failed", "update_failed", "canceled"])
def test_failed_deploy_is_rolled_back(one: RenderScene, status: str) -> None:
    one.render.services["api"].courses = [Course(status=status)]
    done = one.deploy()
    assert done.code == 1
    assert f"error: Render's deploy dep-1 of srv-api ends with: {status}\n" in done.output
    assert one.orders == [("api", "deploy"), *ONCE]
    check_rolled_back(one, done.output)


@pytest.mark.parametrize("waits", [False, True])
def test_deploy_that_takes_too_long_is_cancelled_and_rolled_back(one: RenderScene, *, waits: bool) -> None:
    one.render.waits = waits
    one.render.services["api"].courses = [Course(seconds=60)]
    done = one.deploy(DEPLOY_TIMEOUT="3")
    assert done.code == 1
    assert "error: Render's deploy dep-1 of srv-api is not done in 3 s. It is: update_in_progress\n" in done.output
    assert one.orders == [("api", "deploy"), ("api", "cancel"), *ONCE]
    check_rolled_back(one, done.output)


def test_deploy_that_waits_for_another_is_found(one: RenderScene) -> None:
    one.render.waits = True
    api, images = one.render.services["api"], one.images["api"]
    api.deploys.append(Deploy(id="dep-1", image=images.other, status="update_in_progress"))
    process = one.start()
    wait_until(lambda: bool(one.render.calls(DEPLOYS, "GET")[2:]))
    api.deploys[1].status = "canceled"
    api.deploys[1].over.set()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert one.running == one.settings == ["new"]


def test_what_fails_once_is_asked_again(one: RenderScene) -> None:
    for method, path in (
        ("GET", ""),
        ("GET", "/deploys"),
        ("POST", "/deploys"),
        ("GET", "/deploys/dep-1"),
        ("PATCH", ""),
    ):
        one.render.fail(f"/services/srv-api{path}", 500, method=method)
    done = one.deploy()
    assert done.code == 0, done.output
    assert [request.status for request in one.render.calls(DEPLOYS, "POST")] == [500, 201]
    assert one.running == one.settings == ["new"]


def test_refused_order_is_not_repeated(one: RenderScene) -> None:
    one.render.fail(DEPLOYS, 400, method="POST")
    done = one.deploy()
    assert done.code == 1
    assert "error: Render answers 400 to the order to deploy srv-api: Played\n" in done.output
    check_rolled_back(one, done.output)


def test_first_deploy_has_nothing_to_go_back_to(one: RenderScene) -> None:
    api = one.render.services["api"]
    api.deploys[0].status = "build_failed"
    api.courses = [Course(status="update_failed")]
    done = one.deploy()
    assert done.code == 1
    assert "api: Render has no image\n" in done.output
    assert "error: api: cannot be rolled back, no image from before is known; what runs is not known\n" in done.output


@pytest.mark.parametrize(
    ("variables", "said", "hint"),
    [
        ({"RENDER_API_KEY": ""}, "RENDER_API_KEY is not set", "Account Settings"),
        ({"RENDER_API_KEY": "wrong"}, "Render refuses RENDER_API_KEY (401: Unauthorized)", "is it right"),
        ({"RENDER_SERVICES": ""}, "api has no ID", "add api=srv-… to RENDER_SERVICES"),
        ({"RENDER_SERVICES": "api=srv-gone"}, "api: Render knows no service srv-gone (404)", "its page in Render"),
    ],
)
def test_wrong_settings_are_named_before_anything_is_changed(
    one: RenderScene, variables: dict[str, str], said: str, hint: str
) -> None:
    done = one.deploy(**variables)
    assert done.code == 2
    assert f"error: {said}\nhint: " in done.output
    assert hint in done.output.partition("\nhint: ")[2]
    assert one.orders == []


def test_service_that_runs_no_image_is_refused(one: RenderScene) -> None:
    one.render.services["api"].settings = None
    done = one.deploy()
    assert done.code == 2
    assert "error: api: srv-api does not run an image\n" in done.output
    assert one.orders == []


def test_suspended_service_is_refused(one: RenderScene) -> None:
    one.render.services["api"].suspended = "suspended"
    done = one.deploy()
    assert done.code == 2
    assert "error: api: srv-api is suspended\nhint: resume it in Render\n" in done.output
    assert one.orders == []


def test_unreachable_render_is_named(one: RenderScene) -> None:
    done = one.deploy(RENDER_API_URL="http://127.0.0.1:9", RETRIES="0")
    assert done.code == 1
    assert "error: Render does not answer (000). Nothing was changed.\n" in done.output
