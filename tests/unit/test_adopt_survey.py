"""Which services a repository has, and what each is: bake targets, Compose services and Dockerfiles put together."""

from pathlib import PurePosixPath

import pytest

from bakegen.adopt.places import Place, places
from bakegen.adopt.survey import Found, Survey, declared, survey
from bakegen.errors import UserError
from bakegen.stack import Variable
from tests.unit.test_adopt_bake import build

Files = dict[str, str]
APIS = {"api/Dockerfile": "FROM a\nEXPOSE 8000\n", "web/Dockerfile": "FROM a\nEXPOSE 3000\n"}


def look(files: Files) -> Survey:
    texts = {PurePosixPath(path): text.encode() for path, text in files.items()}
    dockerfiles = {path: text for path, text in texts.items() if "Dockerfile" in path.name}
    return survey(declared(texts), dockerfiles)


def one(files: Files, name: str = "api") -> Found:
    return next(each for each in look(files).services if each.name == name)


def names(files: Files) -> list[str]:
    return [each.name for each in look(files).services]


def omitted(files: Files) -> dict[str, str]:
    return {each.name: each.reason for each in look(files).omitted}


def bake(*targets: str, **contexts: str) -> str:
    blocks = [f'target "{name}" {{ context = "{context}" }}\n' for name, context in contexts.items()]
    return "".join([*blocks, *targets])


def test_nothing_to_adopt() -> None:
    with pytest.raises(UserError, match="no bake file"):
        look({})


def test_dockerfiles_alone_are_services() -> None:
    files = dict.fromkeys(("x/api/Dockerfile", "docker/web.Dockerfile", "Dockerfile.job", "Dockerfile"), "FROM a\n")
    assert names(files) == ["api", "app", "job", "web"]
    assert one(files, "web").build == build("docker", "docker/web.Dockerfile")


def test_targets_and_compose_services_are_joined_by_name() -> None:
    files = APIS | {
        "docker-bake.hcl": bake(api="api"),
        "compose.yaml": "services: {api: {image: x, ports: ['80:8000']}, web: {build: web}, db: {image: postgres}}",
    }
    assert names(files) == ["api", "web"]
    assert (one(files).port, one(files).publish, one(files, "web").port) == (8000, 80, 3000)
    assert [str(path) for path in one(files).files] == ["docker-bake.hcl", "compose.yaml"]


def test_targets_and_compose_services_are_joined_by_build() -> None:
    files = APIS | {
        "docker-bake.hcl": bake(api="api"),
        "compose.yaml": "services: {backend: {build: api, ports: ['1:2']}}",
    }
    assert names(files) == ["api"]
    assert one(files).port == 2


def test_targets_and_compose_services_are_joined_by_image() -> None:
    target = 'target "api" {\n  context = "api"\n  tags = ["acme/api:1"]\n}\n'
    files = APIS | {"docker-bake.hcl": target, "compose.yaml": "services: {x: {image: 'acme/api:2', ports: ['1:2']}}"}
    assert names(files) == ["api"]
    assert one(files).port == 2


def test_two_compose_services_of_one_build_are_two_services() -> None:
    files = APIS | {"compose.yaml": "services: {api: {build: api}, jobs: {build: api, command: x}}"}
    assert names(files) == ["api", "jobs"]


def test_what_cannot_be_a_service_is_said_with_the_reason() -> None:
    files = APIS | {
        "docker-bake.hcl": bake(My_App="api", web="web", default="web", gone="gone", **{"web-test": "web"}),
        "docs/Dockerfile": "FROM x",
        "my app/Dockerfile": "FROM x",
        "compose.yaml": "services: {odd: {build: my app}}",
    }
    assert names(files) == ["web"]
    assert omitted(files) == {
        "My_App": "the name of a service has only lower-case letters, digits and single hyphens",
        "default": "the name is reserved",
        "odd": "its path has other characters than letters, digits, '.', '_' and '-'",
        "gone": "there is no gone/Dockerfile",
        "web-test": "a target of this name tests web",
        "docs/Dockerfile": "no bake target and no Compose service builds it",
    }


def test_a_target_that_makes_no_image_stays_none_in_compose_too() -> None:
    target = 'target "lint" {\n  context = "api"\n  output = ["type=cacheonly"]\n}\n'
    assert names(
        APIS | {"docker-bake.hcl": bake(target, api="api"), "compose.yaml": "services: {lint: {build: api}}"}
    ) == ["api"]


