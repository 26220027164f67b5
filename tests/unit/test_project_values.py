"""bakegen.toml read: values, names, paths and needs that are not possible, and the way out of each."""

import pytest

from bakegen import keys, project_reader
from bakegen.errors import UserError
from bakegen.rules import VARIABLE
from tests.unit.test_project_reader import GOOD, PROJECT, SERVICE, VERSIONS, check_error, named
from tests.world import CATALOG

KNOWN = ", ".join(CATALOG.stacks)


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "hint"),
    [
        ('name = "Shop"', 'name = " "', 2, 'project.name = " " is not possible', "one line of text, not empty"),
        (
            'name = "Shop"',
            'name = "\\u0001"',
            2,
            'project.name = "\\u0001" is not possible',
            "one line of text, not empty",
        ),
        ('name = "Shop"', 'name = "a\\nb"', 2, 'project.name = "a\\nb" is not possible', "one line of text, not empty"),
        (
            'slug = "shop"',
            'slug = "Shop"',
            3,
            'project.slug = "Shop" is not possible',
            "at most 40 lower-case letters, digits and single hyphens, starting with a letter: web-shop",
        ),
        (
            "ghcr.io/acme/shop",
            "ghcr.io/Acme/shop",
            5,
            'project.images = "ghcr.io/Acme/shop" is not possible',
            "a lower-case image name without tag: ghcr.io/acme/shop",
        ),
        ('node = "24"', 'node = "18"', 8, 'versions.node = "18" is not possible', "one of: 24, 22, 26, 20"),
        ("port = 8000", "port = 0", 14, "services.api.port = 0 is not possible", "a port from 1 to 65535"),
        ("port = 8000", "port = 65536", 14, "services.api.port = 65536 is not possible", "a port from 1 to 65535"),
        (
            "port = 8000",
            'port = 1\nhealth = "health"',
            15,
            'services.api.health = "health" is not possible',
            "an absolute URL path: /health",
        ),
        (
            PROJECT,
            f'{PROJECT}platforms = ["linux/riscv64"]\n',
            6,
            'project.platforms = ["linux/riscv64"] is not possible',
            "one of: linux/amd64, linux/arm64",
        ),
        (
            PROJECT,
            f"{PROJECT}platforms = []\n",
            6,
            "project.platforms = [] is not possible",
            "at least one of: linux/amd64, linux/arm64",
        ),
        (PROJECT, f'{PROJECT}cache = "s3"\n', 6, 'project.cache = "s3" is not possible', "one of: gha, registry, none"),
        ("port = 8000", 'env.a = "x"', 14, "a is not a variable name", keys.HINTS[VARIABLE]),
        ("port = 8000", 'env.TRUE = "x"', 14, "TRUE is not a variable name", keys.HINTS[VARIABLE]),
        ("port = 8000", "env.NO = { secret = true }", 14, "NO is not a variable name", keys.HINTS[VARIABLE]),
        ("port = 8000", 'env.A = "x\\u0000"', 14, "the value of A is not possible", "one line of text"),
        (
            "port = 8000",
            'env.A = { secret = true, value = "x" }',
            14,
            "A is a secret and has a value in the file",
            "delete the value, keep it in .env",
        ),
        ("port = 8000", 'health = "/"', 14, "services.api.health needs a port", "add: port = 8000"),
        ("port = 8000", "publish = 1", 14, "services.api.publish needs a port", "add: port = 8000"),
    ],
)
def test_impossible_values(old: str, new: str, line: int, message: str, hint: str) -> None:
    check_error(GOOD.replace(old, new), f":{line}", message, hint)


def test_unknown_stack() -> None:
    check_error(GOOD.replace("fastapi", "fastap"), ":12", "unknown stack: fastap", "did you mean fastapi?")
    check_error(GOOD.replace("fastapi", "zzz"), ":12", "unknown stack: zzz", f"known stacks: {KNOWN}")


# Names.


@pytest.mark.parametrize("name", ["Api", "1api", "api_x", "a--b", "-a", "a-", "größe", "a.b", "", "a\\nb"])
def test_names_that_break_the_rule(name: str) -> None:
    shown = repr(name.replace("\\n", "\n"))
    hint = "at most 40 lower-case letters, digits and single hyphens, starting with a letter: web-shop"
    check_error(GOOD.replace("services.api", f'services."{name}"'), ":11", f"{shown} is not a service name", hint)


def test_names_that_differ_in_case() -> None:
    hint = "write it in lower case, and give one of them another name"
    check_error(GOOD + named("API"), ":16", "'API' and 'api' differ only in case", hint)


def test_long_names() -> None:
    name = "a" * 41
    with pytest.raises(UserError, match="hint: at most 40 lower-case"):
        project_reader.check_name(name)
    project_reader.check_name(name[:40])


@pytest.mark.parametrize("name", ["default", "test", "postgres", "redis"])
def test_reserved_names(name: str) -> None:
    with pytest.raises(UserError, match="is reserved") as caught:
        project_reader.check_name(name)
    assert name in caught.value.hint


def test_name_of_a_test_target() -> None:
    both = GOOD + named("api-test")
    check_error(both, ":11", "api-test is the bake target that tests api", "rename it")


