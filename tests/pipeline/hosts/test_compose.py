"""deploy/compose.sh with the real Docker Compose: what runs then, what is kept, and what a failure leaves behind."""

import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import images as tiny
from . import ssh
from .ports import free_port
from .rollout import revision
from .script import NEW, OLD, SECRET, Done, Images, Script

pytestmark = pytest.mark.engine

PORTED = ("--stack=dockerfile", "--port=8080")
SETTINGS = {"pre_deploy": "grep -v forbidden /www/health", "needs": "redis"}
PROCESS = '\n[services.api.processes]\nidle = "sleep 1000000"\n'


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """A project of `api`, which has a second process, a command before each deployment and Redis, and of `web`."""

    project: Path
    environment: Mapping[str, str]
    ports: Mapping[str, int]
    images: Mapping[str, Images]

    @property
    def urls(self) -> dict[str, str]:
        return {name: f"http://127.0.0.1:{port}/health" for name, port in self.ports.items()}

    @property
    def containers(self) -> dict[str, tuple[str, str]]:
        """The ID and image of each running container, by its name in compose.prod.yaml."""
        lines = self.compose("ps", "--format", "json").splitlines()
        return {each["Service"]: (each["ID"], each["Image"]) for each in map(json.loads, lines)}

    @property
    def kept(self) -> dict[str, str]:
        """What images.env has."""
        lines = (self.project / "images.env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def revisions(self) -> dict[str, str | None]:
        """The commit that each service names."""
        return {name: revision(url) for name, url in self.urls.items()}

    def compose(self, *arguments: str) -> str:
        files = ["--file=compose.prod.yaml", "--env-file=.env"]
        files += ["--env-file=images.env"] if (self.project / "images.env").exists() else []
        return self.docker("compose", "--progress=quiet", *files, *arguments)

    def docker(self, *arguments: str) -> str:
        command = ["docker", *arguments]
        done = subprocess.run(
            command, cwd=self.project, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def script(self) -> Script:
        docker = {name: value for name, value in self.environment.items() if name in {"DOCKER_CONFIG", "DOCKER_HOST"}}
        urls = " ".join(f"{name}={url}" for name, url in self.urls.items())
        variables = {"PATH": self.environment["PATH"], "HEALTH_URLS": urls, "IMAGES": "of deploy.yml"} | docker
        return Script(project=self.project, host="compose", variables=variables)

    def deploy(self, revision: str = NEW, only: tuple[str, ...] = ("api", "web"), **variables: str) -> Done:
        """Deploy the images that name a commit."""
        wanted = {OLD: "old", NEW: "new"}[revision]
        arguments = [f"{name}={getattr(self.images[name], wanted)}" for name in only]
        return self.script.run(*arguments, REVISION=revision, **variables)


@pytest.fixture(scope="module")
def machine(
    tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str], images: Mapping[str, Images]
) -> Iterator[Machine]:
    """One on which nothing was deployed yet."""
    project = scaffold(tmp_path_factory.mktemp("compose"))
    ports = {name: free_port() for name in images}
    settings = {f"{name.upper()}_PORT": str(port) for name, port in ports.items()}
    settings |= {"COMPOSE_PROJECT_NAME": f"hosts-{uuid.uuid4().hex[:12]}", "TOKEN": SECRET}
    (project / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
    machine = Machine(project=project, environment=environment, ports=ports, images=images)
    yield machine
    machine.compose("down", "--volumes", "--timeout=1")


@pytest.fixture
def deployed(machine: Machine) -> Machine:
    """The same, and the old images run."""
    lines = [f"{name.upper()}_IMAGE={each.old}\n" for name, each in machine.images.items()]
    (machine.project / "images.env").write_text("".join(lines), encoding="utf-8")
    machine.compose("up", "--detach", "--wait")
    return machine


def scaffold(parent: Path) -> Path:
    folder = parent / "shop"
    bakegen(parent, "new", "shop", "--preset=empty", "--set=git_init=false", "--set=hosts=compose")
    for name in ("api", "web"):
        (folder / name).mkdir()
        (folder / name / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
        bakegen(folder, "add-service", name, f"--path={name}", *PORTED)
    bakegen(folder, "set", "api", *(f"{key}={value}" for key, value in SETTINGS.items()))
    with (folder / "bakegen.toml").open("a", encoding="utf-8") as file:
        file.write(PROCESS)
    bakegen(folder, "add-env", "api", "--secret", "TOKEN")
    return folder


def bakegen(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "bakegen", *arguments], cwd=folder, capture_output=True, check=True)


def test_the_first_deployment_brings_everything_up_and_the_next_changes_the_images(machine: Machine) -> None:
    first = machine.deploy(OLD)
    assert first.code == 0, first.output
    assert machine.revisions == {"api": OLD, "web": OLD}
    assert machine.containers.keys() == {"api", "api-idle", "redis", "web"}
    assert machine.kept == {f"{name.upper()}_IMAGE": each.old for name, each in machine.images.items()}
    redis, web = (machine.containers[name] for name in ("redis", "web"))
    second = machine.deploy(NEW, ("api",))
    assert second.code == 0, second.output
    assert "api: running api_pre_deploy" in second.output
    api = machine.images["api"].new
    assert {name: image for name, (_, image) in machine.containers.items()} == {
        "api": api,
        "api-idle": api,
        "redis": redis[1],
        "web": machine.images["web"].old,
    }
    assert (machine.containers["redis"], machine.containers["web"]) == (redis, web), "left alone"
    again = machine.deploy(NEW, ("api",))
    assert again.code == 0, again.output
    assert "running api_pre_deploy" not in again.output


def test_a_later_compose_up_keeps_what_was_deployed(deployed: Machine) -> None:
    (deployed.project / "images.env").unlink()
    assert deployed.deploy(NEW, ("web",)).code == 0
    assert deployed.kept == {"API_IMAGE": deployed.images["api"].old, "WEB_IMAGE": deployed.images["web"].new}
    before = deployed.containers
    deployed.compose("up", "--detach", "--wait")
    assert deployed.containers == before


def test_what_does_not_answer_is_rolled_back(deployed: Machine) -> None:
    api, web = deployed.images["api"], deployed.images["web"]
    done = deployed.script.run(f"api={api.new}", f"web={web.broken}", REVISION=NEW, HEALTH_TIMEOUT="3")
    assert done.code == 1
    assert f"web: rolled back, runs {web.old} again" in done.output
    assert f"api: rolled back, runs {api.old} again" in done.output
    assert deployed.revisions == {"api": OLD, "web": OLD}
    assert deployed.kept == {"API_IMAGE": api.old, "WEB_IMAGE": web.old}


def test_where_the_command_before_fails_the_old_containers_are_not_touched(deployed: Machine) -> None:
    before = deployed.containers
    api = deployed.images["api"]
    forbidden = tiny.push(deployed.environment, api.old.partition("@")[0], {"status": "forbidden"})
    done = deployed.script.run(f"api={forbidden}", REVISION=NEW)
    assert done.code == 1
    assert "api: api_pre_deploy failed" in done.output
    assert f"api: rolled back, runs {api.old} again" in done.output
    assert deployed.containers == before
    assert deployed.kept["API_IMAGE"] == api.old


def test_an_image_without_a_digest_is_gone_back_to_by_its_id(deployed: Machine) -> None:
    web = deployed.images["web"]
    tag = f"{web.old.partition('@')[0]}:here"
    deployed.docker("tag", web.old, tag)
    (deployed.project / "images.env").write_text(f"WEB_IMAGE={tag}\n", encoding="utf-8")
    deployed.compose("up", "--detach", "--wait", "web")
    deployed.docker("pull", "--quiet", web.other)
    deployed.docker("tag", web.other, tag)
    done = deployed.script.run(f"web={web.broken}", REVISION=NEW, HEALTH_TIMEOUT="3")
    assert done.code == 1
    assert "web: rolled back, runs sha256:" in done.output
    assert revision(deployed.urls["web"]) == OLD


def test_an_interrupted_deployment_is_rolled_back(deployed: Machine) -> None:
    web = deployed.images["web"]
    process = deployed.script.start(f"web={web.broken}", REVISION=NEW)
    end = time.monotonic() + 30
    while deployed.containers.get("web", ("", ""))[1] != web.broken:
        assert time.monotonic() < end
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    assert revision(deployed.urls["web"]) == OLD


def test_over_ssh_with_a_key_that_is_gone_afterwards(deployed: Machine, tmp_path: Path) -> None:
    log = ssh.install(tmp_path / "programs", deployed.environment["DOCKER_HOST"])
    scratch = tmp_path / "a scratch"
    scratch.mkdir()
    variables = {
        "DOCKER_HOST": ssh.ADDRESS,
        "DOCKER_DOTENV": (deployed.project / ".env").read_text(encoding="utf-8"),
        "PATH": f"{log.parent}:{deployed.environment['PATH']}",
        "DOCKER_SSH_KNOWN_HOSTS": "shop.example.com ssh-ed25519 AAAA",
        "DOCKER_SSH_PRIVATE_KEY": f"a key {SECRET}",
        "TMPDIR": str(scratch),
    }
    away = (deployed.project / ".env").rename(tmp_path / "env")
    done = deployed.deploy(NEW, ("api", "web"), **variables)
    away.rename(deployed.project / ".env")
    assert done.code == 0, done.output
    used = ["600", variables["DOCKER_SSH_PRIVATE_KEY"], variables["DOCKER_SSH_KNOWN_HOSTS"]]
    assert log.read_text(encoding="utf-8").splitlines() == used
    assert list(scratch.iterdir()) == []
    assert deployed.revisions == {"api": NEW, "web": NEW}


@pytest.mark.parametrize(
    ("service", "variables", "said"),
    [
        ("api", {"DOCKER_DOTENV": "API_PORT=1"}, "compose.prod.yaml cannot be used"),
        ("shop", {}, "shop is not in compose.prod.yaml"),
        ("api", {"DOCKER_HOST": "tcp://127.0.0.1:1"}, "no Docker answers at tcp://127.0.0.1:1"),
        ("api", {"DOCKER_SSH_PRIVATE_KEY": SECRET}, "DOCKER_SSH_KNOWN_HOSTS is not set"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_changed(
    deployed: Machine, service: str, variables: dict[str, str], said: str
) -> None:
    before = deployed.containers
    done = deployed.script.run(f"{service}={deployed.images['api'].new}", REVISION=NEW, **variables)
    assert done.code == 2, done.output
    assert said in done.output
    assert deployed.containers == before
