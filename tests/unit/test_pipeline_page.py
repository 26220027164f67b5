"""The picture and the tables of docs/pipeline.md are those of the workflow."""

from itertools import pairwise
from xml.etree import ElementTree as ET

from tools import pipeline_page as page


def test_every_job_is_explained_and_no_other() -> None:
    assert page.EFFECTS.keys() == page.jobs().keys()
    assert page.usual() < page.jobs().keys()


def test_the_picture_shows_who_waits_for_whom_from_left_to_right() -> None:
    columns = {name: number for number, level in enumerate(page.levels()) for name in level}
    assert columns.keys() == page.jobs().keys()
    assert all(columns[one] < columns[other] for one, other in page.edges())
    chain = ("prepare", "test", "build-arm64", "merge", "scan", "release", "deploy-production")
    assert set(pairwise(chain)) <= set(page.edges())
    assert ("prepare", "merge") not in page.edges()  # it follows from the others


def test_the_picture_is_an_svg_with_all_jobs() -> None:
    svg = ET.fromstring(page.diagram())
    told = {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert page.jobs().keys() <= told


def test_only_what_builds_or_tags_may_write_to_the_registry() -> None:
    lines = {line.split("`")[1]: line for line in page.table_of_jobs().splitlines()[2:]}
    writing = {name for name, line in lines.items() if "packages: write" in line}
    assert writing == {"build-amd64", "build-arm64", "merge", "attest", "release"}
    assert "nothing" in lines["images"]


def test_every_registry_names_its_secrets() -> None:
    (*rows,) = page.table_of_registries().splitlines()[2:]
    assert "the workflow's own token" in rows[0]
    assert all("`" in row.split("|")[3] for row in rows[1:])
