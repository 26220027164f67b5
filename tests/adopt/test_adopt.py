"""Foreign repositories of five styles, adopted with the real command line: found as they are, and not a byte changed."""

import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.adopt.repositories import OWN, adopt, copy, expected, names
from tests.cases.story import bakegen, tree

SERVICE = ["add-service", "notes", "--stack=fastapi", "--port=8000", "--publish=8765"]
SURFACES = {"docker-bake.hcl", "docker-bake.json", "compose.yaml", "docker-compose.yml"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def run(arguments: list[str], folder: Path, home: Path, code: int = 0) -> str:
    done = bakegen(arguments, folder, home)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def adopted(name: str, folder: Path, home: Path) -> Path:
    root = copy(name, folder)
    run(adopt(name), root, home)
    return root


@pytest.mark.parametrize("name", names())
def test_services_are_found_and_nothing_else_changes(name: str, tmp_path: Path, home: Path) -> None:
    root = copy(name, tmp_path)
    before = tree(root)
    found: dict[str, Any] = json.loads(run([*adopt(name), "--json"], root, home))
    after = tree(root)
    assert {path: after[path] for path in before} == before
    assert after.keys() - before.keys() == OWN
    wanted = expected(name)
    services = {each.pop("name"): each for each in found["services"]}
    assert {each.pop("stack") for each in services.values()} == {"dockerfile"}
    assert services == wanted["services"]
    assert [each["name"] for each in found["omitted"]] == wanted["omitted"]
    assert found["adopted"] == wanted["adopted"]


@pytest.mark.parametrize("name", names())
def test_an_adopted_repository_is_in_step(name: str, tmp_path: Path, home: Path) -> None:
    root = adopted(name, tmp_path, home)
    before = tree(root)
    run(["check"], root, home)
    run(["sync"], root, home)
    assert tree(root) == before


@pytest.mark.parametrize("name", names())
def test_a_dry_run_writes_nothing(name: str, tmp_path: Path, home: Path) -> None:
    root = copy(name, tmp_path)
    before = tree(root)
    run([*adopt(name), "--dry-run"], root, home, code=1)
    assert tree(root) == before


@pytest.mark.parametrize("name", names())
def test_a_service_is_added_to_what_is_there_and_goes_again(name: str, tmp_path: Path, home: Path) -> None:
    root = adopted(name, tmp_path, home)
    before = tree(root)
    run(SERVICE, root, home)
    after = tree(root)
    changed = {path for path in before if after[path] != before[path]}
    assert changed - OWN == SURFACES & before.keys()
    for path in changed - OWN:
        assert is_inserted(before[path][0], after[path][0]), path
    assert {path for path in after.keys() - before.keys() if not path.startswith("services/notes/")} == set()
    run(["check"], root, home)
    run(["remove-service", "notes", "--delete-files"], root, home)
    assert tree(root) == before


def is_inserted(old: bytes, new: bytes) -> bool:
    """Whether new bytes only came between the old ones."""
    rest = iter(new)
    return all(byte in rest for byte in old)


@pytest.mark.parametrize(
    ("name", "old"),
    [
        ("compose", "api"),
        ("compose", "web"),
        ("functions", "api"),
        ("functions", "web"),
        ("groups", "runner"),
        ("json", "backend"),
    ],
)
def test_a_service_is_renamed_wherever_it_stands(name: str, old: str, tmp_path: Path, home: Path) -> None:
    root = adopted(name, tmp_path, home)
    run([*SERVICE, *(["--needs", old] if name != "groups" else [])], root, home)
    before = tree(root)
    run(["rename-service", old, "renamed"], root, home)
    run(["check"], root, home)
    for path in SURFACES & before.keys():
        was, now = ((files[path][0]).decode() for files in (before, tree(root)))
        assert len(was.splitlines()) == len(now.splitlines())
        if path.endswith((".yml", ".yaml")):
            services = yaml.safe_load(now)["services"]
            assert all(old not in service.get("depends_on", ()) for service in services.values())
            assert "renamed" in services["notes"].get("depends_on", ())
    run(["rename-service", "renamed", old], root, home)
    assert tree(root) == before


def test_a_service_that_only_moves_keeps_its_forms(tmp_path: Path, home: Path) -> None:
    root = adopted("compose", tmp_path, home)
    before = (root / "docker-compose.yml").read_text()
    run(["rename-service", "web", "web", "--path=apps/web"], root, home)
    assert (root / "docker-compose.yml").read_text() == before.replace("build: ./web", "build: ./apps/web")
    run(["check"], root, home)


def test_a_name_that_a_matrix_makes_is_renamed_by_hand(tmp_path: Path, home: Path) -> None:
    root = adopted("matrix", tmp_path, home)
    before = tree(root)
    done = bakegen(["rename-service", "catalog", "goods"], root, home)
    assert done.returncode == 3
    assert 'where: docker-bake.hcl:35\n  yours:         { name = "catalog", port = 8081 },' in done.stderr
    assert tree(root) == before
    bake = root / "docker-bake.hcl"
    bake.write_text(bake.read_text().replace('"catalog"', '"goods"'))
    run(["rename-service", "catalog", "goods"], root, home)
    run(["check"], root, home)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "services:\n", "volumes:\n  data:\n"])
