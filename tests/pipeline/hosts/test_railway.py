"""deploy/railway.sh against a Railway whose services are containers."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .containers import Containers
from .railway import Course, Deployment
from .railway_scene import RailwayScene, railway_scene
from .rollout import revision
from .script import NEW, OLD, Images

pytestmark = pytest.mark.engine

TOKEN, INSTANCE = "projectToken", "serviceInstance"
UPDATE, DEPLOY, DEPLOYMENT = "serviceInstanceUpdate", "serviceInstanceDeployV2", "deployment"
ONCE = [("update", "web"), ("deploy", "web")]
PROCESS = '\n[services.api.processes]\nmail = "python -m app.mail"\n'


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is deployed to Railway. Its service `api` has a further process, `mail`."""
    project = tmp_path_factory.mktemp("railway") / "shop"
    bakegen = (sys.executable, "-m", "bakegen")
    answers = ("--preset=api-web", "--set=project_slug=shop", "--set=git_init=false", "--set=hosts=railway")
    subprocess.run([*bakegen, "new", "shop", *answers], cwd=project.parent, check=True)
    with (project / "bakegen.toml").open("a", encoding="utf-8") as file:
        file.write(PROCESS)
    subprocess.run([*bakegen, "sync"], cwd=project, check=True)
    return project


@pytest.fixture
def web(shop: Path, containers: Containers, images: Mapping[str, Images]) -> Iterator[RailwayScene]:
    """A Railway with the service `web`."""
    with railway_scene(shop, containers, {"web": images["web"]}) as found:
        yield found


@pytest.fixture
def api(shop: Path, containers: Containers, images: Mapping[str, Images]) -> Iterator[RailwayScene]:
    """A Railway with the service `api` and its further process."""
    with railway_scene(shop, containers, {"api": images["api"]}, "api-mail") as found:
        yield found


def check_rolled_back(scene: RailwayScene, output: str) -> None:
    assert set(scene.running) == set(scene.configured) == {"old"}
    for name, each in scene.images.items():
        assert f"error: {name}: rolled back, runs {each.old} again\n" in output


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_deploys_and_waits_until_the_service_answers_as_the_new_version(web: RailwayScene, shell: str) -> None:
    done = web.deploy(shell=shell)
    assert done.code == 0, done.output
    assert web.running == web.configured == ["new"]
    assert revision(web.rollouts["web"].url) == NEW
    assert web.orders == ONCE
    assert f"web: answers with revision {NEW}\nweb: runs {web.images['web'].new}\n" in done.output


def test_further_processes_start_when_the_service_itself_is_there(api: RailwayScene) -> None:
    api.railway.services["api"].courses = [Course(seconds=1)]
    done = api.deploy()
    assert done.code == 0, done.output
    assert api.running == api.configured == ["new", "new"]
    assert [(order, name) for order, name, _ in api.railway.orders] == [
        (order, name) for name in ("api", "api-mail") for order in ("update", "deploy")
    ]
    assert [status for _, name, status in api.railway.orders if name == "api-mail"] == ["SUCCESS", "SUCCESS"]


def test_running_again_changes_nothing(api: RailwayScene) -> None:
    assert api.deploy().code == 0
    told = api.orders
    api.check_settled()
    assert api.orders == told


def test_a_process_that_is_behind_is_deployed_with_its_service(api: RailwayScene) -> None:
    assert api.deploy().code == 0
    mail, old = api.railway.services["api-mail"], api.images["api"].old
    mail.image = old
    mail.rollout.to(old)
    mail.deployments.append(Deployment(id="by-hand", status="SUCCESS", meta={"image": old}))
    done = api.deploy()
    assert done.code == 0, done.output
    assert api.running == ["new", "new"]


def configure_by_tag(web: RailwayScene) -> None:
    """The old image is there by a tag, and Railway knows its digest."""
    service = web.railway.services["web"]
    repository, digest = web.images["web"].old.split("@")
    service.image = f"{repository}:latest"
    service.deployments = [
        Deployment(id="by-tag", status="SUCCESS", meta={"image": service.image, "imageDigest": digest})
    ]


def check_failure_leads_back_to_the_old_image(web: RailwayScene) -> None:
    web.railway.services["web"].courses = [Course(status="FAILED")]
    done = web.deploy()
    assert done.code == 1
    assert f"web: Railway has {web.images['web'].old}\n" in done.output
    check_rolled_back(web, done.output)


def test_what_is_configured_by_tag_is_known_by_its_digest(web: RailwayScene) -> None:
    configure_by_tag(web)
    check_failure_leads_back_to_the_old_image(web)


def test_a_tag_of_the_wanted_image_is_replaced_by_the_digest(web: RailwayScene) -> None:
    configure_by_tag(web)
    done = web.deploy(f"web={web.images['web'].old}", REVISION=OLD)
    assert done.code == 0, done.output
    assert web.configured == ["old"]


def test_what_runs_is_known_where_the_newest_deployment_failed(web: RailwayScene) -> None:
    service, images = web.railway.services["web"], web.images["web"]
    service.image = images.new
    service.deployments.append(Deployment(id="by-hand", status="FAILED", meta={"image": images.new}))
    check_failure_leads_back_to_the_old_image(web)


def test_service_that_names_no_revision_is_verified_as_far_as_can_be(web: RailwayScene) -> None:
    image = web.images["web"].plain_new
    web.railway.services["web"].rollout.to(web.images["web"].plain_old)
    done = web.deploy(f"web={image}")
    assert done.code == 0, done.output
    assert f"names no revision. That Railway has {image} is all that could be verified." in done.output


