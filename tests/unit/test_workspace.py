"""Reading and writing: inside the project only, modes kept, all or nothing."""

import os
import stat
from pathlib import Path, PurePosixPath

import pytest

from bakegen.errors import RefusalError, UserError
from bakegen.plan import Change, Plan
from bakegen.workspace import Workspace

A, B = PurePosixPath("a.txt"), PurePosixPath("b/c/d.txt")


def change(path: PurePosixPath | str, before: bytes | None, after: bytes | None) -> Change:
    return Change(path=PurePosixPath(path), before=before, after=after)


def write(root: Path, *changes: Change) -> None:
    Workspace(root).write(Plan(changes=changes))


def everything(root: Path) -> dict[str, bytes | None]:
    """Folders (None) and files below the root."""
    found = {path.relative_to(root).as_posix(): path for path in root.rglob("*")}
    return {name: path.read_bytes() if path.is_file() else None for name, path in found.items()}


def test_creates_updates_and_deletes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"1")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "x").write_bytes(b"x")
    write(tmp_path, change(A, b"1", b"2\r\n"), change(B, None, b"\xff"), change("old/x", b"x", None))
    assert everything(tmp_path) == {"a.txt": b"2\r\n", "b": None, "b/c": None, "b/c/d.txt": b"\xff"}


def test_a_folder_with_something_else_stays(tmp_path: Path) -> None:
    for name in ("x", "mine"):
        (tmp_path / "old").mkdir(exist_ok=True)
        (tmp_path / "old" / name).write_bytes(b"")
    write(tmp_path, change("old/x", b"", None))
    assert everything(tmp_path) == {"old": None, "old/mine": b""}


def test_mode_is_kept_and_new_files_follow_the_umask(tmp_path: Path) -> None:
    place = tmp_path / "a.txt"
    place.write_bytes(b"1")
    place.chmod(0o751)
    previous = os.umask(0o027)
    try:
        write(tmp_path, change(A, b"1", b"2"), change(B, None, b""))
    finally:
        os.umask(previous)
    assert stat.S_IMODE(place.stat().st_mode) == 0o751
    assert stat.S_IMODE((tmp_path / B).stat().st_mode) == 0o640


def test_file_that_changed_since(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"newer")
    before = everything(tmp_path)
    with pytest.raises(RefusalError, match="changed while bakegen was at work") as caught:
        write(tmp_path, change(B, None, b""), change(A, b"1", b"2"))
    assert (caught.value.where, everything(tmp_path)) == ("a.txt", before)


@pytest.mark.parametrize("found", [None, b"there"])
def test_file_that_came_or_went_since(tmp_path: Path, found: bytes | None) -> None:
    if found is not None:
        (tmp_path / "a.txt").write_bytes(found)
    with pytest.raises(RefusalError):
        write(tmp_path, change(A, None if found else b"1", b"2"))


def test_nothing_is_half_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"1")
    (tmp_path / "z").write_bytes(b"a file where a folder must be")
    before = everything(tmp_path)
    with pytest.raises(UserError, match="cannot be written") as caught:
        write(tmp_path, change(A, b"1", b"2"), change(B, None, b""), change("z/y/x", None, b""))
    assert (caught.value.where, caught.value.hint) == ("z/y/x", "nothing was changed")
    assert everything(tmp_path) == before


def test_name_that_the_disk_refuses(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="File name too long"):
        write(tmp_path, change(B, None, b""), change("x" * 256, None, b""))
    assert everything(tmp_path) == {}


def test_project_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="the folder cannot be made: Not a directory"):
        write(tmp_path / "file" / "shop", change(A, None, b""))


def test_links_inside_the_project_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_bytes(b"1")
    (tmp_path / "a.txt").symlink_to("real.txt")
    write(tmp_path, change(A, b"1", b"2"))
    assert (tmp_path / "a.txt").is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"2"


@pytest.mark.parametrize("target", ["../outside.txt", "/etc/hostname"])
def test_links_out_of_the_project_are_refused(tmp_path: Path, target: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "outside.txt").write_bytes(b"1")
    (root / "a.txt").symlink_to(target)
    with pytest.raises(UserError, match="leads out of the project"):
        Workspace(root).read(A)
    with pytest.raises(UserError, match="leads out of the project"):
        write(root, change(A, b"1", b"2"))
    assert (tmp_path / "outside.txt").read_bytes() == b"1"


def test_folder_that_is_a_link_out_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "b").symlink_to(tmp_path)
    with pytest.raises(UserError, match="leads out of the project"):
        write(root, change(B, None, b""))
    assert not (tmp_path / "c").exists()


def test_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("a.txt")
    with pytest.raises(UserError, match=r"leads to itself|cannot be read"):
        Workspace(tmp_path).read(A)


def test_folder_where_a_file_belongs(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(UserError, match="a folder is where a generated file belongs"):
        Workspace(tmp_path).read(A)


def test_no_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"")
    assert Workspace(tmp_path).snapshot([A, B]) == {A: None, B: None}


def test_found_from_below(tmp_path: Path) -> None:
    (tmp_path / "bakegen.toml").write_bytes(b"")
    (tmp_path / "x" / "y").mkdir(parents=True)
    assert Workspace.find(tmp_path / "x" / "y").root == tmp_path.resolve()


def test_found_nowhere(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no bakegen\.toml here or in a folder above"):
        Workspace.find(tmp_path)
