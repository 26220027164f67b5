from uuid import uuid4

import pytest
from fastapi.testclient import TestClient


def test_there_are_no_notes_at_first(client: TestClient) -> None:
    assert client.get("/api/notes").json() == []


def test_a_note_can_be_read_back(client: TestClient) -> None:
    response = client.post("/api/notes", json={"text": "buy milk"})
    assert response.status_code == 201
    note = response.json()
    assert note["text"] == "buy milk"
    assert client.get(f"/api/notes/{note['id']}").json() == note
    assert client.get("/api/notes").json() == [note]


def test_an_unknown_note_is_not_found(client: TestClient) -> None:
    response = client.get(f"/api/notes/{uuid4()}")
    assert response.status_code == 404
    assert response.json() == {"detail": "no such note"}


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 10_001}])
def test_a_note_without_sensible_text_is_refused(
    client: TestClient, body: dict[str, str]
) -> None:
    assert client.post("/api/notes", json=body).status_code == 422
    assert client.get("/api/notes").json() == []
