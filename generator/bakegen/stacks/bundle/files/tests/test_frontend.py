from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.application import create_app
from app.settings import Settings

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ASSET = "/assets/index-B3xQ9aPl.js"


@pytest.mark.parametrize("path", ["/", "/index.html", "/notes/of/today"])
def test_the_page_answers_for_every_path_that_is_its_own(
    client: TestClient, path: str
) -> None:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == 200
    assert "The page" in response.text
    assert response.headers["Cache-Control"] == "no-cache"


def test_an_asset_is_kept_for_good_and_compressed(client: TestClient) -> None:
    response = client.get(ASSET)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Content-Type"].startswith("text/javascript")


def test_a_file_without_a_hash_is_asked_for_again(client: TestClient) -> None:
    response = client.get("/icon.svg")
    assert response.headers["Cache-Control"] == "no-cache"
    known = {"If-None-Match": response.headers["ETag"]}
    assert client.get("/icon.svg", headers=known).status_code == 304


@pytest.mark.parametrize("path", ["/assets/index-gone.js", "/assets/"])
def test_a_missing_asset_is_never_the_page(client: TestClient, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == 404
    assert "Cache-Control" not in response.headers


@pytest.mark.parametrize("path", ["/api/unknown", "/gone.png"])
def test_who_asks_for_no_page_is_told_that_there_is_none(
    client: TestClient, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.json() == {"detail": "Not Found"}


def test_an_image_without_its_frontend_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FASTAPI_ENV", raising=False)
    with pytest.raises(RuntimeError, match="does not exist"):
        create_app(Settings(static_dir=tmp_path / "gone"))


def test_the_api_is_developed_without_the_frontend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPI_ENV", "development")
    with pytest.warns(UserWarning, match="does not exist"):
        app = create_app(Settings(static_dir=tmp_path / "gone"))
    with TestClient(app) as client:
        assert client.get("/api/notes").status_code == 200
