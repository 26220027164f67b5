"""What a crash left is put right by the next command that writes, and by no other; never over somebody's edit.

Here the states are made by hand; tests/crash makes them with the real command line.
"""

from pathlib import Path, PurePosixPath
from typing import Literal

import pytest

from bakegen.errors import RefusalError, UserError
from bakegen.plan import Move, Plan
from bakegen.workspace import Workspace, journal
from bakegen.workspace.journal import Journal, Step
from tests.unit.disk import change, everything, make, without_rights

TOKEN = ".bakegen-0123456789ab"


def temporary(path: str, number: int) -> PurePosixPath:
    return PurePosixPath(path).with_name(f"{TOKEN}-{number}")


def note(
    root: Path,
    *steps: tuple[str, bytes | None, bytes | None],
    phase: Literal["prepare", "commit"] = "commit",
    moves: tuple[tuple[str, str], ...] = (),
    folders: tuple[str, ...] = (),
) -> None:
    """Write the journal of an interrupted run."""
    names = tuple(temporary(path, at) for at, (path, _, _) in enumerate(steps))
    noted = Journal(
        phase=phase,
        moves=tuple(Move(source=PurePosixPath(one), target=PurePosixPath(two)) for one, two in moves),
        steps=tuple(
            Step(
                path=PurePosixPath(path),
                before=journal.digest(before),
                after=journal.digest(after),
                temporary=name,
            )
            for (path, before, after), name in zip(steps, names, strict=True)
            if phase == "commit"
        ),
        temporaries=names,
        folders=tuple(map(PurePosixPath, folders)),
    )
    make(root, {".bakegen/journal": journal.dump(noted)})


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def recover(root: Path) -> None:
    workspace = Workspace(root)
    assert workspace.interrupted()
    try:
        workspace.recover()
    finally:
        workspace.release()


def refuses(root: Path, message: str) -> RefusalError:
    """Recovery, seen to refuse and to touch nothing."""
    before = everything(root)
    with pytest.raises(RefusalError, match=message) as caught:
        recover(root)
    assert everything(root) == before
    return caught.value


