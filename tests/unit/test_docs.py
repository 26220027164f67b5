"""What the documentation says is what the code does: generated parts, names, paths, links."""

import re
from dataclasses import fields
from pathlib import Path, PurePosixPath

import pytest
from click.testing import CliRunner

from bakegen import answers, catalog, hosting, keys, render
from bakegen.cli import cli
from bakegen.errors import RefusalError, UserError
from bakegen.extras import Host
from bakegen.merge.region import regions
from bakegen.rules import BACKING
from bakegen.stack import Defaults, Dev, Stack
from tools import docs, hosts_page

ROOT = docs.ROOT
DATA = catalog.load()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
PARTS_OF_A_HOST = [  # in this order, with others between them
    *("From nothing to running", "What is set where", "What a deployment does", "Scaling", "Roll back"),
    *("Costs", "Limits", "Sources"),
]


@pytest.fixture(scope="session")
def documents() -> dict[str, tuple[bytes, bytes]]:
    return docs.documents()


@pytest.mark.parametrize("path", [*docs.PARTS, *docs.WHOLE])
def test_generated_parts_are_fresh(path: str, documents: dict[str, tuple[bytes, bytes]]) -> None:
    old, new = (docs.without_counts(text.decode()) for text in documents[path])
    assert old == new, "run: make docs"


def test_counts_alone_do_not_make_a_session_stale() -> None:
    assert docs.without_counts("  ~ a/b.py  +1 -2\n  + c  ") == docs.without_counts("  ~ a/b.py  +3\n  + c  +4")
    assert docs.without_counts("  ~ a  +1") != docs.without_counts("  ~ b  +1")
    assert docs.without_counts("  ~ a  +1") != docs.without_counts("  + a  +1")


def test_a_stack_has_one_name_everywhere() -> None:
    folders = sorted(path.parent.name for path in (ROOT / "generator/bakegen/stacks").glob("*/stack.toml"))
    rows = re.findall(r"^\| \[([a-z-]+)\]", regions(README.encode())["stacks"].decode(), re.MULTILINE)
    titles = {
        path.stem: path.read_text(encoding="utf-8").splitlines()[0] for path in (ROOT / "docs/stacks").glob("*.md")
    }
    assert folders == list(DATA.stacks) == rows
    assert titles == {name: f"# {name}" for name in folders}


def test_a_host_has_one_name_everywhere() -> None:
    folders = sorted(path.parent.name for path in (ROOT / "generator/bakegen/hosts").glob("*/host.toml"))
    rows = re.findall(r"^\| \[([a-z-]+)\]", regions(README.encode())["hosts"].decode(), re.MULTILINE)
    titles = {
        path.stem: path.read_text(encoding="utf-8").splitlines()[0] for path in (ROOT / "docs/hosts").glob("*.md")
    }
    tables = regions((ROOT / "docs/hosts.md").read_bytes())
    assert folders == list(DATA.hosts) == rows
    assert titles == {name: f"# {name}" for name in folders}
    for name in ("comparison", "model"):
        header = next(line for line in tables[name].decode().splitlines() if line.startswith("|"))
        assert re.findall(r"\[([a-z-]+)\]", header) == folders


@pytest.mark.parametrize("host", DATA.hosts.values(), ids=list(DATA.hosts))
def test_a_host_says_all_that_hosts_are_compared_by(host: Host) -> None:
    assert host.begin
    assert host.compare.keys() == hosts_page.COMPARED.keys()
    assert host.sources.keys() == hosts_page.SOURCES.keys()
    assert host.has.keys() | host.cannot.keys() == {*hosts_page.KEYS}
    assert {*hosts_page.KEYS, *BACKING} == hosting.OF_A_SERVICE.keys() | hosting.OF_THE_PROJECT.keys()
    assert ("platforms" in host.cannot) == (host.compare["arm64"] == "no"), (
        "check says it of images for linux/arm64 alone"
    )
    said = (host.begin, *host.compare.values(), *host.sources.values(), *host.has.values(), *host.cannot.values())
    assert [text for text in said if not text.strip() or text.endswith(".") or "\n" in text] == []