@pytest.mark.parametrize("status", ["CRASHED", "FAILED", "REMOVED", "SKIPPED"])
def test_a_deployment_that_ends_otherwise_is_rolled_back(web: RailwayScene, status: str) -> None:
    web.railway.services["web"].courses = [Course(status=status)]
    done = web.deploy()
    assert done.code == 1
    assert f"error: web: Railway's deployment ends with: {status}\n" in done.output
    assert web.orders == ONCE * 2
    check_rolled_back(web, done.output)


def test_a_success_that_crashes_is_rolled_back(web: RailwayScene) -> None:
    web.railway.services["web"].courses = [Course(crashes=True)]
    done = web.deploy(HEALTH_URLS="", HEALTH_ANSWERS="4")
    assert done.code == 1
    assert "error: web: Railway's deployment ends with: CRASHED\n" in done.output
    check_rolled_back(web, done.output)


def test_a_success_is_not_believed_if_it_is_of_another_image(web: RailwayScene) -> None:
    images = web.images["web"]
    web.railway.services["web"].courses = [Course(says=images.old, runs=images.old)]
    done = web.deploy(HEALTH_URLS="")
    assert done.code == 1
    assert f"error: web: Railway deployed {images.old}, and not {images.new}\n" in done.output
    check_rolled_back(web, done.output)


def test_a_further_process_that_fails_takes_all_of_them_back(api: RailwayScene) -> None:
    api.railway.services["api-mail"].courses = [Course(status="CRASHED")]
    done = api.deploy()
    assert done.code == 1
    assert "error: api-mail: Railway's deployment ends with: CRASHED\n" in done.output
    check_rolled_back(api, done.output)


def test_what_fails_once_is_asked_again(web: RailwayScene) -> None:
    operations = (TOKEN, INSTANCE, UPDATE, DEPLOY, DEPLOYMENT)
    for operation in operations:
        web.railway.refuse(operation, 500)
    done = web.deploy()
    assert done.code == 0, done.output
    assert [web.railway.statuses(operation)[:2] for operation in operations] == [[500, 200]] * len(operations)
    assert web.running == ["new"]


@pytest.mark.parametrize(("operation", "status"), [(UPDATE, 200), (DEPLOY, 400)])
def test_a_refused_order_is_not_repeated(web: RailwayScene, operation: str, status: int) -> None:
    web.railway.refuse(operation, status, message="Problem processing\nrequest")
    done = web.deploy()
    assert done.code == 1
    assert f"error: web: Railway answers {status} to the order to deploy: Problem processingrequest\n" in done.output
    assert web.orders[-2:] == ONCE
    check_rolled_back(web, done.output)


def test_a_rollback_that_is_refused_goes_on_with_the_other_processes(api: RailwayScene) -> None:
    api.railway.services["api"].courses = [Course(status="FAILED")]
    api.railway.refuse(UPDATE, skip=1)
    done = api.deploy()
    assert done.code == 1
    old = api.images["api"].old
    assert f"error: api: Railway did not confirm the order to go back to {old}\n" in done.output
    assert api.orders[-2:] == [("update", "api-mail"), ("deploy", "api-mail")]


@pytest.mark.parametrize(
    ("variables", "said", "hint"),
    [
        ({"RAILWAY_TOKEN": ""}, "RAILWAY_TOKEN is not set", "Settings, Tokens"),
        (
            {"RAILWAY_TOKEN": "wrong"},
            "Railway refuses RAILWAY_TOKEN (200: Project Token not found)",
            "a token of the project",
        ),
    ],
)
def test_wrong_settings_are_named_before_anything_is_changed(
    web: RailwayScene, variables: dict[str, str], said: str, hint: str
) -> None:
    done = web.deploy(**variables)
    assert done.code == 2
    assert f"error: {said}\nhint: " in done.output
    assert hint in done.output.partition("\nhint: ")[2]
    assert web.orders == []


def test_a_service_that_railway_does_not_have_is_named(web: RailwayScene) -> None:
    done = web.deploy(f"api={web.images['web'].new}")
    assert done.code == 2
    assert done.output == "error: Railway has no service api\nhint: make it: railway config apply\n"


def test_a_further_process_that_the_environment_does_not_have_is_named(api: RailwayScene) -> None:
    del api.railway.services["api-mail"]
    api.railway.elsewhere = ("api-mail",)
    done = api.deploy()
    assert done.code == 2
    said = "error: Railway has no service api-mail in this environment: ServiceInstance not found\nhint: make it: "
    assert said in done.output
    assert api.orders == []


def test_a_service_that_is_built_from_a_repository_is_refused(web: RailwayScene) -> None:
    web.railway.services["web"].repo = "acme/shop"
    done = web.deploy()
    assert done.code == 2
    assert "error: web: Railway builds it from a repository\nhint: let it run an image: " in done.output
    assert web.orders == []


def test_unreachable_railway_is_named(web: RailwayScene) -> None:
    done = web.deploy(RAILWAY_GRAPHQL_ENDPOINT="http://127.0.0.1:9/graphql/v2", RETRIES="0")
    assert done.code == 1
    assert "error: Railway does not answer (000). Nothing was changed.\n" in done.output


def test_an_operation_that_railway_does_not_know_is_noticed(web: RailwayScene) -> None:
    script = web.script.project / "deploy/railway.sh"
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("latestDeployment { status meta }", "latestDeployment { state meta }"))
    try:
        assert web.deploy().code == 2
    finally:
        script.write_text(text, encoding="utf-8")
    assert "Cannot query field 'state' on type 'Deployment'" in web.railway.wrong.pop(0)
