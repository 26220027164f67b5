"""What an adopted project is called, where its images go, and what nobody can tell."""

from pathlib import PurePosixPath

import pytest

from bakegen.adopt.places import Place
from bakegen.adopt.project import answers, images, page
from bakegen.adopt.survey import Found, Survey
from bakegen.errors import UserError
from tests.unit.test_adopt_bake import build
from tests.world import CATALOG

EMPTY = Survey(services=(), omitted=(), notes=(), files=())


def service(name: str, *named: str) -> Found:
    place = Place(path=PurePosixPath(name))
    return Found(name=name, place=place, build=build(name, f"{name}/Dockerfile"), files=(), images=named)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"api": "ghcr.io/acme/shop-api", "web": "ghcr.io/acme/shop-web", "x": "other/x"}, "ghcr.io/acme/shop"),
        ({"api": "quay.io/acme/api", "web": "quay.io/acme/web"}, "quay.io/acme/shop"),
        ({"api": "localhost:5000/api"}, "localhost:5000/shop"),
        ({"api": "api"}, "shop"),
        ({}, "shop"),
    ],
)
def test_images(named: dict[str, str], expected: str) -> None:
    assert images([service(name, image) for name, image in named.items()], "shop", "") == expected


def test_images_of_a_repository_on_github() -> None:
    assert images([], "shop", "https://github.com/Acme/x") == "ghcr.io/acme/shop"
    assert images([], "shop", "https://gitlab.com/acme/x") == "shop"


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("git@github.com:acme/shop.git", "https://github.com/acme/shop"),
        ("https://github.com/acme/shop", "https://github.com/acme/shop"),
        ("https://user:token@gitlab.com/a/b/shop.git/", "https://gitlab.com/a/b/shop"),
        ("ssh://git@git.example.com:2222/acme/shop.git", "https://git.example.com/acme/shop"),
        ("/srv/git/shop.git", ""),
        ("../shop", ""),
        ("", ""),
    ],
)
def test_page_of_a_remote(remote: str, expected: str) -> None:
    assert page(remote) == expected


def test_answers_from_what_is_there() -> None:
    full = answers(EMPTY, {}, "My Shop", "git@github.com:acme/shop.git", CATALOG)
    assert (full["project_name"], full["project_slug"]) == ("My Shop", "my-shop")
    assert (full["images"], full["repository"]) == ("ghcr.io/acme/my-shop", "https://github.com/acme/shop")


def test_given_answers_come_first() -> None:
    given = {"project_name": "X", "images": "ghcr.io/acme/x", "cache": "none"}
    full = answers(EMPTY, given, "shop", "", CATALOG)
    assert (full["project_slug"], full["cache"]) == ("x", "none")
    assert full["repository"] == "https://github.com/acme/x"  # told from the registry's name


@pytest.mark.parametrize(
    ("given", "folder", "message", "hint"),
    [
        ({}, "shop", "the repository of the project cannot be told from what is here", "--set repository=https://"),
        ({"images": "A"}, "shop", "images = 'A' is not possible", "a lower-case image name"),
        ({"color": "red"}, "shop", "unknown answer: color", "known: project_name"),
        ({}, "商店", "the project_slug of the project cannot be told from what is here", "--set project_slug=shop"),
    ],
)
def test_what_cannot_be_told_is_asked_for(given: dict[str, str], folder: str, message: str, hint: str) -> None:
    with pytest.raises(UserError) as error:
        answers(EMPTY, given, folder, "", CATALOG)
    assert error.value.message == message
    assert hint in error.value.hint