def test_what_is_found_by_its_dockerfile_alone_need_not_stand_in_a_compose_file(
    text: str, tmp_path: Path, home: Path
) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "Dockerfile").write_text("FROM scratch\nEXPOSE 80\n")
    (tmp_path / "compose.yaml").write_text(text)
    run(["adopt", "--set=repository=https://github.com/acme/hand"], tmp_path, home)
    run(["check"], tmp_path, home)
    run(SERVICE, tmp_path, home)
    assert set(yaml.safe_load((tmp_path / "compose.yaml").read_text())["services"]) == {"notes"}
    run(["check"], tmp_path, home)


BY_HAND = """\
services:
  back:
    build: ./back
    environment:
      - FOO=1 # mine
  front:
    build: ./front
    ports: ["8080:80"]
    depends_on:
      - back
"""


def test_services_by_hand_are_edited_in_the_forms_that_they_have(tmp_path: Path, home: Path) -> None:
    for name in ("back", "front"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text("FROM scratch\nEXPOSE 80\n")
    compose = tmp_path / "compose.yaml"
    compose.write_text(BY_HAND)
    run(["adopt", "--set=repository=https://github.com/acme/hand"], tmp_path, home)
    run(["add-env", "front", "ONE=1"], tmp_path, home)
    run(["add-env", "back", "TWO=2"], tmp_path, home)
    changed = BY_HAND.replace("# mine\n", '# mine\n      - "TWO=2"\n')
    changed = changed.replace("./front\n", './front\n    environment:\n      ONE: "1"\n')
    assert compose.read_text() == changed
    run(["set", "front", "needs=back,redis"], tmp_path, home)
    assert "    depends_on:\n      - back\n      - redis\n  redis:\n" in compose.read_text()
    run(["check"], tmp_path, home)
    run(["set", "front", "needs=back"], tmp_path, home)
    run(["remove-env", "front", "ONE"], tmp_path, home)
    run(["remove-env", "back", "TWO"], tmp_path, home)
    assert compose.read_text() == BY_HAND


def test_a_project_is_not_adopted_again(tmp_path: Path, home: Path) -> None:
    root = adopted("json", tmp_path, home)
    done = bakegen(adopt("json"), root, home)
    assert done.returncode == 2
    assert "the folder holds a project already" in done.stderr


def test_another_folder_can_be_adopted(tmp_path: Path, home: Path) -> None:
    root = copy("groups", tmp_path)
    run([*adopt("groups"), "groups"], tmp_path, home)
    assert {path.name for path in root.iterdir()} >= OWN


def test_the_git_remote_names_repository_and_images(tmp_path: Path, home: Path) -> None:
    root = tmp_path / "Shop"
    (root / "api").mkdir(parents=True)
    (root / "api" / "Dockerfile").write_text("FROM scratch\n")
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "remote", "add", "origin", "https://me:token@github.com/Acme/Shop.git"], check=True)
    (home / "bin").mkdir(exist_ok=True)
    program = next(Path(part, "git") for part in os.environ["PATH"].split(os.pathsep) if Path(part, "git").exists())
    (home / "bin" / "git").symlink_to(program)
    run(["adopt"], root, home)
    (home / "bin" / "git").unlink()
    text = (root / "bakegen.toml").read_text()
    assert 'repository = "https://github.com/Acme/Shop"\nimages = "ghcr.io/acme/shop"\n' in text
    assert "token" not in text


