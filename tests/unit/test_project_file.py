"""Edits of bakegen.toml: the block at its place, every other byte as it was, or a refusal."""

import tomllib
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import project_file, project_reader
from bakegen.errors import RefusalError, UserError
from bakegen.model import Service
from bakegen.rules import VARIABLE
from bakegen.stack import Variable
from tests.world import CATALOG, TOML, World, member, rendered, scaffold

EMPTY = scaffold()
HEAD = rendered(EMPTY)[TOML].text
BLOCK = '[services.{0}]\nstack = "python-worker"\npath = "services/{0}"\n'


def worker(name: str) -> Service:
    return Service(name=name, stack=CATALOG.stacks["python-worker"], path=PurePosixPath("services", name), slug="shop")


def insert(data: bytes, name: str) -> bytes:
    return project_file.insert_service(data, worker(name), CATALOG)


def check_edit(before: str, name: str, after: str) -> None:
    """Inserting gives `after`, and removing gives `before` back, with every newline and with a BOM."""
    for newline in ("\n", "\r\n"):
        for bom in (b"", b"\xef\xbb\xbf"):
            old, new = (bom + text.replace("\n", newline).encode() for text in (before, after))
            assert insert(old, name) == new
            assert project_file.remove_service(new, worker(name)) == old


def check_refused(data: bytes, name: str) -> RefusalError:
    with pytest.raises(RefusalError) as caught:
        insert(data, name)
    return caught.value


@pytest.fixture(name="head")
def _head() -> str:
    text: str = HEAD.decode()
    return text


def block(*names: str) -> str:
    return "\n".join(BLOCK.format(name) for name in names)


def test_first_service_goes_to_the_end(head: str) -> None:
    check_edit(head, "a", f"{head}\n{block('a')}")


@pytest.mark.parametrize("name", ["a", "c", "e"])
def test_sorted_place(head: str, name: str) -> None:
    others = [each for each in ("a", "b", "c", "d", "e") if each in "bd"]
    check_edit(f"{head}\n{block(*others)}", name, f"{head}\n{block(*sorted([*others, name]))}")


def test_behind_the_last_if_not_sorted(head: str) -> None:
    check_edit(f"{head}\n{block('d', 'b')}", "a", f"{head}\n{block('d', 'b', 'a')}")


def test_no_final_newline(head: str) -> None:
    check_edit(head.removesuffix("\n"), "a", f"{head}\n{block('a')}".removesuffix("\n"))


def test_spacing_of_the_user_survives(head: str) -> None:
    check_edit(
        f"{head}\n\n\n{block('a')}\n\n\n{block('c')}\n\n",
        "b",
        f"{head}\n\n\n{block('a')}\n\n\n{block('b')}\n{block('c')}\n\n",
    )


def test_no_blank_lines_between_tables(head: str) -> None:
    dense = head + BLOCK.format("a") + BLOCK.format("c")
    check_edit(dense, "b", f"{head}{BLOCK.format('a')}{BLOCK.format('b')}\n{BLOCK.format('c')}")


def test_services_between_other_tables(head: str) -> None:
    project, _, versions = head.partition("[versions]")
    check_edit(f"{project}{block('a')}\n[versions]{versions}", "b", f"{project}{block('a', 'b')}\n[versions]{versions}")


def test_comments_stay_with_their_tables(head: str) -> None:
    before = f"{head}\n# about a\n{block('a')}# port = 1\n\n# about c\n{block('c')}# the end\n"
    after = f"{head}\n# about a\n{block('a')}# port = 1\n\n{block('b')}\n# about c\n{block('c')}# the end\n"
    check_edit(before, "b", after)
    check_edit(before, "d", f"{before}\n{block('d')}")


def test_services_with_env_tables(head: str) -> None:
    with_env = f'{block("a")}[services.a.env]\nA = "1"\n'
    check_edit(f"{head}\n{with_env}", "b", f"{head}\n{with_env}\n{block('b')}")


def test_a_header_of_its_own(head: str) -> None:
    check_edit(f"{head}\n[services]\n", "a", f"{head}\n[services]\n\n{block('a')}")


def test_dotted_services_at_the_top_and_a_new_table(head: str) -> None:
    dotted = f'services.a.stack = "python-worker"\nservices.a.path = "services/a"\n{head}'
    check_edit(dotted, "b", f"{dotted}\n{block('b')}")


def test_dotted_services_and_a_new_table(head: str) -> None:
    dotted = f'{head}\n[services]\na.stack = "python-worker"\na.path = "services/a"\n'
    check_edit(dotted, "b", f"{dotted}\n{block('b')}")