def test_port_comes_from_compose_then_expose_then_the_health_check() -> None:
    target, health = bake(api="api"), "HEALTHCHECK CMD curl http://localhost:7000/up\n"
    dockerfile = {"docker-bake.hcl": target, "api/Dockerfile": f"FROM a\nEXPOSE 7000\n{health}"}
    assert (one(dockerfile).port, one(dockerfile).health) == (7000, "/up")
    checked = dockerfile | {"api/Dockerfile": f"FROM a\n{health}"}
    assert (one(checked).port, one(checked).health) == (7000, "/up")
    composed = dockerfile | {"compose.yaml": "services: {api: {ports: ['1:9000']}}"}
    assert (one(composed).port, one(composed).health) == (9000, None)  # the health check asks another port


def test_a_compose_health_check_comes_before_the_image_s_own() -> None:
    files = {
        "compose.yaml": "services: {api: {build: api, healthcheck: {test: curl http://localhost:80/compose}}}",
        "api/Dockerfile": "FROM a\nEXPOSE 80\nHEALTHCHECK CMD curl http://localhost/image\n",
    }
    assert one(files).health == "/compose"


def test_needs() -> None:
    files = APIS | {
        "compose.yaml": """
services:
  api:
    build: api
    depends_on: [store, cache, search, web]
    environment: {DATABASE_URL: x, REDIS_URL: x, WEB_URL: "http://web:3000/", SEARCH_URL: x}
  web: {build: web, depends_on: {api: {condition: service_started}}}
  store: {image: "postgres:17"}
  cache: {image: "redis:8"}
  search: {image: "elastic:9"}
"""
    }
    found = look(files)
    assert one(files).needs == ("postgres", "redis", "web")
    assert one(files).env == (Variable(name="SEARCH_URL", value="x"),)
    assert one(files, "web").needs == ()
    assert found.notes == ("web and api need each other: only one of the two is written",)


def test_what_has_no_port_is_not_needed_by_name() -> None:
    files = {"a/Dockerfile": "FROM a", "compose.yaml": "services: {a: {build: a}, b: {build: a, depends_on: [a]}}"}
    assert one(files, "b").needs == ()


def test_a_port_that_is_published_twice_is_left_out_and_said() -> None:
    files = APIS | {"compose.yaml": "services: {api: {build: api, ports: ['1:2']}, web: {build: web, ports: ['1:3']}}"}
    assert (one(files).publish, one(files, "web").publish) == (1, None)
    assert look(files).notes == ("web: publishes 1, as api does, so it is left out",)


def test_build_arguments_reach_the_dockerfile() -> None:
    files = {
        "docker-bake.hcl": 'target "api" { args = { PORT = 9 } }\n',
        "Dockerfile": "FROM a\nARG PORT=8\nEXPOSE $PORT\n",
    }
    assert one(files).port == 9


def test_of_several_compose_files_the_one_that_compose_takes() -> None:
    files = APIS | {
        "docker-compose.yml": "services: {web: {build: web}}",
        "compose.yaml": "services: {api: {build: api}}",
        "docker-compose.override.yml": "services: {api: {ports: ['1:2']}}",
    }
    assert (names(files), one(files).publish) == (["api"], 1)


@pytest.mark.parametrize(
    ("context", "dockerfile", "expected"),
    [
        ("api", "api/Dockerfile", Place(path=PurePosixPath("api"))),
        (
            "api",
            "docker/api.Dockerfile",
            Place(path=PurePosixPath("api"), dockerfile=PurePosixPath("docker/api.Dockerfile")),
        ),
        (".", "docker/api/Dockerfile", Place(path=PurePosixPath("docker/api"), context=PurePosixPath())),
        (
            ".",
            "Dockerfile",
            Place(path=PurePosixPath("services/api"), context=PurePosixPath(), dockerfile=PurePosixPath("Dockerfile")),
        ),
        (
            ".github/x",
            ".github/x/Dockerfile",
            Place(
                path=PurePosixPath("services/api"),
                context=PurePosixPath(".github/x"),
                dockerfile=PurePosixPath(".github/x/Dockerfile"),
            ),
        ),
    ],
)
def test_place_of_one_service(context: str, dockerfile: str, expected: Place) -> None:
    assert places({"api": build(context, dockerfile)}) == {"api": expected}


def test_places_are_never_inside_each_other() -> None:
    builds = {
        "a": build("apps", "apps/Dockerfile"),
        "b": build("apps/b", "apps/b/Dockerfile"),
        "c": build("services", "services/Dockerfile"),
        "d": build(".", "Dockerfile"),
        "e": build(".", "Dockerfile"),
    }
    found = {name: str(place.path) for name, place in places(builds).items()}
    assert found == {"a": "images/a", "b": "apps/b", "c": "services", "d": "images/d", "e": "images/e"}