def test_nothing_to_recover(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert not workspace.interrupted()
    workspace.recover()
    workspace.release()
    assert everything(tmp_path) == {}


def test_while_preparing_the_old_project_is_restored(tmp_path: Path) -> None:
    make(tmp_path, {"a": b"1", f"{TOKEN}-0": b"2", f"new/folder/{TOKEN}-1": b"half"})
    note(
        tmp_path,
        ("a", b"1", b"2"),
        ("new/folder/b", None, b"half written"),
        ("c", None, b"not begun"),
        phase="prepare",
        folders=("new/folder", "new"),
    )
    recover(tmp_path)
    assert everything(tmp_path).keys() == {"a"}


def test_committed_it_is_completed(tmp_path: Path) -> None:
    make(tmp_path, {"done": b"2", "open": b"1", f"{TOKEN}-1": b"2", f"{TOKEN}-2": b"new", "x/gone": b"1"})
    make(tmp_path, {f"y/{TOKEN}-4": b"1"})
    note(
        tmp_path,
        ("done", b"1", b"2"),
        ("open", b"1", b"2"),
        ("new", None, b"new"),
        ("x/gone", b"1", None),
        ("y/gone", b"1", None),
        folders=("x", "y"),
    )
    recover(tmp_path)
    assert files(tmp_path) == {"done": b"2", "open": b"2", "new": b"new"}
    assert everything(tmp_path).keys() == {"done", "open", "new"}


@pytest.mark.parametrize("moved", [False, True])
def test_a_move_is_completed(tmp_path: Path, *, moved: bool) -> None:
    make(tmp_path, {f"{'new' if moved else 'old'}/{name}": b"1" for name in ("a", "mine")})
    make(tmp_path, {f"{'new' if moved else 'old'}/{TOKEN}-0": b"2"})
    note(tmp_path, ("new/a", b"1", b"2"), moves=(("old", "new"),))
    recover(tmp_path)
    assert files(tmp_path) == {"new/a": b"2", "new/mine": b"1"}
    assert not (tmp_path / "old").exists()


@pytest.mark.parametrize("moved", [False, True])
def test_a_move_of_a_file_is_completed(tmp_path: Path, *, moved: bool) -> None:
    make(tmp_path, {"k/new" if moved else "k/old": b"1", "k/mine": b"1", f"k/{TOKEN}-0": b"2"})
    note(tmp_path, ("k/new", b"1", b"2"), moves=(("k/old", "k/new"),))
    recover(tmp_path)
    assert files(tmp_path) == {"k/new": b"2", "k/mine": b"1"}


def test_writing_recovers_too(tmp_path: Path) -> None:
    make(tmp_path, {"a": b"1", f"{TOKEN}-0": b"2"})
    note(tmp_path, ("a", b"1", b"2"))
    Workspace(tmp_path).write(Plan(changes=(change("a", b"2", b"3"),)))
    assert files(tmp_path) == {"a": b"3"}


def test_copies_beside_the_journal_stay(tmp_path: Path) -> None:
    make(tmp_path, {".bakegen/base/x": b"1"})
    note(tmp_path, phase="prepare")
    recover(tmp_path)
    assert files(tmp_path) == {".bakegen/base/x": b"1"}


def test_journal_that_was_only_begun(tmp_path: Path) -> None:
    make(tmp_path, {".bakegen/journal.new": b"{"})
    workspace = Workspace(tmp_path)
    assert not workspace.interrupted()
    workspace.recover()
    workspace.release()
    assert everything(tmp_path) == {}


def test_edited_since(tmp_path: Path) -> None:
    make(tmp_path, {"a": b"mine", "b": b"1", f"{TOKEN}-0": b"2", f"{TOKEN}-1": b"2", "gone": b"mine"})
    note(tmp_path, ("a", b"1", b"2"), ("b", b"1", b"2"), ("gone", b"1", None))
    error = refuses(tmp_path, "edited after a run of bakegen was interrupted there")
    assert error.where == "a, gone"
    assert error.hint == (
        f"bakegen's version of a: mv {TOKEN}-0 a; yours: rm {TOKEN}-0; "
        "gone was to go: move it away, or put back what it was; then run: bakegen sync"
    )


def test_edited_since_and_mine_is_wanted(tmp_path: Path) -> None:
    make(tmp_path, {"a": b"mine", "b": b"1", f"{TOKEN}-1": b"2"})
    note(tmp_path, ("a", b"1", b"2"), ("b", b"1", b"2"))
    recover(tmp_path)
    assert files(tmp_path) == {"a": b"mine", "b": b"2"}


def test_came_again_after_it_was_removed(tmp_path: Path) -> None:
    make(tmp_path, {"a": b"mine", f"{TOKEN}-0": b"1"})
    note(tmp_path, ("a", b"1", None))
    recover(tmp_path)
    assert files(tmp_path) == {"a": b"mine"}


def test_folder_where_a_file_was(tmp_path: Path) -> None:
    make(tmp_path, {"a/b": b"mine", f"{TOKEN}-0": b"2"})
    note(tmp_path, ("a", b"1", b"2"))
    refuses(tmp_path, "edited after a run of bakegen was interrupted there")


def test_new_bytes_are_gone(tmp_path: Path) -> None:
    make(tmp_path, {"a": b"1"})
    note(tmp_path, ("a", b"1", b"2"))
    error = refuses(tmp_path, "the new bytes of an interrupted run are gone")
    assert ".bakegen/journal" in error.hint


@pytest.mark.parametrize("names", [("old/a", "new/a"), ("old", "new"), ()])
def test_twice_or_nowhere(tmp_path: Path, names: tuple[str, ...]) -> None:
    make(tmp_path, dict.fromkeys(names, b"1"))
    note(tmp_path, moves=(("old", "new"),))
    refuses(tmp_path, "an interrupted run was renaming something")


def test_folder_that_became_a_link(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    make(tmp_path, {"outside/a": b"1", f"outside/{TOKEN}-0": b"2"})
    root.mkdir()
    (root / "b").symlink_to("../outside")
    note(root, ("b/a", b"1", b"2"))
    before = everything(tmp_path)
    with pytest.raises(UserError, match="leads out of the project"):
        recover(root)
    assert everything(tmp_path) == before


def test_folder_that_became_a_link_inside(tmp_path: Path) -> None:
    make(tmp_path, {"elsewhere/a": b"1", f"elsewhere/{TOKEN}-0": b"2"})
    (tmp_path / "b").symlink_to("elsewhere")
    note(tmp_path, ("b/a", b"1", b"2"))
    refuses(tmp_path, "since an interrupted run a folder became a link")


def test_cannot_be_put_right_yet(open_path: Path) -> None:
    root = open_path / "shop"
    make(root, {"b/a": b"1", f"b/{TOKEN}-0": b"2"})
    note(root, ("b/a", b"1", b"2"))
    (root / "b").chmod(0o555)
    with without_rights(root):
        before = everything(root)
        with pytest.raises(UserError, match="cannot be put right: Permission denied"):
            recover(root)
        assert everything(root) == before
        (root / "b").chmod(0o755)
        recover(root)
    assert files(root) == {"b/a": b"2"}


def test_found_without_a_project_file(tmp_path: Path) -> None:
    """A first run may have been killed before bakegen.toml was in its place."""
    note(tmp_path)
    (tmp_path / "x").mkdir()
    assert Workspace.find(tmp_path / "x").root == tmp_path.resolve()
