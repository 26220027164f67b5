"""Old `railway.json` and `railway.toml`: what each says, which service it is of, and what the service gets."""

import json
from pathlib import PurePosixPath
from typing import Any

import pytest

from bakegen.adopt.read_railway import Settings, read
from bakegen.adopt.survey import Found, Survey
from bakegen.errors import UserError
from tests.unit.test_adopt_survey import APIS, Files, look, one

PATH = PurePosixPath("api/railway.json")
LAST = "Railway stops reading railway.json and railway.toml on 1 December 2026: "


def settings(deploy: object, **tables: object) -> Settings:
    (found,) = read({PATH: json.dumps({"deploy": deploy, **tables}).encode()})
    return found


def adopted(deploy: dict[str, Any], **build: str) -> Found:
    return one(APIS | {"api/railway.json": json.dumps({"build": build, "deploy": deploy})})


def notes(files: Files) -> list[str]:
    found = list(look(files).notes)
    assert found.pop().startswith(LAST)
    return found


def test_json_and_toml_say_the_same() -> None:
    toml = b'[deploy]\nhealthcheckPath = "/up"\nnumReplicas = 3\nregion = "us-west1"\npreDeployCommand = ["a b"]\n'
    table = {"healthcheckPath": "/up", "numReplicas": 3, "region": "us-west1", "preDeployCommand": "a b"}
    (found,) = read({PATH.with_suffix(".toml"): toml})
    assert found == Settings(file=PATH.with_suffix(".toml"), health="/up", pre_deploy="a b", regions={"us-west": 3})
    assert settings(table).regions == found.regions


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("railway.json", b"{", "JSON"),
        ("railway.json", b"\xff\xfe", "JSON"),
        ("railway.json", b"[" * 200_000, "JSON"),
        ("web/railway.toml", b"deploy = ", "TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(path: str, text: bytes, kind: str) -> None:
    with pytest.raises(UserError, match=f"not {kind} that can be read") as error:
        read({PurePosixPath(path): text})
    assert error.value.where == path


@pytest.mark.parametrize(
    "deploy",
    [[], "x", {"healthcheckPath": 1, "numReplicas": True, "startCommand": ["a"], "preDeployCommand": {}, "region": 1}],
)
def test_what_has_another_type_says_nothing(deploy: object) -> None:
    assert settings(deploy, build=None, environments=[]) == Settings(file=PATH)


def test_production_comes_first() -> None:
    over = {"production": {"deploy": {"numReplicas": 4}}, "staging": {"deploy": {"numReplicas": 9}}}
    found = settings({"numReplicas": 1, "healthcheckPath": "/up"}, environments=over)
    assert (found.replicas, found.health) == (4, "/up")


@pytest.mark.parametrize(
    ("deploy", "regions"),
    [
        ({"region": "europe-west4-drams3a"}, {"eu": 1}),
        ({"region": "asia-southeast1", "numReplicas": 2}, {"asia": 2}),
        (
            {"multiRegionConfig": {"us-west2": {"numReplicas": 2}, "us-east4-eqdc4a": {}}, "region": "us-west2"},
            {"us-east": 1, "us-west": 2},
        ),
    ],
)
def test_regions_are_ours(deploy: object, regions: dict[str, int]) -> None:
    assert settings(deploy).regions == regions


def test_an_unknown_region_is_said() -> None:
    found = settings({"region": "moon-base1", "numReplicas": 2})
    assert (found.regions, found.replicas) == ({}, 2)
    assert found.notes == ("api/railway.json: the region moon-base1 is not one that bakegen knows",)


@pytest.mark.parametrize(
    ("command", "taken"),
    [
        ("node dist/migrate.js --all", "node dist/migrate.js --all"),
        (["npm run migrate"], "npm run migrate"),
        ("sh -c 'a && b'", "sh -c 'a && b'"),
        ("a && b", None),
        (["a", "b"], None),
        ("a > log", None),
        ("a 'b", None),
        (" ", None),
    ],
)
def test_a_command_that_takes_a_shell_is_left_out(command: object, taken: str | None) -> None:
    found = settings({"preDeployCommand": command})
    assert found.pre_deploy == taken
    assert bool(found.notes) == (taken is None and command != " ")


def test_a_health_check_of_more_than_a_path_is_said() -> None:
    found = settings({"healthcheckPath": "/up?deep=1"})
    assert found.health is None
    note = "api/railway.json: its health check asks for more than a path, so it is not taken over: /up?deep=1"
    assert found.notes == (note,)


def test_a_service_gets_what_its_file_says() -> None:
    deploy = {"healthcheckPath": "/up", "preDeployCommand": "migrate", "numReplicas": 3, "region": "us-east4"}
    found = adopted(deploy)
    assert (found.health, found.pre_deploy, found.replicas, found.regions) == ("/up", "migrate", 3, ())
    assert [str(path) for path in found.files] == ["api/Dockerfile", "api/railway.json"]


def test_its_own_health_check_comes_first() -> None:
    check = "HEALTHCHECK CMD curl http://localhost:8000/own\n"
    files = {
        "api/Dockerfile": f"FROM a\nEXPOSE 8000\n{check}",
        "api/railway.toml": '[deploy]\nhealthcheckPath = "/up"\n',
    }
    assert one(files).health == "/own"


def test_a_health_check_without_a_port_is_none() -> None:
    files = {"api/Dockerfile": "FROM a\n", "api/railway.toml": '[deploy]\nhealthcheckPath = "/up"\n'}
    assert one(files).health is None


@pytest.mark.parametrize(
    ("path", "dockerfile"),
    [
        ("railway.json", "api/Dockerfile"),
        ("railway.json", "/api/Dockerfile"),
        ("api/railway.json", "./Dockerfile"),
        ("api/railway.json", "Dockerfile"),
        ("deploy/railway.json", "api/Dockerfile"),
        ("api/railway.json", None),
    ],
)
def test_it_is_of_the_service_that_is_built_from_its_dockerfile_or_folder(path: str, dockerfile: str | None) -> None:
    build = {} if dockerfile is None else {"dockerfilePath": dockerfile}
    text = json.dumps({"build": build, "deploy": {"healthcheckPath": "/up"}})
    assert one(APIS | {path: text}).health == "/up"
    assert one(APIS | {path: text}, "web").health is None


def test_at_the_root_it_is_of_the_only_service() -> None:
    files = {"api/Dockerfile": APIS["api/Dockerfile"], "railway.json": '{"deploy": {"healthcheckPath": "/up"}}'}
    assert one(files).health == "/up"


@pytest.mark.parametrize(("path", "build"), [("railway.json", "{}"), ("api/railway.json", '{"dockerfilePath": "x"}')])
def test_a_file_of_nobody_is_said(path: str, build: str) -> None:
    files = APIS | {path: f'{{"build": {build}, "deploy": {{"healthcheckPath": "/up"}}}}'}
    assert notes(files) == [f"{path}: which service it is of cannot be told"]
    assert one(files).health is None


def worker(folder: str, command: str = "python -m app.worker") -> Files:
    text = json.dumps({"build": {"dockerfilePath": "api/Dockerfile"}, "deploy": {"startCommand": command}})
    return {f"{folder}/railway.json": text}


def test_another_command_of_the_same_image_is_a_process() -> None:
    files = APIS | worker("railway/mail") | {"api/railway.json": '{"deploy": {"healthcheckPath": "/up"}}'}
    assert one(files).processes == {"mail": "python -m app.worker"}
    assert one(files).health == "/up"
    assert notes(files) == []


@pytest.mark.parametrize("folder", ["railway/My_Worker", "railway"])
def test_a_process_that_can_have_no_name_is_said(folder: str) -> None:
    other = {"api-railway/Dockerfile": "FROM a\n"} if folder == "railway" else {}
    files = APIS | other | worker(folder) | {"api/railway.json": "{}"}
    assert one(files).processes == {}
    said = f"api: another process of it is not taken over, {folder}/railway.json has no name for it"
    assert notes(files) == [said]


def test_a_command_of_the_service_itself_is_said() -> None:
    files = APIS | worker("api", "python -m app")
    assert one(files).processes == {}
    said = "api: its command of api/railway.json is not taken over, make it the CMD of api/Dockerfile: python -m app"
    assert notes(files) == [said]


def in_regions(**regions: dict[str, int]) -> Files:
    files: Files = dict(APIS)
    for service, counts in regions.items():
        config = {region.replace("_", "-"): {"numReplicas": count} for region, count in counts.items()}
        files[f"{service}/railway.json"] = json.dumps({"deploy": {"multiRegionConfig": config}})
    return files


def test_the_project_is_where_most_services_are() -> None:
    files = in_regions(api={"us_east4": 2, "europe_west4": 2}, web={"us_east4": 1})
    found: Survey = look(files)
    assert found.region == "us-east"
    assert (one(files).regions, one(files).replicas) == (("eu",), 2)
    assert (one(files, "web").regions, one(files, "web").replicas) == ((), 1)


def test_what_the_model_cannot_say_of_regions_is_said() -> None:
    files = in_regions(api={"us_east4": 2, "europe_west4": 3}, web={"asia_southeast1": 1})
    assert look(files).region == "asia"
    assert (one(files).regions, one(files).replicas) == (("eu", "us-east"), 3)
    assert notes(files) == [
        "api: ran in eu, us-east, and not in asia, where the project is now",
        "api: had other numbers of replicas in each region, and gets the largest in all",
    ]


def test_without_such_files_nothing_is_said() -> None:
    assert look(APIS).notes == ()
    assert look(APIS).region is None
