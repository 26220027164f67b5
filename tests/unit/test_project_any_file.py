"""Any bakegen.toml, any edit, and any project in a lock: what always holds."""

import json
import re
from dataclasses import replace
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from bakegen import project_document, project_file, project_reader, project_rename, project_text
from bakegen.errors import RefusalError
from bakegen.model import Build, Project, Service
from bakegen.stack import Variable
from tests.unit.test_project_edit import HEAD
from tests.world import CATALOG, scaffold

GAPS = st.sampled_from(["", "\n", "\n\n", "# note\n", "\n# x\n\n", "  # y\n"])
KEYS = {
    "port": st.none() | st.integers(1, 65535),
    "publish": st.none() | st.integers(1, 65535),
    "health": st.none() | st.from_regex(r"/[a-z#\"']{0,4}", fullmatch=True),
    "needs": st.none() | st.lists(st.sampled_from(["a", "redis", "x" * 30, "y" * 40]), unique=True),
    "target": st.none() | st.just("dev"),
}
VALUES = st.text("a#\"'\\=[]{} é", max_size=8)
VARIABLES = st.builds(
    lambda value, secret, description: Variable(name="", value=value, secret=secret, description=description),
    VALUES,
    st.booleans(),
    VALUES,
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A bakegen.toml with services a to d in any order, spacing, newlines and keys, with comments anywhere."""
    text = HEAD + draw(GAPS)
    for name in draw(st.just("abcd") | st.permutations("abcd")):
        lines = [f"[services.{name}]", 'stack = "dockerfile"', f"path = 'services/{name}'"]
        for key, value in draw(st.fixed_dictionaries(KEYS)).items():
            lines += [] if value is None else [f"{key}  = {project_text.value_text(value)}"]
        if draw(st.booleans()):
            lines.append(f"[services.{name}.env]")
            lines += [f"{each} = '{each}'" for each in draw(st.permutations("ABC"))[: draw(st.integers(0, 3))]]
        text += "".join(f"{line}{draw(st.sampled_from(['', ' # end']))}\n{draw(GAPS)}" for line in lines)
    text = text.removesuffix("\n") if draw(st.booleans()) else text
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


def comments(data: bytes) -> list[bytes]:
    return [line.strip() for line in data.splitlines() if line.strip().startswith(b"#")]


def check_rest(before: bytes, after: bytes, most: int = 1) -> None:
    """All comments and all but `most` lines are as they were; newlines are of one kind."""
    assert comments(after) == comments(before)
    assert after.count(b" # end") == before.count(b" # end")
    old, new = before.splitlines(), after.splitlines()
    assert sum(line not in new for line in old) <= most
    assert (b"\r" in after) == (b"\r" in before)
    assert after.count(b"\r\n") in {0, after.count(b"\n")}


@given(files(), st.sampled_from("abcd"), st.sampled_from(sorted(KEYS)), st.data())
def test_any_key_of_any_file(data: bytes, name: str, key: str, draw: st.DataObject) -> None:
    value = draw.draw(KEYS[key])
    kept = True
    try:
        after = project_file.set_key(data, name, key, value)
    except RefusalError:
        assert value is None
        kept, after = False, project_file.set_key(data, name, key, value, discard=True)
    expected = project_document.values(data)
    if value is None:
        expected["services"][name].pop(key, None)
    else:
        expected["services"][name][key] = value
    assert project_document.values(after) == expected
    if kept:
        check_rest(data, after)
    assert project_file.set_key(after, name, key, value) == after


@given(files(), st.sampled_from("abcd"), st.sampled_from("ABCZ"), st.none() | VARIABLES)
def test_any_variable_of_any_file(data: bytes, name: str, key: str, value: Variable | None) -> None:
    kept = True
    try:
        after = project_file.set_variable(data, name, key, value)
    except RefusalError:
        assert value is None
        kept, after = False, project_file.set_variable(data, name, key, value, discard=True)
    expected = project_document.values(data)["services"]
    env = expected[name].setdefault("env", {})
    if value is None:
        env.pop(key, None)
    else:
        env[key] = project_text.env_answer(value)
    read = project_document.values(after)["services"]
    read[name].setdefault("env", {})
    assert read == expected
    if kept:
        check_rest(data, after, most=2 if value is None else 1)
    assert project_file.set_variable(after, name, key, value) == after


@given(files(), st.sampled_from("abcd"), st.sampled_from(["0", "bb", "z"]))
def test_any_rename_there_and_back(data: bytes, old: str, new: str) -> None:
    renamed = project_rename.rename(data, old, new, f"services/{new}")
    assert sorted(comments(renamed)) == sorted(comments(data))
    assert set(project_document.values(renamed)["services"]) == {*"abcd", new} - {old}
    back = project_rename.rename(renamed, new, old, f"services/{old}")
    assert sorted(back.split()) == sorted(data.split())
    order = re.findall(rb"\[services\.(.)\]", data)
    if order == sorted(order):
        assert back == data


# What a lock says of a project.

BUILDS = st.builds(
    Build,
    context=st.none() | st.sampled_from([".", "docker"]),
    dockerfile=st.none() | st.just(PurePosixPath("docker/any.Dockerfile")),
    target=st.none() | st.just("dev"),
)
ENVS = st.dictionaries(st.sampled_from("ABC"), VARIABLES, max_size=3)


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """A possible project: services that need only backing services and those before them."""
    project = scaffold(description=draw(VALUES))
    paths = st.sets(st.sampled_from([PurePosixPath("compose.yaml"), PurePosixPath("a/b")])).map(sorted).map(tuple)
    project = replace(project, unmanaged=draw(paths), adopted=draw(paths))
    for name in draw(st.lists(st.sampled_from(["a", "b-c", "d", "z1"]), unique=True)):
        needs = draw(st.sets(st.sampled_from(["postgres", "redis", *(each.name for each in project.services)])))
        stack = draw(st.sampled_from(sorted(CATALOG.stacks)))
        env = draw(ENVS).items()
        service = Service(
            name=name,
            stack=CATALOG.stacks[stack],
            path=PurePosixPath("services", name),
            slug=project.slug,
            port=draw(st.integers(1, 65535)),
            publish=draw(st.none() | st.integers(1, 65535)),
            health=draw(st.none() | st.just("/up")),
            needs=tuple(sorted(needs)),
            env=tuple(replace(item, name=key, value="" if item.secret else item.value) for key, item in sorted(env)),
            build=draw(BUILDS) if stack == "dockerfile" else Build(),
        )
        project = project.with_service(service)
    return project


@given(projects())
def test_answers_of_a_lock_are_the_project(project: Project) -> None:
    services = {each.name: project_file.service_answers(each) for each in project.services}
    given, kept = json.loads(json.dumps([project_file.project_answers(project), services]))
    assert project_reader.from_answers(given, kept, CATALOG) == project
