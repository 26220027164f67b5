"""deploy/dokploy-setup.sh against a server with the rules of Dokploy's API: what it makes, and what it leaves alone."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bakegen import catalog, project_reader

from .dokploy import KEY
from .installation import Installation

PROCESSES = ["api", "api-cron", "web", "worker"]
KINDS = ("postgres", "redis", "application")
SECRET = "sk_a-secret-that-nobody-may-print"
LEFT = "is another in Dokploy than in dokploy.json, and stays: --overwrite sets it\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """`output` is for a variable of GitHub, `said` for people."""

    code: int
    output: str
    said: str

    def __post_init__(self) -> None:
        assert "that-nobody-may-print" not in self.output + self.said


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    project: Path
    dokploy: Installation

    def set_up(self, *arguments: str, shell: str = "sh", **variables: str) -> Done:
        given = {"PATH": os.environ["PATH"], "DOKPLOY_URL": self.dokploy.url, "DOKPLOY_API_KEY": KEY, "RETRIES": "1"}
        command = [shell, "deploy/dokploy-setup.sh", *arguments]
        done = subprocess.run(
            command, cwd=self.project, env=given | variables, capture_output=True, text=True, check=False
        )
        return Done(code=done.returncode, output=done.stdout, said=done.stderr)

    def passwords(self) -> list[str]:
        return [row["databasePassword"] for kind in ("postgres", "redis") for row in self.dokploy.store.of(kind)]


def bakegen(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "bakegen", *arguments], cwd=folder, check=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("setup")
    answers = ("--preset=pnpm-monorepo", "--set=hosts=dokploy", "--set=project_slug=shop", "--set=git_init=false")
    bakegen(folder, "new", "shop", *answers)
    shop = folder / "shop"
    bakegen(shop, "set", "api", "cpus=0.5", "memory=1GiB", "replicas=2", "domains=api.example.com")
    with (shop / "bakegen.toml").open("a", encoding="utf-8") as file:
        file.write("\n[services.api.processes]\ncron = \"node dist/cron.js --every '1 h'\"\n")
    bakegen(shop, "sync")
    return shop


@pytest.fixture
def scene(made: Path, tmp_path: Path) -> Iterator[Scene]:
    project = tmp_path / "shop"
    shutil.copytree(made, project, symlinks=True)
    with Installation() as dokploy:
        yield Scene(project=project, dokploy=dokploy)
        assert dokploy.wrong == []


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_makes_what_the_project_says(scene: Scene, shell: str) -> None:
    done = scene.set_up(shell=shell, STRIPE_SECRET_KEY=SECRET)
    assert done.code == 0, done.said
    dokploy = scene.dokploy
    assert [row["name"] for row in dokploy.store.of("application")] == PROCESSES
    ids = {row["name"]: row["applicationId"] for row in dokploy.store.of("application")}
    assert done.output == f"api={ids['api']},{ids['api-cron']} web={ids['web']} worker={ids['worker']}\n"
    api, cron = dokploy.application("api"), dokploy.application("api-cron")
    for row in dokploy.store.of("application"):
        assert row["sourceType"] == "docker"
        assert row["updateConfigSwarm"]["Order"] == row["rollbackConfigSwarm"]["Order"] == "start-first"
        assert row["updateConfigSwarm"]["FailureAction"] == "rollback"
    assert api["dockerImage"] == cron["dockerImage"] == "ghcr.io/acme/shop-api:latest"
    assert (api["cpuLimit"], api["memoryLimit"], api["replicas"]) == ("500000000", str(2**30), 2)
    assert (cron["cpuLimit"], cron["memoryLimit"], cron["replicas"]) == ("500000000", str(2**30), 1)
    assert api["args"] is api["healthCheckSwarm"] is api["command"] is None  # those of the image
    assert cron["args"] == ["node", "dist/cron.js", "--every", "1 h"]
    assert cron["healthCheckSwarm"] == {"Test": ["NONE"]}
    (domain,) = dokploy.store.of("domain")
    assert (domain["host"], domain["port"], domain["https"]) == ("api.example.com", 4000, True)
    assert domain["applicationId"] == ids["api"]
    assert {row["applicationStatus"] for kind in KINDS[:2] for row in dokploy.store.of(kind)} == {"done"}
    assert {row["applicationStatus"] for row in dokploy.store.of("application")} == {"idle"}, (
        "they wait for a deployment"
    )
    assert "application.deploy" not in dokploy.orders


def test_variables_have_their_values(scene: Scene) -> None:
    done = scene.set_up(STRIPE_SECRET_KEY=SECRET)
    environment = scene.dokploy.environment("api")
    ((postgres,), (redis,)) = (scene.dokploy.store.of(kind) for kind in ("postgres", "redis"))
    assert environment == scene.dokploy.environment("api-cron")
    assert environment["STRIPE_SECRET_KEY"] == SECRET
    assert environment["S3_BUCKET_NAME"] == "uploads"
    password, host = postgres["databasePassword"], postgres["appName"]
    assert environment["DATABASE_URL"] == f"postgresql://app:{password}@{host}:5432/app"
    assert environment["REDIS_URL"] == f"redis://default:{redis['databasePassword']}@{redis['appName']}:6379/0"
    api = scene.dokploy.application("api")["appName"]
    assert scene.dokploy.environment("web")["API_URL"] == f"http://{api}:4000"
    assert len(password) == len(redis["databasePassword"]) == 48
    assert password != redis["databasePassword"]
    # What is in the file has no value: that is left to the person, and said with its description.
    assert "RESEND_API_KEY" not in environment
    assert "\n  RESEND_API_KEY of api, api-cron, worker  Key of Resend, which sends mail\n" in done.said
    assert not [password for password in scene.passwords() if password in done.said]


@pytest.mark.parametrize("preset", catalog.load().presets)
def test_every_preset_can_be_set_up(tmp_path: Path, preset: str) -> None:
    bakegen(tmp_path, "new", "shop", f"--preset={preset}", "--set=hosts=dokploy", "--set=git_init=false")
    project = project_reader.load((tmp_path / "shop/bakegen.toml").read_bytes(), catalog.load())
    with Installation() as dokploy:
        secrets = {each.name: SECRET for service in project.services for each in service.env if each.secret}
        done = Scene(project=tmp_path / "shop", dokploy=dokploy).set_up(**secrets)
        assert (done.code, dokploy.wrong) == (0, []), done.said
        for process in project.processes:
            named = {each.name for each in project.environment(process.service)}
            assert dokploy.environment(process.name).keys() == named
        assert len(dokploy.store.of("application")) == len(project.processes)


def test_again_changes_nothing(scene: Scene) -> None:
    first = scene.set_up(STRIPE_SECRET_KEY=SECRET)
    orders, rows = scene.dokploy.orders, json.dumps(scene.dokploy.store.rows)
    again = scene.set_up(STRIPE_SECRET_KEY=SECRET)
    assert again.code == 0, again.said
    assert again.output == first.output
    assert scene.dokploy.orders == orders
    assert json.dumps(scene.dokploy.store.rows) == rows
    assert again.said.startswith(
        "Without a value, to be set in Dokploy, or here and run again:\n  BETTER_AUTH_SECRET of "
    )


def test_what_the_project_gets_is_added(scene: Scene) -> None:
    first = scene.set_up()
    bakegen(scene.project, "add-env", "web", "GREETING=it's #1")
    bakegen(scene.project, "add-service", "docs", "--stack", "static")
    scene.dokploy.application("web")["env"] += "\nMINE='two\nlines'\n"
    before = scene.dokploy.orders
    done = scene.set_up()
    assert done.code == 0, done.said
    assert scene.dokploy.orders[len(before) :] == ["application.create", "application.update", "application.update"]
    assert "web: set GREETING\n" in done.said
    environment = scene.dokploy.environment("web")
    assert (environment["GREETING"], environment["MINE"]) == ("it's #1", "two\nlines")
    docs = scene.dokploy.application("docs")
    assert done.output == first.output.replace(" web=", f" docs={docs['applicationId']} web=")


def test_what_somebody_changed_stays_until_it_is_asked_for(scene: Scene) -> None:
    scene.set_up()
    api = scene.dokploy.application("api")
    (domain,) = scene.dokploy.store.of("domain")
    by_hand = api["env"].replace("S3_BUCKET_NAME=uploads", 'S3_BUCKET_NAME="mine" # for now') + "\n# a note\nMINE=1"
    api |= {"replicas": 5, "updateConfigSwarm": {"Parallelism": 2, "Order": "stop-first"}, "env": by_hand}
    domain["port"] = 1234
    rows, orders = json.dumps(scene.dokploy.store.rows), scene.dokploy.orders
    done = scene.set_up()
    assert done.code == 0, done.said
    assert json.dumps(scene.dokploy.store.rows) == rows
    assert scene.dokploy.orders == orders
    for what in ("replicas", "updateConfigSwarm", "S3_BUCKET_NAME", "the port of api.example.com"):
        assert f"api: {what} {LEFT}" in done.said
    overwritten = scene.set_up("--overwrite")
    assert overwritten.code == 0, overwritten.said
    assert scene.dokploy.orders[len(orders) :] == ["application.update", "domain.update"]
    assert (api["replicas"], api["updateConfigSwarm"]["Order"], domain["port"]) == (2, "start-first", 4000)
    assert api["env"] == by_hand.replace('"mine" # for now', "uploads")
    assert LEFT not in scene.set_up().said


def test_the_image_that_was_deployed_stays(scene: Scene) -> None:
    scene.set_up()
    scene.dokploy.application("api")["dockerImage"] = "ghcr.io/acme/shop-api@sha256:abc"
    orders = scene.dokploy.orders
    assert LEFT not in scene.set_up("--overwrite").said
    assert scene.dokploy.orders == orders


VALUES = (
    *("plain", "it's", "it's `all` of", "-----BEGIN-----\nline \nA=1\n-----END-----"),
    *(" blanks ", "'", "a=b", '{"a": ["it\'s"]}'),
    *("#no comment", "$HOME ${HOME} \\n %20", "ключ", 'a "quoted" word'),
    *("a # b", '"', "`", "x" * 300),
)


def test_values_reach_the_container_as_they_are(scene: Scene) -> None:
    values = {f"VALUE_{number}": text for number, text in enumerate(VALUES)}
    secrets = "".join(f"{name} = {{ secret = true }}\n" for name in values)
    file = scene.project / "bakegen.toml"
    table = "[services.api.env]\n"
    file.write_text(file.read_text(encoding="utf-8").replace(table, table + secrets), encoding="utf-8")
    bakegen(scene.project, "sync")
    done = scene.set_up(**values)
    assert done.code == 0, done.said
    environment = scene.dokploy.environment("api")
    assert environment | values == environment
    orders = scene.dokploy.orders
    assert LEFT not in scene.set_up(**values).said
    assert scene.dokploy.orders == orders
    other = {name: f"{value} 2" for name, value in values.items()}
    assert scene.set_up("--overwrite", **other).code == 0
    assert scene.dokploy.environment("api") == environment | other


def test_a_value_that_cannot_be_written_is_named(scene: Scene) -> None:
    done = scene.set_up(STRIPE_SECRET_KEY="'`\"")
    assert done.code != 0
    assert "Dokploy can take no value with ', ` and \" in it" in done.said


def test_another_environment_has_databases_of_its_own_and_no_domain(scene: Scene) -> None:
    scene.set_up()
    production = scene.passwords()
    done = scene.set_up(DOKPLOY_ENVIRONMENT="staging")
    assert done.code == 0, done.said
    assert len(scene.dokploy.store.of("project")) == 1
    assert [row["name"] for row in scene.dokploy.store.of("environment")] == ["production", "staging"]
    assert len(scene.dokploy.store.of("application")) == 2 * len(PROCESSES)
    assert len(scene.dokploy.store.of("domain")) == 1
    assert len({*production, *scene.passwords()}) == 4


def test_what_is_new_runs_on_the_server_that_was_named(scene: Scene) -> None:
    scene.set_up(DOKPLOY_SERVER_ID="server-1")
    assert {row["serverId"] for kind in KINDS for row in scene.dokploy.store.of(kind)} == {"server-1"}


def test_private_images_get_their_credentials(scene: Scene) -> None:
    scene.set_up()
    done = scene.set_up(REGISTRY_USERNAME="acme", REGISTRY_PASSWORD=SECRET)
    assert "web: set username, password, registryUrl\n" in done.said
    web = scene.dokploy.application("web")
    assert (web["username"], web["password"], web["registryUrl"]) == ("acme", SECRET, "ghcr.io")


def test_a_database_that_does_not_run_is_started_and_that_is_said(scene: Scene) -> None:
    scene.dokploy.fail("/api/postgres.deploy", 500)
    failed = scene.set_up()
    assert failed.code == 1
    assert "error: Dokploy answers 500 to postgres.deploy: Played. Run it again: it goes on " in failed.said
    done = scene.set_up()
    assert done.code == 0
    assert "postgres: starting it\n" in done.said
    assert "postgres: made" not in done.said
    assert [len(scene.dokploy.store.of(kind)) for kind in KINDS] == [1, 1, len(PROCESSES)]


def test_what_may_have_been_made_is_not_made_twice(scene: Scene) -> None:
    for path in ("project.create", "redis.create", "application.create", "domain.create"):
        scene.dokploy.fail(f"/api/{path}", 0)
        failed = scene.set_up(REQUEST_TIMEOUT="3")
        assert failed.code == 1
        assert f"error: Dokploy answers 000 to {path}. Run it again" in failed.said
        assert len(scene.dokploy.calls(f"/api/{path}")) == 1
    assert scene.set_up().code == 0
    assert [len(scene.dokploy.store.of(kind)) for kind in KINDS] == [1, 1, len(PROCESSES)]


def test_what_changes_nothing_twice_is_asked_again(scene: Scene) -> None:
    for path in ("project.all", "environment.one", "application.one", "application.update"):
        scene.dokploy.fail(f"/api/{path}", 502)
    assert scene.set_up().code == 0


def test_no_secret_is_an_argument_of_a_program(scene: Scene, tmp_path: Path) -> None:
    """Everybody on a machine sees those."""
    programs, log = tmp_path / "programs", tmp_path / "log"
    programs.mkdir()
    for name in ("curl", "jq"):
        real = shutil.which(name)
        (programs / name).write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>"{log}"\nexec {real} "$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    variables = {"STRIPE_SECRET_KEY": SECRET, "REGISTRY_USERNAME": "acme", "REGISTRY_PASSWORD": SECRET}
    done = scene.set_up(PATH=f"{programs}:{os.environ['PATH']}", **variables)
    assert done.code == 0, done.said
    arguments = log.read_text(encoding="utf-8")
    assert "shop" in arguments
    assert not [secret for secret in (KEY, SECRET, *scene.passwords()) if secret in arguments]


@pytest.mark.parametrize("kind", ["application", "postgres"])
def test_several_of_one_name_are_refused(scene: Scene, kind: str) -> None:
    scene.set_up()
    (environment,) = scene.dokploy.store.of("environment")
    name = {"application": "web"}.get(kind, kind)
    scene.dokploy.store.add(kind, name=name, environmentId=environment["environmentId"])
    done = scene.set_up()
    assert done.code == 2
    assert f"error: Dokploy has several that are called {name}: " in done.said


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        ([], {"DOKPLOY_URL": ""}, "DOKPLOY_URL is not set"),
        ([], {"DOKPLOY_API_KEY": ""}, "DOKPLOY_API_KEY is not set"),
        ([], {"DOKPLOY_API_KEY": "another"}, "Dokploy refuses DOKPLOY_API_KEY (project.all, 401: Unauthorized)"),
        ([], {"REGISTRY_USERNAME": "acme"}, "REGISTRY_PASSWORD is not set"),
        (["--force"], {}, "--force is no option"),
    ],
)
def test_wrong_settings_are_named(scene: Scene, arguments: list[str], variables: dict[str, str], said: str) -> None:
    done = scene.set_up(*arguments, **variables)
    assert done.code == 2
    assert f"error: {said}\nhint: " in done.said
    assert scene.dokploy.orders == []
