"""Writing is all or nothing, and what the disk, the rights or somebody else forbid is said."""

import os
import stat
from pathlib import Path, PurePosixPath

import pytest

from bakegen.errors import RefusalError, UserError
from bakegen.plan import Change, Plan
from bakegen.workspace import Workspace
from tests.unit.disk import change, everything, make, meanwhile, no_room_for_more_than, without_rights

A = PurePosixPath("a.txt")


def write(root: Path, *changes: Change) -> None:
    Workspace(root).write(Plan(changes=changes))


def test_no_change_touches_nothing(tmp_path: Path) -> None:
    before = tmp_path.stat()
    write(tmp_path)
    assert tmp_path.stat() == before


def test_disk_full(tmp_path: Path) -> None:
    make(tmp_path, {"a.txt": b"1"})
    before = everything(tmp_path)
    with no_room_for_more_than(5000), pytest.raises(UserError, match="cannot be written: File too large") as caught:
        write(tmp_path, change(A, b"1", b"2"), change("b/c", None, b"3" * 5001), change("d", None, b"4"))
    assert (caught.value.code, caught.value.where, caught.value.hint) == (2, "b/c", "nothing was changed")
    assert everything(tmp_path) == before


@pytest.mark.parametrize("after", [b"2", None])
def test_read_only_file(tmp_path: Path, after: bytes | None) -> None:
    make(tmp_path, {"a.txt": b"1"})
    (tmp_path / A).chmod(0o444)
    before = everything(tmp_path)
    with pytest.raises(UserError, match="is read-only") as caught:
        write(tmp_path, change(A, b"1", after), change("b", None, b""))
    assert (caught.value.where, caught.value.hint) == ("a.txt", "chmod u+w a.txt")
    assert everything(tmp_path) == before


def test_folder_that_may_not_be_changed(open_path: Path) -> None:
    root = open_path / "shop"
    make(root, {"a.txt": b"1", "b/c": b"1"})
    (root / "b").chmod(0o555)
    with without_rights(root):
        before = everything(root)
        with pytest.raises(UserError, match="cannot be written: Permission denied") as caught:
            write(root, change(A, b"1", b"2"), change("b/c", b"1", b"2"))
        assert (caught.value.where, caught.value.hint) == ("b/c", "nothing was changed")
        assert everything(root) == before


def test_what_was_renamed_before_an_error_is_undone(open_path: Path) -> None:
    root = open_path / "shop"
    make(root, {"a.txt": b"1", "b/c": b"1", "d/e": b"1"})
    (root / "a.txt").chmod(0o640)
    (root / "b").chmod(0o555)  # that c cannot be removed shows after a.txt and n/ew are in their places
    with without_rights(root):
        before = everything(root)
        changes = (change(A, b"1", b"2"), change("n/ew", None, b"3"), change("d/e", b"1", None))
        with pytest.raises(UserError, match="cannot be written: Permission denied") as caught:
            write(root, *changes, change("b/c", b"1", None))
        assert caught.value.hint == "nothing was changed"
        assert everything(root) == before


def test_file_without_the_right_to_change_it(open_path: Path) -> None:
    root = open_path / "shop"
    make(root, {"a.txt": b"1"})
    with without_rights(root):
        (root / "a.txt").chmod(0o466)  # others may write, its owner may not
        before = everything(root)
        with pytest.raises(UserError, match="cannot be written: you may not change it"):
            write(root, change(A, b"1", b"2"))
        assert everything(root) == before


def test_owner_is_kept(tmp_path: Path) -> None:
    """`sudo bakegen` leaves no files of root in somebody's project."""
    root = tmp_path / "shop"
    make(root, {"a.txt": b"1", "b/c": b""})
    mine = (12345, 12346) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    for path in (root, root / "a.txt", root / "b"):
        os.chown(path, *mine)
    (root / "a.txt").chmod(0o4755)
    write(root, change(A, b"1", b"2"), change("b/d/e", None, b"3"))
    for name in ("a.txt", "b/d", "b/d/e"):
        found = (root / name).stat()
        assert (found.st_uid, found.st_gid) == mine, name
    assert stat.S_IMODE((root / "a.txt").stat().st_mode) == 0o4755


def test_other_name_of_the_same_file_keeps_its_bytes(tmp_path: Path) -> None:
    make(tmp_path, {"a.txt": b"1"})
    (tmp_path / "other").hardlink_to(tmp_path / A)
    write(tmp_path, change(A, b"1", b"2"))
    assert ((tmp_path / A).read_bytes(), (tmp_path / "other").read_bytes()) == (b"2", b"1")


def test_removing_a_link_leaves_what_it_leads_to(tmp_path: Path) -> None:
    make(tmp_path, {"real": b"1"})
    (tmp_path / A).symlink_to("real")
    write(tmp_path, change(A, b"1", None))
    assert everything(tmp_path).keys() == {"real"}


