"""Answers to a scaffold's questions: defaults that follow from others, and refusals in one voice."""

import pytest

from bakegen import answers
from bakegen.errors import UserError
from tests.world import CATALOG


def complete(**given: str) -> dict[str, str]:
    return answers.complete(given, CATALOG)


def test_defaults_follow_from_what_is_given() -> None:
    full = complete(project_name="Größe & Co.", owner="Acme")
    assert (full["project_slug"], full["images"]) == ("grosse-co", "ghcr.io/acme/grosse-co")
    assert list(full) == list(answers.NAMES)


def test_preset_is_a_list_of_add_service_calls() -> None:
    project = answers.project(complete(preset="api-web"), CATALOG)
    assert [(each.name, each.stack.id, each.needs) for each in project.services] == [
        ("api", "fastapi", ()),
        ("web", "nextjs", ("api",)),
    ]


def test_a_preset_may_say_how_a_service_runs_in_a_project_of_any_slug() -> None:
    project = answers.project(complete(preset="pnpm-monorepo", project_slug="web-shop"), CATALOG)
    commands = {each.name: each.run.pre_deploy for each in project.services}
    assert commands == {"api": "node node_modules/@web-shop/db/dist/migrate.js", "web": None, "worker": None}


def test_cookiecutters_answers_are_texts() -> None:
    assert answers.texts({"git_init": True, "cache": "gha", "_template": "x"}) == {"cache": "gha", "git_init": "true"}


def test_unknown_answer() -> None:
    with pytest.raises(UserError, match="unknown answer: color") as caught:
        complete(color="red")
    assert caught.value.hint == f"known: {', '.join(answers.NAMES)}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("project_name", " "),
        ("project_name", "a << b"),
        ("project_name", "a\nb"),
        ("project_name", "\udcff"),
        ("project_slug", "Shop"),
        ("project_slug", "a" * 41),
        ("description", "two\nlines"),
        ("owner", "acme/shop"),
        ("owner", "-acme"),
        ("images", "ghcr.io/Acme/shop"),
        ("images", "ghcr.io/acme/shop:1"),
        ("preset", "all"),
        ("cache", "s3"),
        ("python_version", "2.7"),
        ("node_version", "18"),
        ("git_init", "yes"),
    ],
)
def test_impossible_answers(name: str, value: str) -> None:
    with pytest.raises(UserError, match="is not possible") as caught:
        answers.project(complete(**{name: value}), CATALOG)
    assert caught.value.message == f"{name} = {value!r} is not possible"
    assert caught.value.hint


def test_a_name_without_letters_needs_a_slug() -> None:
    with pytest.raises(UserError, match="project_slug = ''"):
        answers.project(complete(project_name="日本"), CATALOG)
    assert answers.project(complete(project_name="日本", project_slug="nippon"), CATALOG).name == "日本"
