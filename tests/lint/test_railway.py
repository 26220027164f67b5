"""`.railway/railway.ts` of every project is what Railway's own SDK takes: type-checked, run and validated, offline."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bakegen import catalog
from tests.lint.conftest import npm_ci
from tests.lint.verdicts import Verdicts

SDK = Path(__file__).parent / "railway"
PATH = ".railway/railway.ts"
OPTIONS = {
    "compilerOptions": {
        "erasableSyntaxOnly": True,  # Node.js runs it, and only takes the types out
        "module": "NodeNext",
        "noUnusedLocals": True,
        "noUnusedParameters": True,
        "outDir": "compiled",
        "strict": True,
        "target": "ES2022",
        "types": [],
    },
    "include": ["*.ts"],
}
DIGEST = f"ghcr.io/acme/shop-api@sha256:{'0' * 64}"
SERVICE = """
cpus = "0.5"
memory = "2GiB"
replicas = 2
regions = ["us-east", "us-west"]
domains = ["api.example.com"]
pre_deploy = "node dist/migrate.js --note 'a \\"b\\"'"
"""
PROCESSES = """
[services.api.processes]
mail = "node dist/mail.js --queues=one,two,three,four,five,six,seven,eight,nine"
"""
# Keys and values that prettier lays out each in its own way.
VARIABLES = r"""
AB = "a value that does not fit into eighty columns, for a key that is too short to break after"
ABCD = "a value that does not fit into eighty columns, for a key that is too short to break after"
ABCDE = "a value that does not fit into eighty columns, for a key that is long enough to break after"
EMPTY = ""
JSON = '{"a": "b\\c"}'
QUOTES = '''it's "this", 'that' `and` ${HOME} $${{x}} \'''
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with every key that says something about how a service runs."""
    project = tmp_path_factory.mktemp("railway") / "shop"
    answers = ("--preset=pnpm-monorepo", "--set=project_slug=shop", "--set=hosts=railway", "--set=git_init=false")
    bakegen = (sys.executable, "-m", "bakegen")
    subprocess.run([*bakegen, "new", "shop", *answers], cwd=project.parent, capture_output=True, check=True)
    file = project / "bakegen.toml"
    text = re.sub(r"(?m)^pre_deploy = .*\n", "", file.read_text(encoding="utf-8"))  # the preset's own
    for table, more in (("services.api", SERVICE), ("services.web.env", VARIABLES), ("services.web", "public = false")):
        text = text.replace(f"[{table}]\n", f"[{table}]\n{more.strip()}\n", 1)
    file.write_text(text.replace("[services.api.env]\n", f"{PROCESSES}[services.api.env]\n"), encoding="utf-8")
    subprocess.run([*bakegen, "sync"], cwd=project, capture_output=True, check=True)
    return project


def workshop(folder: Path, texts: Sequence[str]) -> Path:
    """A folder with these files, and what it takes to compile and run them."""
    (folder / "node_modules").symlink_to(npm_ci(SDK) / "node_modules")
    (folder / "package.json").write_text('{ "type": "module" }\n', encoding="utf-8")
    (folder / "tsconfig.json").write_text(json.dumps(OPTIONS), encoding="utf-8")
    shutil.copy(SDK / "evaluate.js", folder)
    for number, text in enumerate(texts):
        (folder / f"{number:02}.ts").write_text(text, encoding="utf-8")
    return folder


def compiled(folder: Path) -> str:
    """What the compiler has to say."""
    command = [str(folder / "node_modules/.bin/tsc"), "--project", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def evaluated(folder: Path, environment: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """What each file describes, by environment, and what is wrong with it."""
    files = sorted((folder / "compiled").glob("*.js"))
    command = ["node", str(folder / "evaluate.js"), *map(str, files)]
    variables = os.environ | (environment or {})
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def resources(found: Mapping[str, Any], environment: str = "production") -> dict[str, Any]:
    """The resources that a file describes, by name."""
    return {each["name"]: each for each in found["environments"][environment]["resources"]}


def described(project: Path) -> set[str]:
    """What a project file asks for: its processes, and the databases and queues that services need."""
    services = tomllib.loads((project / "bakegen.toml").read_text(encoding="utf-8")).get("services", {})
    backing = {need for service in services.values() for need in service.get("needs", ())} & {"postgres", "redis"}
    further = {f"{name}-{process}" for name, service in services.items() for process in service.get("processes", ())}
    return {*services, *backing, *further}


@pytest.fixture(scope="module")
def api(full: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workshop of the project with every key."""
    folder = workshop(tmp_path_factory.mktemp("api"), [(full / PATH).read_text(encoding="utf-8")])
    assert compiled(folder) == ""
    return folder


def test_the_sdk_takes_every_project(generated: list[Path], full: Path, tmp_path: Path, verdicts: Verdicts) -> None:
    projects = [project for project in (*generated, full) if (project / PATH).is_file()]
    assert len(projects) > 2
    folder = workshop(tmp_path, [(project / PATH).read_text(encoding="utf-8") for project in projects])
    versions = json.loads((SDK / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    with verdicts.of(" and ".join(map(" ".join, versions.items())), (project / PATH for project in projects)):
        assert compiled(folder) == ""
        for project, found in zip(projects, evaluated(folder), strict=True):
            assert found["errors"] == []
            assert set(resources(found)) == set(resources(found, "staging")) == described(project)


def test_prettier_leaves_every_key_alone(full: Path, tools: dict[str, str]) -> None:
    command = ["prettier", "--check", "--log-level=warn", PATH, ".railway/package.json"]
    done = subprocess.run(command, cwd=full, env=tools, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_key_is_described(api: Path) -> None:
    (found,) = evaluated(api)
    own, mail = resources(found)["api"], resources(found)["api-mail"]
    limit = {"containers": {"cpu": 0.5, "memoryBytes": 2 * 1024**3}}
    assert own["deploy"] == {
        "drainingSeconds": 30,
        "healthcheckPath": "/api/health",
        "limitOverride": limit,
        "multiRegionConfig": {
            region: {"numReplicas": 2} for region in ("europe-west4-drams3a", "us-east4-eqdc4a", "us-west2")
        },
        "overlapSeconds": 20,
        "preDeployCommand": ["node dist/migrate.js --note 'a \"b\"'"],
    }
    assert mail["deploy"] == {
        "drainingSeconds": 60,
        "limitOverride": limit,
        "multiRegionConfig": {"europe-west4-drams3a": {"numReplicas": 1}},
        "restartPolicyType": "ALWAYS",
        "startCommand": "node dist/mail.js --queues=one,two,three,four,five,six,seven,eight,nine",
    }
    assert mail["source"] == own["source"] == {"type": "image", "image": "ghcr.io/acme/shop-api:latest"}
    assert own["variables"]["PORT"] == {"type": "literal", "value": "4000"}
    assert mail["variables"] == {name: value for name, value in own["variables"].items() if name != "PORT"}
    staging = resources(found, "staging")["api"]["deploy"]
    assert staging["multiRegionConfig"] == {"europe-west4-drams3a": {"numReplicas": 1}}


def test_variables_come_from_where_they_should(api: Path) -> None:
    (found,) = evaluated(api)
    web = resources(found)["web"]["variables"]
    assert web["API_URL"] == {"type": "literal", "value": "http://${{api.RAILWAY_PRIVATE_DOMAIN}}:4000"}
    assert web["DATABASE_URL"] == {"type": "reference", "resource": "database.postgres", "output": "DATABASE_URL"}
    assert web["BETTER_AUTH_SECRET"] == {"type": "preserve"}
    for name, value in tomllib.loads(VARIABLES).items():
        assert web[name] == {"type": "literal", "value": value}
    worker = resources(found)["worker"]["variables"]
    assert worker["REDIS_URL"] == {"type": "reference", "resource": "database.redis", "output": "REDIS_URL"}


def test_images_of_a_release_are_kept(api: Path) -> None:
    (found,) = evaluated(api, {"API_IMAGE": DIGEST})
    images = {name: each["source"]["image"] for name, each in resources(found).items() if each["type"] == "service"}
    tags = {name: f"ghcr.io/acme/shop-{name}:latest" for name in ("web", "worker")}
    assert images == tags | {"api": DIGEST, "api-mail": DIGEST}


def test_who_may_reach_a_service_is_said(full: Path) -> None:
    text = (full / PATH).read_text(encoding="utf-8")
    commands = re.findall(r"// Public after: (.*)", text)
    assert commands == ["railway domain api.example.com --service api --port 4000"]


def test_a_secret_has_no_value(full: Path) -> None:
    text = (full / PATH).read_text(encoding="utf-8")
    secrets = re.findall(r"^(\w+) = \{.*secret = true.*\}$", (full / "bakegen.toml").read_text(), re.MULTILINE)
    assert secrets
    assert {name: re.findall(rf"\b{name}: (.*)", text) for name in secrets if f"{name}: preserve()," not in text} == {}


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("healthcheck:", "healtcheck:", "'healtcheck' does not exist"),
        ('restartPolicyType: "ALWAYS"', 'restartPolicyType: "SOMETIMES"', '"SOMETIMES"'),
        ("drainingSeconds: 30", 'drainingSeconds: "30"', "not assignable to type 'number'"),
    ],
)
def test_would_say_something(full: Path, tmp_path: Path, right: str, wrong: str, said: str) -> None:
    text = (full / PATH).read_text(encoding="utf-8")
    assert right in text
    assert said in compiled(workshop(tmp_path, [text.replace(right, wrong)]))


def test_would_find_a_reference_to_nothing(full: Path, tmp_path: Path) -> None:
    text = (full / PATH).read_text(encoding="utf-8")
    folder = workshop(tmp_path, [text.replace("      database,\n", "")])
    compiled(folder)
    (found,) = evaluated(folder)
    assert "Edge references missing target: database.postgres" in found["errors"]


def test_an_environment_without_a_name_is_refused(full: Path, tmp_path: Path) -> None:
    text = (full / PATH).read_text(encoding="utf-8").replace("ctx.environment", "ctx.command")
    folder = workshop(tmp_path, [text])
    compiled(folder)
    with pytest.raises(subprocess.CalledProcessError) as failed:
        evaluated(folder)
    assert "no environment: is the CLI too old?" in failed.value.stderr


def test_the_sdk_is_the_one_that_projects_get() -> None:
    package = json.loads((SDK / "package.json").read_text(encoding="utf-8"))
    assert package["devDependencies"]["railway"] == catalog.load().pins.tools["railway"]