def test_links_that_lead_out_are_not_followed(tmp_path: Path, home: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "Dockerfile").write_text("FROM scratch\n")
    root = copy("json", tmp_path)
    (root / "linked").symlink_to(outside)
    (root / "Dockerfile.linked").symlink_to(outside / "Dockerfile")
    (root / "Dockerfile.loop").symlink_to("Dockerfile.loop")
    (root / "Dockerfile.gone").symlink_to("nowhere")
    found = json.loads(run([*adopt("json"), "--json"], root, home))
    assert [each["name"] for each in found["omitted"]] == []


def test_folders_of_others_are_not_looked_into(tmp_path: Path, home: Path) -> None:
    root = copy("json", tmp_path)
    for folder in ("node_modules/x", ".git/x", "vendor/y", ".venv"):
        (root / folder).mkdir(parents=True)
        (root / folder / "Dockerfile").write_text("FROM scratch\n")
    found = json.loads(run([*adopt("json"), "--json"], root, home))
    assert found["omitted"] == []


def test_a_deep_and_wide_repository_is_walked_once(tmp_path: Path, home: Path) -> None:
    root = copy("json", tmp_path)
    folder = root
    for depth in range(40):
        folder = folder / f"d{depth}"
        folder.mkdir()
        for number in range(50):
            (folder / f"f{number}").touch()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    found = json.loads(run([*adopt("json"), "--json"], root, home))
    assert (found["complete"], found["omitted"]) == (True, [])


def test_a_file_of_eleven_megabytes_is_refused(tmp_path: Path, home: Path) -> None:
    root = copy("json", tmp_path)
    (root / "docker-bake.hcl").write_bytes(b"# x\n" * 2_750_000)
    done = bakegen(adopt("json"), root, home)
    assert (done.returncode, done.stderr.splitlines()[1]) == (2, "where: docker-bake.hcl")
    assert not (root / "bakegen.toml").exists()


RAILWAY = {
    "api/Dockerfile": "FROM scratch\nEXPOSE 8000\n",
    "api/railway.json": json.dumps(
        {
            "$schema": "https://railway.com/railway.schema.json",
            "build": {"builder": "DOCKERFILE", "dockerfilePath": "Dockerfile"},
            "deploy": {
                "healthcheckPath": "/up",
                "preDeployCommand": ["python -m app.migrate"],
                "multiRegionConfig": {"us-west2": {"numReplicas": 2}, "us-east4-eqdc4a": {"numReplicas": 2}},
            },
        }
    ),
    "jobs/railway.toml": """\
[build]
dockerfilePath = "/api/Dockerfile"
[deploy]
startCommand = "python -m app.jobs"
region = "us-west2"
""",
}


def test_what_railway_was_told_is_told_again(tmp_path: Path, home: Path) -> None:
    for path, text in RAILWAY.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    run(["adopt", "--set=images=ghcr.io/acme/shop", "--name=shop"], tmp_path, home)
    project = tomllib.loads((tmp_path / "bakegen.toml").read_text())
    assert project["project"]["region"] == "us-west"
    assert project["services"]["api"] == {
        "stack": "dockerfile",
        "path": "api",
        "port": 8000,
        "health": "/up",
        "replicas": 2,
        "regions": ["us-east"],
        "pre_deploy": "python -m app.migrate",
        "processes": {"jobs": "python -m app.jobs"},
    }
    run(["check"], tmp_path, home)
    run(["add-host", "railway"], tmp_path, home)
    program = (tmp_path / ".railway/railway.ts").read_text()
    for line in (
        'const home = "us-west2";',
        'healthcheck: "/up",',
        'preDeploy: "python -m app.migrate",',
        '"us-east4-eqdc4a": 2,',
        'service("api-jobs", {',
        'start: "python -m app.jobs",',
    ):
        assert line in program
    assert {path: (tmp_path / path).read_text() for path in RAILWAY} == RAILWAY
