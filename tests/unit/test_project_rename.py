"""A service renamed in bakegen.toml: its headers, its path, and where others name it."""

import pytest

from bakegen import project_document, project_rename
from bakegen.errors import RefusalError
from tests.unit.test_project_edit import API, HEAD, TEXT, WEB, check_edit


def test_rename_changes_headers_needs_and_path() -> None:
    renamed = project_rename.rename(TEXT.encode(), "api", "back", "services/back")
    check_edit(
        renamed,
        TEXT,
        ("[services.api]", "[services.back]"),
        ("[services.api.env]", "[services.back.env]"),
        ("'services/api'", "'services/back'"),
        ('"api", "redis"', '"back", "redis"'),
    )


def test_paths_below_a_renamed_folder_go_along() -> None:
    listed = 'unmanaged = [\n  "services/api/Dockerfile", # mine\n  "services/api2/Dockerfile",\n]\n'
    build = 'context = "services/api"\ndockerfile = "services/api/Dockerfile.prod"\n'
    own = f'\n[services.web]\nstack = "dockerfile"\npath = "apps/web"\n{build}'
    before = HEAD.replace('cache = "gha"\n', f'cache = "gha"\n{listed}') + API + own
    renamed = project_rename.rename(before.encode(), "api", "b", "back")
    check_edit(
        renamed,
        before,
        ("[services.api]", "[services.b]"),
        ("[services.api.env]", "[services.b.env]"),
        ("'services/api'", "'back'"),
        ('"services/api"', '"back"'),
        ('"services/api/Dockerfile"', '"back/Dockerfile"'),
        ('"services/api/Dockerfile.prod"', '"back/Dockerfile.prod"'),
    )
    assert project_rename.rename(renamed, "b", "api", "services/api") == before.encode()


def test_renamed_block_moves_with_its_comments() -> None:
    renamed = project_rename.rename(TEXT.encode(), "api", "z").decode()
    api = API.replace("services.api", "services.z")
    assert renamed == HEAD + WEB.replace('"api"', '"z"') + api
    assert project_rename.rename(renamed.encode(), "z", "api").decode() == TEXT


def test_unsorted_blocks_stay_where_they_are() -> None:
    text = HEAD + WEB + API
    renamed = project_rename.rename(text.encode(), "api", "x")
    assert renamed.decode() == HEAD + WEB.replace('"api"', '"x"') + API.replace("services.api", "services.x")


@pytest.mark.parametrize("header", ["[ services . api ]", '[services."api"]', "['services'.'api']"])
def test_any_spelling_of_a_header_is_renamed(header: str) -> None:
    text = TEXT.replace("[services.api]", header)
    renamed = project_rename.rename(text.encode(), "api", "b")
    assert project_document.values(renamed)["services"]["b"]["port"] == 8000
    assert renamed.decode().count("api") == text.count("api") - 3


@pytest.mark.parametrize("name", ["env", "services", "needs", "path"])
def test_names_that_are_words_of_the_file(name: str) -> None:
    text = TEXT.replace("services.api", f"services.{name}").replace('"api"', f'"{name}"')
    renamed = project_rename.rename(text.encode(), name, "b")
    assert renamed.decode() == TEXT.replace("services.api", "services.b").replace('"api"', '"b"')


def test_dotted_service_cannot_be_renamed() -> None:
    text = f'{HEAD}\n[services]\napi.stack = "fastapi"\napi.path = "services/api"\n'
    with pytest.raises(RefusalError, match=r"\[services.api\] cannot be renamed in this bakegen.toml"):
        project_rename.rename(text.encode(), "api", "b")