def test_two_names_of_one_file(tmp_path: Path) -> None:
    make(tmp_path, {"real": b"1"})
    (tmp_path / A).symlink_to("real")
    before = everything(tmp_path)
    with pytest.raises(UserError, match=r"is the same file as a\.txt"):
        write(tmp_path, change(A, b"1", b"2"), change("real", b"1", b"3"))
    assert everything(tmp_path) == before


@pytest.mark.parametrize("path", ["../x", "b/../../x"])
def test_path_out_of_the_project(tmp_path: Path, path: str) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    with pytest.raises(UserError, match="the path leads out of the project"):
        write(root, change(path, None, b""))
    assert everything(tmp_path).keys() == {"shop"}


def test_own_folder_that_is_a_link_out_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    make(tmp_path, {"else/journal": b"not ours"})
    root.mkdir()
    (root / ".bakegen").symlink_to("../else")
    before = everything(tmp_path)
    with pytest.raises(UserError, match="the path leads out of the project"):
        write(root, change(A, None, b""))
    assert everything(tmp_path) == before


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / A)
    with pytest.raises(UserError, match="is not a regular file"):
        Workspace(tmp_path).read(A)


def replaced_by_a_link(place: Path) -> None:
    place.rename(place.with_name("elsewhere"))
    place.symlink_to("elsewhere")


def replaced_by_a_folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


MEDDLING = [
    lambda place: place.write_bytes(b"2"),
    lambda place: place.chmod(0o600),
    lambda place: place.unlink(),
    replaced_by_a_link,
    replaced_by_a_folder,
]


@pytest.mark.parametrize("meddle", MEDDLING)
def test_any_file_that_was_read_must_be_what_it_was(tmp_path: Path, meddle: object) -> None:
    make(tmp_path, {"a.txt": b"1", "b": b"1"})
    workspace = Workspace(tmp_path)
    assert workspace.snapshot([A, PurePosixPath("b"), PurePosixPath("c")])
    assert callable(meddle)
    meddle(tmp_path / A)
    before = everything(tmp_path)
    with pytest.raises(RefusalError, match="the file changed while bakegen was at work") as caught:
        workspace.write(Plan(changes=(change("b", b"1", b"2"),)))
    assert (caught.value.where, everything(tmp_path)) == ("a.txt", before)


@pytest.mark.parametrize("meddle", MEDDLING)
@pytest.mark.parametrize("at", [1, 3])
def test_a_file_that_somebody_saves_while_the_new_ones_are_written(tmp_path: Path, meddle: object, at: int) -> None:
    make(tmp_path, {"a.txt": b"1", "b": b"1"})
    workspace = Workspace(tmp_path)
    assert callable(meddle)
    changes = (change(A, b"1", b"3"), change("b", b"1", b"3"), change("n/ew", None, b"3"))
    refused = pytest.raises(RefusalError, match="the file changed while bakegen was at work")
    with refused as caught, meanwhile(lambda: meddle(tmp_path / A), new_file=at):
        workspace.write(Plan(changes=changes))
    assert caught.value.where == "a.txt"
    found = everything(tmp_path)
    (tmp_path / "expected").mkdir()
    make(tmp_path / "expected", {"a.txt": b"1", "b": b"1"})
    meddle(tmp_path / "expected" / A)
    expected = everything(tmp_path / "expected")
    assert found == expected


def test_a_file_that_somebody_makes_while_the_new_ones_are_written(tmp_path: Path) -> None:
    make(tmp_path, {"b": b"1"})
    with pytest.raises(RefusalError), meanwhile(lambda: make(tmp_path, {"a.txt": b"theirs"}), new_file=1):
        write(tmp_path, change(A, None, b"2"), change("b", b"1", b"2"))
    assert {name: data for name, (_, data) in everything(tmp_path).items()} == {"a.txt": b"theirs", "b": b"1"}


def test_file_that_came_after_it_was_looked_for(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert workspace.read(A) is None
    make(tmp_path, {"a.txt": b""})
    with pytest.raises(RefusalError):
        workspace.write(Plan(changes=(change("b", None, b"2"),)))


def test_nothing_stays_open(tmp_path: Path) -> None:
    def opened() -> int:
        return len(list(Path("/dev/fd").iterdir()))

    make(tmp_path, {"a.txt": b"1", "read-only": b"1"})
    (tmp_path / "read-only").chmod(0o444)
    (tmp_path / "folder").mkdir()
    before = opened()
    write(tmp_path, change(A, b"1", b"2"))
    for wrong in (change("read-only", b"1", b"2"), change(A, b"1", b"2"), change("folder", None, b"")):
        with pytest.raises(UserError):
            write(tmp_path, wrong)
    with no_room_for_more_than(3000), pytest.raises(UserError):
        write(tmp_path, change("large", None, b"0" * 3001))
    assert opened() == before
