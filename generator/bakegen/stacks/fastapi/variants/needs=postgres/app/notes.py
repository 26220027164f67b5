"""Notes: an example resource. They are rows of a table.

The functions are not `async`: FastAPI runs them in threads, where they may wait.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

from fastapi import APIRouter, HTTPException, status
from sqlmodel import Field, SQLModel, select

from app.database import DatabaseSession


class NewNote(SQLModel):
    text: str = Field(min_length=1, max_length=10_000)


class Note(NewNote, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)


router = APIRouter(prefix="/notes", tags=["notes"])


@router.get("")
def list_notes(session: DatabaseSession) -> Sequence[Note]:
    return session.exec(select(Note)).all()


@router.post("", status_code=status.HTTP_201_CREATED)
def create_note(new: NewNote, session: DatabaseSession) -> Note:
    note = Note.model_validate(new)
    session.add(note)
    session.commit()
    session.refresh(note)
    return note


@router.get("/{note_id}")
def read_note(note_id: UUID, session: DatabaseSession) -> Note:
    note = session.get(Note, note_id)
    if note is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such note")
    return note
