"""What an interrupted run left half done is put right: nothing of it, or all of it, and never over somebody's edit."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from bakegen.errors import RefusalError, UserError
from bakegen.plan import Move
from bakegen.workspace import disk, journal
from bakegen.workspace.journal import Journal, Step
from bakegen.workspace.places import Places, read
from bakegen.workspace.signals import deferred


def recover(places: Places) -> None:
    """RefusalError, with nothing touched, if a file is neither what it was nor what it was to become."""
    place = places.file(journal.FILE)
    found = read(place, journal.FILE)
    with deferred():
        try:
            if found is None:
                disk.forget(places.root)
                return
            noted = journal.load(found[0])
            state = _State(places, noted)
            moves, steps = state.pending_moves, state.pending_steps()
            disk.roll(places.root, moves, steps, [])
            disk.finish(places.root, noted)
        except OSError as error:
            message = f"what an interrupted run left cannot be put right: {error.strerror}"
            hint = "make room, or let bakegen write there; then run the command again"
            raise UserError(message, where=str(error.filename or journal.FILE), hint=hint) from None


class _State:
    """The project as it is, held against a journal."""

    def __init__(self, places: Places, noted: Journal) -> None:
        self.places = places
        self.noted = noted
        self.pending_moves = [move for move in noted.moves if self._is_pending(move)]
        for path in (*noted.temporaries, *noted.folders, *(step.path for step in noted.steps)):
            self._place(path)

    def pending_steps(self) -> list[Step]:
        """The steps that are still to be done."""
        pending: list[Step] = []
        edited: list[Step] = []
        lost: list[Step] = []
        for step in self.noted.steps:
            now, kept = self._digest(step.path), self._digest(step.temporary)
            if now == step.after:
                continue
            if now == step.before:
                (pending if step.after in {None, kept} else lost).append(step)
            elif (kept is None) == (step.after is None):  # not yet renamed, and somebody has been there since
                edited.append(step)
        if edited:
            raise self._edited(edited)
        if lost:
            hint = f"see with git what that run wrote, delete {journal.FILE}, then run: bakegen sync"
            names = ", ".join(str(step.temporary) for step in lost)
            raise RefusalError("the new bytes of an interrupted run are gone", where=names, hint=hint)
        return pending

    def _is_pending(self, move: Move) -> bool:
        source, target = (self._real(path) for path in (move.source, move.target))
        pending, moved = os.path.lexists(source), os.path.lexists(target)
        if pending == moved:
            what = "both are there" if pending else "neither is there"
            message = f"an interrupted run was renaming something, and now {what}"
            hint = "leave one of them, then run: bakegen sync"
            raise RefusalError(message, where=f"{move.source}, {move.target}", hint=hint)
        return pending

    def _place(self, path: PurePosixPath) -> Path:
        return self._real(journal.origin(path, self.pending_moves))

    def _real(self, path: PurePosixPath) -> Path:
        """A journal has no links in its paths: one that is there now is not followed."""
        place = self.places.entry(path)
        if place != self.places.root / path:
            hint = "put the folder back, then run: bakegen sync"
            raise RefusalError("since an interrupted run a folder became a link", where=str(path), hint=hint)
        return place

    def _digest(self, path: PurePosixPath) -> str | None:
        """The hash of what is there; "" for what is no file of the project."""
        try:
            self._place(path)
            found = read(self.places.file(journal.origin(path, self.pending_moves)), path)
        except UserError:
            return ""
        return None if found is None else journal.digest(found[0])

    def _edited(self, steps: list[Step]) -> RefusalError:
        names = ", ".join(str(journal.origin(step.path, self.pending_moves)) for step in steps)
        ways = [
            f"bakegen's version of {step.path.name}: mv {temporary} {path}; yours: rm {temporary}"
            for step in steps
            if step.after is not None
            for temporary, path in [
                [journal.origin(each, self.pending_moves) for each in (step.temporary, step.path)],
            ]
        ]
        ways += [
            f"{step.path} was to go: move it away, or put back what it was" for step in steps if step.after is None
        ]
        hint = f"{'; '.join(ways)}; then run: bakegen sync"
        return RefusalError("edited after a run of bakegen was interrupted there", where=names, hint=hint)