# Paths.


@pytest.mark.parametrize("path", ["..", "../x", "services/../..", "."])
def test_paths_outside(path: str) -> None:
    hint = "a relative path of letters, digits, '.', '_' and '-': services/api"
    check_error(GOOD.replace("services/api", path), ":13", f"{path} is not inside the project", hint)


@pytest.mark.parametrize("path", ["/api", "a b", "a//b", "a/", "", "größe", "C:\\\\x", "a\\nb", "a:b"])
def test_paths_that_break_the_rule(path: str) -> None:
    hint = "a relative path of letters, digits, '.', '_' and '-': services/api"
    check_error(GOOD.replace("services/api", path), ":13", f'services.api.path = "{path}" is not possible', hint)


@pytest.mark.parametrize("path", [".git", ".git/x", ".github/workflows", ".bakegen"])
def test_folders_of_others(path: str) -> None:
    check_error(
        GOOD.replace("services/api", path), ":13", f"{path} is not a folder for a service", "for example: services/api"
    )


@pytest.mark.parametrize(
    ("host", "path", "file"),
    [
        ("railway", ".railway", ".railway/package.json"),
        ("kubernetes", "kubernetes", "kubernetes/base/kustomization.yaml"),
        ("kubernetes", "kubernetes/base", "kubernetes/base/kustomization.yaml"),
        ("compose", "deploy", "deploy/common.sh"),
    ],
)
def test_folders_of_hosts(host: str, path: str, file: str) -> None:
    without = GOOD.replace("services/api", path)
    there = without.replace(VERSIONS, f'hosts = ["{host}"]\n{VERSIONS}')
    message = f"{path} is not a folder for a service: {file} is a file of the project"
    check_error(there, ":14", message, "for example: services/api")
    assert str(project_reader.load(without.encode(), CATALOG).services[0].path) == path
    assert project_reader.load(there.replace(f'path = "{path}"', f'path = "{path}/api"').encode(), CATALOG).hosts


@pytest.mark.parametrize("path", ["services/api", "services/api/inner"])
def test_path_of_another_service(path: str) -> None:
    other = SERVICE.replace("services.api", "services.b").replace("services/api", path)
    message = f"{path} is the folder of the service api, or inside it"
    line = 13 if path == "services/api" else 18
    message = message if line == 18 else message.replace("service api", "service b")
    check_error(GOOD + other, f":{line}", message, f"for example: services/{'api' if line == 13 else 'b'}")


@pytest.mark.parametrize(
    ("path", "folder", "first"),
    [
        ("services/API", "services/API", "services/api"),
        ("Services/b", "Services", "services"),
        ("services/Api/b", "services/Api", "services/api"),
    ],
)
def test_paths_that_differ_in_case(path: str, folder: str, first: str) -> None:
    other = named("b").replace("services/b", path)
    message = f"{path} and the path of api differ only in case: {folder}, {first}"
    check_error(GOOD + other, ":18", message, f"write {first}: some disks take both for one folder")


# Needs.


def needing(*pairs: tuple[str, str]) -> str:
    blocks = [named(name) + f'needs = ["{need}"]\n' for name, need in pairs]
    return PROJECT + VERSIONS + "".join(blocks)


def test_need_of_nobody() -> None:
    check_error(needing(("api", "web")), ":15", "services.api needs web, which is nobody", "known: postgres, redis")
    hint = "did you mean postgres?"
    check_error(needing(("api", "postgrse")), ":15", "services.api needs postgrse, which is nobody", hint)


def test_need_without_a_port() -> None:
    text = needing(("api", "b"), ("b", "redis")).replace('services/b"\nport = 8000', 'services/b"')
    hint = "give it one: bakegen set b port=8000, or need something else"
    check_error(text, ":15", "services.api needs b, which has no port", hint)


def test_need_of_itself_without_a_port() -> None:
    text = GOOD.replace("port = 8000", 'needs = ["api"]')
    check_error(text, ":14", "services.api needs itself", "take it out")


@pytest.mark.parametrize("pairs", [[("a", "a")], [("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "a")]])
def test_cycles(pairs: list[tuple[str, str]]) -> None:
    way = " -> ".join([pairs[0][0], *(need for _, need in pairs)])
    itself = len(pairs) == 1
    message = "services.a needs itself" if itself else f"these services need each other: {way}"
    check_error(needing(*pairs), ":15", message, "take it out" if itself else "take one of them out")


def test_circle_of_a_thousand_is_named_in_full() -> None:
    names = [f"a{number:03}" for number in range(1000)]
    way = " -> ".join([*names, names[0]])
    pairs = list(zip(names, [*names[1:], names[0]], strict=True))
    check_error(needing(*pairs), ":15", f"these services need each other: {way}", "take one of them out")
    assert len(project_reader.load(needing(*pairs[:-1], (names[-1], "redis")).encode(), CATALOG).services) == 1000


def test_shared_needs_are_no_cycle() -> None:
    text = needing(("a", "c"), ("b", "c"), ("c", "redis"))
    assert project_reader.load(text.encode(), CATALOG).backing == ("redis",)