def test_services_in_one_line_cannot_have_a_table(head: str) -> None:
    error = check_refused(f'services = {{ a = {{ stack = "fastapi", path = "services/a" }} }}\n{head}'.encode(), "b")
    assert (error.where, error.hint) == (
        "bakegen.toml:1",
        "write each service as a table of its own: [services.NAME]",
    )


def test_name_that_is_there_is_refused(head: str) -> None:
    check_refused(f"{head}\n{block('a')}".encode(), "a")


def test_impossible_result_names_no_line_of_a_file_that_is_not_there() -> None:
    inside = member(EMPTY, "b", path=PurePosixPath("services/a/b"))
    with pytest.raises(UserError, match="is the folder of the service a, or inside it") as caught:
        project_file.insert_service(insert(HEAD, "a"), inside, CATALOG)
    assert caught.value.where == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('stack = "', 'stack  = "'),
        ("[services.b]", "# lead\n[services.b]"),
        ('services/b"\n', 'services/b" # mine\n'),
        ('services/b"\n', 'services/b"\n# port = 1\n'),
        ('stack = "python-worker"\n', "stack = 'python-worker'\n"),
    ],
)
def test_remove_refuses_what_somebody_wrote(head: str, old: str, new: str) -> None:
    text = f"{head}\n{block('a')}\n{block('b').replace(old, new)}\n{block('c')}"
    with pytest.raises(RefusalError, match="comments or a layout of your own") as caught:
        project_file.remove_service(text.encode(), worker("b"))
    line = text[: text.index("[services.b]")].count("\n") + 1
    assert (caught.value.where, caught.value.hint) == (
        f"bakegen.toml:{line}",
        "say --discard-edits to let them go, or delete the table by hand and run: bakegen sync",
    )


def test_remove_refuses_a_table_in_two_parts(head: str) -> None:
    service = member(EMPTY, "a", "python-worker", env=(Variable(name="A", value="1"),))
    text = project_file.block(service).replace("[services.a.env]", "[other]\n[services.a.env]")
    with pytest.raises(RefusalError):
        project_file.remove_service(f"{head}\n{text}\n".encode(), service)


@given(st.text())
def test_quote_is_read_back(text: str) -> None:
    assert tomllib.loads(f"x = {project_file.quote(text)}\n")["x"] == text


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
VARIABLES = st.builds(
    lambda name, value, secret, description: Variable(
        name=name, value="" if secret else value, secret=secret, description=description
    ),
    st.from_regex(r"[A-Z][A-Z0-9_]{0,5}", fullmatch=True).filter(VARIABLE.fullmatch),
    TEXTS,
    st.booleans(),
    TEXTS,
)
SERVICES = st.builds(
    lambda name, port, health, needs, env: member(
        EMPTY, name, port=port, health=health, needs=tuple(needs), env=tuple(env)
    ),
    st.sampled_from(["a", "b-c", "z1"]),
    st.integers(1, 65535),
    st.from_regex(r"/[A-Za-z0-9._~/%-]{0,8}", fullmatch=True),
    st.sets(st.sampled_from(["postgres", "redis"])),
    st.lists(VARIABLES, max_size=3),
)


@given(SERVICES)
def test_block_is_read_back(service: Service) -> None:
    data = project_file.insert_service(HEAD, service, CATALOG)
    project = project_reader.load(data, CATALOG)
    assert project.services == (service,)
    assert data == rendered(project)[TOML].text
    assert project_file.remove_service(data, service) == HEAD


@given(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1), st.sampled_from(["\n", "\r\n"]), st.data())
def test_any_order_any_spacing_and_back(names: list[str], newline: str, draw: st.DataObject) -> None:
    gaps = draw.draw(st.lists(st.sampled_from(["", "\n", "\n\n", "# note\n", "\n# x\n\n"]), min_size=len(names) + 1))
    parts = [gap + BLOCK.format(name) for gap, name in zip(gaps, names[1:], strict=False)]
    data = (HEAD.decode() + "".join(parts) + gaps[-1]).replace("\n", newline).encode()
    after = insert(data, names[0])
    assert project_file.remove_service(after, worker(names[0])) == data
    kept = after.replace(BLOCK.format(names[0]).replace("\n", newline).encode().strip(), b"", 1)
    assert sorted(kept.split()) == sorted(data.split())


def test_a_project_reads_its_own_bakegen_toml() -> None:
    project = scaffold(description='"quoted" \\ größe')
    world = World.new(project)
    assert world.project == project
