from uuid import uuid4

import pytest
from flask.testing import FlaskClient


def test_there_are_no_notes_at_first(client: FlaskClient) -> None:
    assert client.get("/notes").get_json() == []


def test_a_note_can_be_read_back(client: FlaskClient) -> None:
    response = client.post("/notes", json={"text": "buy milk"})
    assert response.status_code == 201
    note = response.get_json()
    assert note["text"] == "buy milk"
    assert client.get(f"/notes/{note['id']}").get_json() == note
    assert client.get("/notes").get_json() == [note]


def test_an_unknown_note_is_not_found(client: FlaskClient) -> None:
    response = client.get(f"/notes/{uuid4()}")
    assert response.status_code == 404
    assert response.get_json() == {"detail": "no such note"}


@pytest.mark.parametrize(
    "body", [{}, [], {"text": ""}, {"text": 1}, {"text": "x" * 10_001}]
)
def test_a_note_without_sensible_text_is_refused(
    client: FlaskClient, body: object
) -> None:
    response = client.post("/notes", json=body)
    assert response.status_code == 422
    assert "text must be" in response.get_json()["detail"]
    assert client.get("/notes").get_json() == []


def test_what_is_no_json_is_refused(client: FlaskClient) -> None:
    assert client.post("/notes", data="text").status_code == 415
    broken = client.post("/notes", data="{", content_type="application/json")
    assert broken.status_code == 400
