"""Notes: an example resource. They live in memory and are gone after a restart."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID, uuid4

from flask import Blueprint, Response, abort, current_app, jsonify, request

MAX_LENGTH = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    id: UUID
    text: str


class Notes:
    """The store. Swap it for a database here; the routes stay as they are."""

    def __init__(self) -> None:
        self._notes: dict[UUID, Note] = {}

    def add(self, text: str) -> Note:
        note = Note(id=uuid4(), text=text)
        self._notes[note.id] = note
        return note

    def find(self, note_id: UUID) -> Note | None:
        return self._notes.get(note_id)

    def all(self) -> list[Note]:
        return list(self._notes.values())


def store() -> Notes:
    """Return the store of the application that serves this request."""
    return cast("Notes", current_app.extensions["notes"])


def text_of(body: object) -> str:
    """Return the text of a new note, or end the request with what is wrong."""
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str) or not 0 < len(text) <= MAX_LENGTH:
        abort(422, f"text must be a string of 1 to {MAX_LENGTH} characters")
    return text


blueprint = Blueprint("notes", __name__, url_prefix="/notes")


@blueprint.get("")
def list_notes() -> Response:
    return jsonify(store().all())


@blueprint.post("")
def create_note() -> tuple[Response, int]:
    return jsonify(store().add(text_of(request.get_json()))), 201


@blueprint.get("/<uuid:note_id>")
def read_note(note_id: UUID) -> Response:
    note = store().find(note_id)
    if note is None:
        abort(404, "no such note")
    return jsonify(note)