def test_the_page_of_a_host_has_what_all_of_them_have() -> None:
    for name in DATA.hosts:
        page = (ROOT / f"docs/hosts/{name}.md").read_text(encoding="utf-8")
        titles = re.findall(r"^## (.+)", page, re.MULTILINE)
        assert [title for title in titles if title in PARTS_OF_A_HOST] == PARTS_OF_A_HOST, name
        assert "(../hosts.md#github-environments)" in page
        assert "needs an account" not in page
        costs = page.partition("\n## Costs\n")[2].partition("\n## ")[0]
        assert re.search(r"\b202[0-9]\b", costs), f"{name}: when was that?"
        assert name == "compose" or "](https://" in costs, f"{name}: who says so?"


def test_every_key_of_a_host_is_documented() -> None:
    page = (ROOT / "docs/hosts.md").read_text(encoding="utf-8").partition("### host.toml")[2]
    missing = [field.name for field in fields(Host) if f"`{field.name}`" not in page.partition("###")[0]]
    assert missing == ["id", "deploys", "beside"]


def test_what_a_host_reads_is_on_its_page() -> None:
    for host in DATA.hosts.values():
        page = (ROOT / f"docs/hosts/{host.id}.md").read_text(encoding="utf-8")
        assert [name for name in (*host.secrets, *host.variables) if f"`{name}`" not in page] == []


def test_every_feature_has_its_part_of_the_page() -> None:
    page = (ROOT / "docs/features.md").read_text(encoding="utf-8")
    assert [title for title in re.findall(r"^## (.+)", page, re.MULTILINE) if title in DATA.features] == [
        *DATA.features
    ]


@pytest.mark.parametrize("kind", [Stack, Defaults, Dev])
def test_every_key_of_a_stack_is_documented(kind: type[Stack | Defaults | Dev]) -> None:
    page = (ROOT / "docs/stacks.md").read_text(encoding="utf-8")
    missing = [
        field.name for field in fields(kind) if f"`{field.name}`" not in page and f"`dev.{field.name}`" not in page
    ]
    assert missing == (["id", "distros"] if kind is Stack else [])


def test_the_tree_in_the_readme_is_the_scaffold() -> None:
    project = answers.project(answers.complete({"project_name": "Shop"}, DATA), DATA)
    real = {str(path) for path in render.render(project, DATA)} | {"bakegen.lock"}
    told = tree(README[README.index("```text\n") + 8 :].partition("```")[0])
    assert {path for path in real if not path.startswith("services/")} == {path for path in told if "/" not in path} | {
        ".github/workflows/images.yml"
    }
    assert [path for path in told if not any(f"{each}/".startswith(f"{path}/") for each in real)] == []


def tree(drawing: str) -> list[str]:
    """The paths of a tree's leaves, without its root."""
    found: list[str] = []
    folders: list[str] = []
    for line in drawing.splitlines()[1:]:
        indent, name = re.match(r"([│ ]*)[├└]── (\S+)", line).groups()  # type: ignore[union-attr]  # or the drawing is wrong
        folders[len(indent) // 4 :] = [name.rstrip("/")]
        if name != "…":
            found = [path for path in found if path != "/".join(folders[:-1])]
            found.append("/".join(folders))
    return found


def test_every_option_of_the_pipeline_is_explained_and_the_line_for_act_is_that_of_a_project() -> None:
    page = (ROOT / "docs/pipeline.md").read_text(encoding="utf-8")
    options = page.partition("## `[pipeline]`")[2].partition("\n## ")[0]
    assert {name for name in keys.PIPELINE if f"**`{name}`**" not in options} == set()
    project = answers.project(answers.complete({"project_name": "Shop"}, DATA), DATA)
    readme = render.render(project, DATA)[PurePosixPath("README.md")].text.decode()
    (told,) = re.findall(r"^act .+?(?=\n```)", page, re.MULTILINE | re.DOTALL)
    assert told.replace("\\\n ", "").split() in [line.split() for line in readme.splitlines()]


def test_exit_codes_are_those_of_the_errors() -> None:
    assert f"| {UserError.code}         | bad input" in README
    assert f"| {RefusalError.code}         | a conflict" in README


def test_completion_knows_the_shells_of_the_readme() -> None:
    shells = re.findall(r"_BAKEGEN_COMPLETE=(\w+)_source bakegen", README)
    assert shells == ["bash", "zsh", "fish"]
    for shell in shells:
        done = CliRunner().invoke(cli, prog_name="bakegen", env={"_BAKEGEN_COMPLETE": f"{shell}_source"})
        assert "_bakegen_completion" in done.output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_decisions_are_numbered_without_gaps() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [int(page.name.partition("-")[0]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    for number, page in zip(numbers, pages, strict=True):
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. ")
        assert re.findall(r"^## (.+)", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
