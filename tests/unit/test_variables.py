"""What code reads is set, and what bakegen.toml sets is read; and no stack is found guilty as it comes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from bakegen import answers, variables
from bakegen.finding import Finding
from bakegen.model import Build, Project, Service, Versions
from bakegen.service import Request
from bakegen.stack import Variable
from bakegen.variables import Judgement
from tests.lint import stacks
from tests.world import CATALOG, World, member, rendered, scaffold

LANGUAGES = {name: language.environment for name, language in CATALOG.languages.items()}
API = PurePosixPath("services/api")
QUIET = Judgement()


def judge(project: Project, more: Mapping[PurePosixPath, bytes] | None = None) -> Judgement:
    """What is said of a project as it is rendered, with further files."""
    paths, read = code(project, more or {})
    return variables.judge(project, LANGUAGES, paths, read)


def code(
    project: Project, more: Mapping[PurePosixPath, bytes]
) -> tuple[dict[PurePosixPath, list[PurePosixPath]], variables.Reader]:
    """The files in each folder of a project as it is rendered, with further ones, and how to read one."""
    files = {path: file.text for path, file in rendered(project).items()} | dict(more)
    there = [path for path in sorted(files) if not variables.SKIPPED & set(path.parts[:-1])]
    paths = {folder: [path for path in there if path.is_relative_to(folder)] for folder in variables.folders(project)}
    return paths, files.get


def api(stack: str = "fastapi", **fields: object) -> Project:
    return scaffold().with_service(member(scaffold(), "api", stack, **fields))


def found(project: Project, path: str, text: str) -> list[str]:
    return [each.message for each in judge(project, {API / path: text.encode()}).findings]


@pytest.mark.parametrize("preset", CATALOG.presets)
def test_presets_are_right_as_they_come(preset: str) -> None:
    project = answers.project(answers.complete({"project_name": "Shop", "preset": preset}, CATALOG), CATALOG)
    assert judge(project) == QUIET


@pytest.mark.parametrize(("versions", "services"), list(stacks.projects()))
def test_stacks_are_right_as_they_come(versions: Versions, services: Sequence[Service]) -> None:
    project = replace(scaffold(), versions=versions, services=tuple(services))
    assert judge(project) == QUIET


def test_what_nothing_sets() -> None:
    text = b"import os\n\nSTRIPE = os.environ['STRIPE_KEY']\nLIMIT = int(os.environ['LIMIT'])\n"
    path = API / "app/stripe.py"
    assert judge(api(), {path: text, API / "app/z.py": text}).findings == (
        Finding(
            where=f"{path}:3",
            message="api reads STRIPE_KEY, and nothing sets it",
            hint="set it: bakegen add-env api --secret STRIPE_KEY; or read it with a fallback",
        ),
        Finding(
            where=f"{path}:4",
            message="api reads LIMIT, and nothing sets it",
            hint="set it: bakegen add-env api LIMIT=VALUE; or read it with a fallback",
        ),
    )
    given = api(env=(Variable(name="LIMIT"), Variable(name="STRIPE_KEY", secret=True)))
    assert judge(given, {path: text}) == QUIET


def test_what_a_need_would_set() -> None:
    project = api("nestjs", needs=("redis",))
    project = project.with_service(member(project, "web-shop", "nextjs"))
    path = API / "src/x.ts"
    text = b"z.object({ DATABASE_URL: z.url(), REDIS_URL: z.url(), WEB_SHOP_URL: z.url() }).parse(process.env);"
    assert [each.hint for each in judge(project, {path: text}).findings] == [
        "set it: bakegen set api needs=postgres,redis; or read it with a fallback",
        "set it: bakegen set api needs=redis,web-shop; or read it with a fallback",
    ]


@pytest.mark.parametrize(("stack", "needs"), [("python-worker", ()), ("nextjs", ("api",))], ids=["no port", "a circle"])
def test_what_cannot_be_needed(stack: str, needs: tuple[str, ...]) -> None:
    project = api()
    project = project.with_service(member(project, "other", stack, needs=needs))
    (one,) = judge(project, {API / "app/x.py": b"import os\n\nOTHER = os.environ['OTHER_URL']\n"}).findings
    assert one.hint == "set it: bakegen add-env api OTHER_URL=VALUE; or read it with a fallback"


def test_nothing_needs_itself() -> None:
    (one,) = judge(api(), {API / "app/x.py": b"os.environ['API_URL']"}).findings
    assert one.hint == "set it: bakegen add-env api API_URL=VALUE; or read it with a fallback"


def test_what_a_build_puts_in() -> None:
    text = b"import { API } from '$env/static/private';"
    (one,) = judge(api("sveltekit"), {API / "src/x.ts": text}).findings
    assert one.hint == (
        "a build reads it: write API into [services.api.build_args] of bakegen.toml; or read it with a fallback"
    )
    given = api("sveltekit", build=Build(args={"API": "/api"}))
    assert judge(given, {API / "src/x.ts": text}) == QUIET


def test_what_code_may_do_without() -> None:
    text = b"import os\nimport sentry_sdk\n\nsentry_sdk.init(dsn=os.environ.get('SENTRY_DSN'))\nos.getenv('CITY')\n"
    path = API / "app/x.py"
    assert judge(api(), {path: text, API / "app/y.py": text}) == Judgement(
        unset=(
            f"{path}:4: api reads SENTRY_DSN, and nothing sets it",
            f"{path}:5: api reads CITY, and nothing sets it",
        )
    )
    assert judge(api(), {path: text, API / "app/y.py": b"os.environ['CITY']"}).unset == (
        f"{path}:4: api reads SENTRY_DSN, and nothing sets it",
    )
    given = api(env=(Variable(name="CITY"), Variable(name="SENTRY_DSN", secret=True)))
    assert judge(given, {path: text}) == QUIET


@pytest.mark.parametrize(
    "path",
    ["tests/x.py", "app/test_x.py", "app/conftest.py", "node_modules/x/x.js", "app/x.md", "dist/x.js"],
)
def test_where_nothing_is_looked_for(path: str) -> None:
    assert found(api(), path, "os.environ['A']") == []


def test_what_others_set() -> None:
    text = b"f(process.env.PORT, process.env.NODE_ENV, process.env.HOSTNAME, process.env.REVISION, process.env.PATH)"
    assert judge(api("nestjs"), {API / "src/x.ts": text}) == QUIET
    text = b"f(process.env.DOKPLOY_DEPLOY_URL);"
    assert judge(api("nestjs"), {API / "src/x.ts": text}).unset != ()
    chosen = replace(api("nestjs"), hosts=(CATALOG.hosts["dokploy"],))
    assert judge(chosen, {API / "src/x.ts": text}) == QUIET


def test_a_dockerfile_of_the_users_own_is_not_judged() -> None:
    project = scaffold().with_service(member(scaffold(), "api", "dockerfile"))
    assert judge(project, {API / "x.py": b"os.environ['A']", API / "Dockerfile": b"ARG A\nRUN $A"}) == QUIET


def test_packages_are_read_for_who_uses_them() -> None:
    options = ("package_manager=pnpm",)
    project = api("nestjs", options=options, uses=("shared",))
    project = project.with_service(member(project, "jobs", "node-worker", options=options))
    path = PurePosixPath("packages/shared/src/key.ts")
    (one,) = judge(project, {path: b"export const key = process.env.KEY;"}).unset
    assert one == f"{path}:1: api reads KEY, and nothing sets it"


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        ("USER 10", "ARG MIRROR\nRUN curl $MIRROR\nUSER 10", ["the build uses MIRROR, and nothing sets it"]),
        ("USER 10", "ARG MIRROR\nRUN curl ${MIRROR%/}\nUSER 10", ["the build uses MIRROR, and nothing sets it"]),
        ("USER 10", "ARG MIRROR\nRUN curl ${MIRROR:-x} \\$MIRROR\nUSER 10", []),
        ("USER 10", "ARG MIRROR=x\nRUN curl $MIRROR\nUSER 10", []),
        ("USER 10", "ARG MIRROR\nUSER 10", []),
        ("USER 10", "ARG TARGETARCH\nRUN a $TARGETARCH && for x in 1; do $X; done\nUSER 10", []),
        ("USER 10", "ENV KEY value\nCMD run $KEY\nUSER 10", []),
        ("USER 10", "CMD run $KEY\nUSER 10", ["api reads KEY, and nothing sets it"]),
        ("USER 10", "HEALTHCHECK --interval=1s CMD ask ${KEY}\nUSER 10", ["api reads KEY, and nothing sets it"]),
        ("USER 10", 'CMD ["run", "$KEY"]\nUSER 10', []),
    ],
)
def test_dockerfiles(old: str, new: str, messages: list[str]) -> None:
    text = rendered(api())[API / "Dockerfile"].text.decode()
    assert found(api(), "Dockerfile", text.replace(old, new, 1)) == messages


def test_what_a_dockerfile_sets_is_set_for_code() -> None:
    text = rendered(api())[API / "Dockerfile"].text.replace(b"USER 10", b"ENV KEY=value\nUSER 10", 1)
    assert judge(api(), {API / "Dockerfile": text, API / "app/x.py": b"os.environ['KEY']"}) == QUIET


def test_where_a_dockerfile_reads() -> None:
    text = b"FROM a\n# b\nARG A\nRUN x \\\n  $A\n"
    (one,) = judge(api(), {API / "Dockerfile": text}).findings
    assert (one.where, one.hint) == (
        f"{API}/Dockerfile:4",
        "write A into [services.api.build_args] of bakegen.toml; or give ARG A a default",
    )


def test_what_nothing_reads() -> None:
    project = api(env=(Variable(name="AGE"), Variable(name="CITY"), Variable(name="LIMIT", secret=True)))
    assert judge(project).unread == ("api: nothing in services/api names AGE, CITY, LIMIT",)
    files = {
        API / "app/x.py": b"limit: int = 1",
        API / "start.sh": b'echo "$CITY"',
        API / "tests/x.py": b"AGE",
    }
    assert judge(project, files).unread == ("api: nothing in services/api names AGE",)
    prefixed = b"class S(BaseSettings):\n    model_config = C(env_prefix='MY_')\n    age: int = 1\n"
    assert judge(api(env=(Variable(name="MY_AGE"),)), {API / "app/x.py": prefixed}) == QUIET


def test_what_somebody_has_described_is_read_by_a_library() -> None:
    assert judge(api(env=(Variable(name="AGE", description="In years"),))) == QUIET


def test_bytes_that_are_no_text() -> None:
    assert judge(api("nestjs"), {API / "src/x.ts": b"\xff\x00process.env.A"}).unset != ()
    assert judge(api(), {API / "app/x.py": b"\xff\x00os.environ['A']"}) == QUIET


def test_a_service_of_the_world_is_judged_by_its_path() -> None:
    world = World.new(requests=[Request(name="api", path=PurePosixPath("a/b"))])
    assert variables.folders(world.project) == (PurePosixPath("a/b"),)


def test_what_code_may_do_without_and_had_before() -> None:
    before = api(env=(Variable(name="CITY", value="Rome"),))
    text = b"import os\n\nCITY = os.environ.get('CITY', 'Rome')\nTOWN = os.environ.get('TOWN', 'Rome')\n"
    path = API / "app/city.py"
    paths, read = code(before, {path: text})
    assert variables.left_behind(before, api(), LANGUAGES, paths, read) == (
        f"{path}:3: api still reads CITY, which nothing sets any more",
    )
    assert variables.left_behind(before, before, LANGUAGES, paths, read) == ()
    assert variables.left_behind(api(), before, LANGUAGES, paths, read) == ()


def test_the_variable_of_a_service_that_has_another_name() -> None:
    world = World.new(
        scaffold(), [Request(name="api", stack="fastapi"), Request(name="web", stack="nextjs", needs=("api",))]
    )
    before = world.project
    services = [
        replace(each, needs=("core",)) if each.needs else replace(each, name="core") for each in before.services
    ]
    paths, read = code(before, {})
    (note,) = variables.left_behind(before, replace(before, services=tuple(services)), LANGUAGES, paths, read)
    assert note.startswith("services/web/app/page.tsx:")
    assert note.endswith("web still reads API_URL, which nothing sets any more")
