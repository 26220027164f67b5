"""The host `kubernetes`: a generated project on the cluster, brought there by deploy/kubernetes.sh.

What the cluster lacks has no effect here, and is only admitted: metrics for the autoscaler, a controller for the Gateway
API, network policies, and DNS.
"""

import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from tests.cluster.conftest import REVISIONS, Cluster
from tests.cluster.place import KEY, Place, prepare
from tests.pipeline.hosts import images as tiny
from tests.pipeline.hosts.script import Done, Visitor
from tests.pipeline.shop import scaffold

OLD, NEW = REVISIONS
MIGRATE = """python -c 'import os; assert os.environ["STRIPE_KEY"]'"""
FAIL = """python -c 'raise SystemExit("no such table")'"""
PROCESS = """
[services.web.processes]
clock = "sleep 1000000"
"""
ALARM = """
[services.api.processes]
alarm = "false"
"""


@pytest.fixture(scope="module")
def images(cluster: Cluster, releases: list[str]) -> Mapping[str, str]:
    """`api` twice, and one that starts and never answers; `web`, which is none of our stacks."""
    repository = releases[0].partition("@")[0]
    mutate = ("crane", "mutate", "--insecure", "--cmd=sleep,1000000", f"--tag={repository}:deaf", releases[0])
    subprocess.run(mutate, env=cluster.environment, capture_output=True, check=True)
    asked = ("crane", "digest", "--insecure", f"{repository}:deaf")
    deaf = subprocess.run(asked, env=cluster.environment, capture_output=True, text=True, check=True).stdout.strip()
    web = tiny.push(cluster.environment, repository.replace("-api", "-web"), {"revision": OLD}, "USER 10001\n")
    return {"old": releases[0], "new": releases[1], "deaf": f"{repository}@{deaf}", "web": web}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[Place]:
    shop = scaffold(tmp_path_factory.mktemp("host"), cluster.environment)
    shop.bakegen("add-host", "kubernetes")
    shop.bakegen("add-service", "api", "--stack=fastapi", "--secret=STRIPE_KEY")
    shop.bakegen("set", "api", "replicas=2", "domains=api.example.com", "memory=256MiB", f"pre_deploy={MIGRATE}")
    shop.commit({"services/web/Dockerfile": "FROM scratch\n"})
    shop.bakegen("add-service", "web", "--stack=dockerfile", "--port=8080", "--health=/health", "--needs=api")
    shop.bakegen("set", "web", "max_replicas=3")
    answers = (shop.folder / "bakegen.toml").read_text(encoding="utf-8")
    shop.commit({"bakegen.toml": answers + PROCESS})
    shop.bakegen("sync")
    found = prepare(cluster, shop)
    yield found
    cluster.kubectl("delete", "namespace", found.namespace, "--wait=false")


@pytest.fixture(scope="module")
def first(place: Place, images: Mapping[str, str]) -> Done:
    """The first deployment."""
    return place.deploy(f"api={images['old']}", f"web={images['web']}", revision=OLD)


def test_first_deployment(first: Done, place: Place, images: Mapping[str, str]) -> None:
    assert first.code == 0, first.output
    api, web = digest(images["old"]), digest(images["web"])
    assert place.pods() == {"api": [api, api], "web": [web], "web-clock": [web]}
    (job,) = place.get("jobs")["items"]
    assert job["status"]["succeeded"] == 1


def revision(place: Place, images: Mapping[str, str]) -> str:
    """The one that `api` runs."""
    return NEW if place.image("api") == images["new"] else OLD


def digest(image: str) -> str:
    return image.partition("@")[2]


def test_deploying_it_again_changes_nothing(first: Done, place: Place, images: Mapping[str, str]) -> None:
    before = place.generations()
    again = place.deploy(f"api={images['old']}", f"web={images['web']}", revision=OLD)
    assert again.output == f"api: runs {images['old']} already\nweb: runs {images['web']} already\n"
    assert place.generations() == before


def test_pods_have_values_secrets_and_addresses(first: Done, place: Place) -> None:
    shown = place.kubectl("exec", "deployment/api", "--", "env")
    assert {"LOG_LEVEL=info", f"STRIPE_KEY={KEY}"} < {*shown.splitlines()}
    assert "API_URL=http://api\n" in place.kubectl("exec", "deployment/web", "--", "/bin/busybox", "env")


def test_what_has_no_effect_here_is_admitted(first: Done, place: Place) -> None:
    (route,) = place.get("httproutes")["items"]
    assert route["spec"]["hostnames"] == ["staging.api.example.com"]
    (scale,) = place.get("horizontalpodautoscalers")["items"]
    assert (scale["spec"]["minReplicas"], scale["spec"]["maxReplicas"]) == (1, 3)
    policies = {each["metadata"]["name"] for each in place.get("networkpolicies")["items"]}
    assert policies == {"default-deny", "to-api", "to-web"}


