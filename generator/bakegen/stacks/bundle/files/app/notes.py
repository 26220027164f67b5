"""Notes: an example resource. They live in memory and are gone after a restart."""

from typing import Annotated, cast
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, HTTPException, Request, status
from pydantic import BaseModel, Field


class NewNote(BaseModel):
    text: Annotated[str, Field(min_length=1, max_length=10_000)]


class Note(NewNote):
    id: UUID


class Notes:
    """The store. Swap it for a database here; the routes stay as they are."""

    def __init__(self) -> None:
        self._notes: dict[UUID, Note] = {}

    def add(self, new: NewNote) -> Note:
        note = Note(id=uuid4(), text=new.text)
        self._notes[note.id] = note
        return note

    def find(self, note_id: UUID) -> Note | None:
        return self._notes.get(note_id)

    def all(self) -> list[Note]:
        return list(self._notes.values())


def notes_of(request: Request) -> Notes:
    """Return the store of the application that serves this request."""
    return cast("Notes", request.app.state.notes)


Store = Annotated[Notes, Depends(notes_of)]

router = APIRouter(prefix="/notes", tags=["notes"])


@router.get("")
async def list_notes(notes: Store) -> list[Note]:
    return notes.all()


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_note(new: NewNote, notes: Store) -> Note:
    return notes.add(new)


@router.get("/{note_id}")
async def read_note(note_id: UUID, notes: Store) -> Note:
    note = notes.find(note_id)
    if note is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such note")
    return note