def test_disruptions_are_bounded(first: Done, place: Place) -> None:
    (budget,) = place.get("poddisruptionbudgets")["items"]
    assert (budget["metadata"]["name"], budget["status"]["disruptionsAllowed"]) == ("api", 1)


def test_the_namespace_takes_no_unrestricted_pod(first: Done, place: Place, images: Mapping[str, str]) -> None:
    with pytest.raises(AssertionError, match='violates PodSecurity "restricted'):
        place.kubectl("run", "root", f"--image={images['web']}")


def test_who_deploys_has_no_other_rights(place: Place) -> None:
    asked = [
        ("get", "secrets"),
        ("create", "pods/exec"),
        ("create", "rolebindings"),
        ("get", "pods", "--namespace=default"),
    ]
    account = f"--as=system:serviceaccount:{place.namespace}:deploy"
    for what in asked:
        ask = ("kubectl", f"--namespace={place.namespace}", "auth", "can-i", account, *what)
        done = subprocess.run(ask, env=place.cluster.environment, capture_output=True, text=True, check=False)
        assert done.stdout == "no\n", what


def test_new_image_is_rolled_out_and_nobody_notices(first: Done, place: Place, images: Mapping[str, str]) -> None:
    visitor = Visitor(url=f"{place.address('api')}/health")
    with visitor.visit():
        done = place.deploy(f"api={images['new']}", revision=NEW)
    assert done.code == 0, done.output
    assert f"api: answers with revision {NEW}\n" in done.output
    assert place.pods()["api"] == [digest(images["new"])] * 2
    assert set(Counter(visitor.answers)) == {200}


def test_image_that_never_gets_ready_is_taken_back(first: Done, place: Place, images: Mapping[str, str]) -> None:
    before = place.pods()
    visitor = Visitor(url=f"{place.address('api')}/health")
    with visitor.visit():
        done = place.deploy(f"api={images['deaf']}", revision=OLD, DEPLOY_TIMEOUT="10")
    assert done.code == 1, done.output
    assert "error: api: the deployment api is not rolled out\n" in done.output
    assert re.search("error: api: rolled back, runs .* again\n", done.output)
    assert place.pods() == before
    assert set(Counter(visitor.answers)) == {200}


def test_interrupted_deployment_is_taken_back(first: Done, place: Place, images: Mapping[str, str]) -> None:
    before, generation = place.pods(), place.generations()["api"]
    process = place.script(OLD).start(f"api={images['deaf']}")
    while place.generations()["api"] == generation:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "error: Interrupted.\n" in output
    assert re.search("error: api: rolled back, runs .* again\n", output), output
    assert place.pods() == before


def test_command_before_a_deployment_that_fails_stops_it(first: Done, place: Place, images: Mapping[str, str]) -> None:
    place.shop.bakegen("set", "api", f"pre_deploy={FAIL}")
    before = (place.pods(), place.generations())
    done = place.deploy(f"api={images['old']}", revision=OLD)
    place.shop.bakegen("set", "api", f"pre_deploy={MIGRATE}")
    assert done.code == 1
    assert "Failed\n" in done.output
    assert "no such table\n" in done.output
    assert (place.pods(), place.generations()) == before


def test_change_goes_out_with_the_same_image(first: Done, place: Place, images: Mapping[str, str]) -> None:
    place.shop.bakegen("add-env", "api", "LOG_LEVEL=debug")
    done = place.deploy(f"api={place.image('api')}", revision=revision(place, images))
    assert done.code == 0, done.output
    assert "LOG_LEVEL=debug\n" in place.kubectl("exec", "deployment/api", "--", "env")


def test_change_that_fails_is_taken_back(first: Done, place: Place, images: Mapping[str, str]) -> None:
    """With all of it: values are what they were, and a process that is new goes."""
    before = place.pods()
    place.shop.bakegen("add-env", "api", "LOG_LEVEL=loud")
    answers = (place.shop.folder / "bakegen.toml").read_text(encoding="utf-8")
    place.shop.commit({"bakegen.toml": answers + ALARM})
    place.shop.bakegen("sync")
    done = place.deploy(f"api={place.image('api')}", revision=revision(place, images), DEPLOY_TIMEOUT="10")
    assert done.code == 1, done.output
    assert re.search("error: api: rolled back, runs .* again\n", done.output), done.output
    assert "Input should be 'debug', 'info', 'warning' or 'error'" in done.output
    assert place.generations().keys() == {"api", "web", "web-clock"}
    assert place.pods() == before
    assert "LOG_LEVEL=loud\n" not in place.kubectl("exec", "deployment/api", "--", "env")
