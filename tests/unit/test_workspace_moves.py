"""A folder that gets another name takes all that is in it along, and the changes below it happen at the new place."""

from pathlib import Path, PurePosixPath

import pytest

from bakegen.errors import RefusalError, UserError
from bakegen.plan import Change, Move, Plan
from bakegen.workspace import Workspace
from tests.unit.disk import change, everything, make, without_rights


def move(root: Path, source: str, target: str, *changes: Change) -> None:
    moves = (Move(source=PurePosixPath(source), target=PurePosixPath(target)),)
    Workspace(root).write(Plan(changes=changes, moves=moves))


def names(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_moves_and_changes(tmp_path: Path) -> None:
    make(tmp_path, {"old/api/a": b"1", "old/api/gone/b": b"1", "old/api/mine": b"m", "top": b"1"})
    move(
        tmp_path,
        "old/api",
        "apps/new/web",
        change("apps/new/web/a", b"1", b"2"),
        change("apps/new/web/gone/b", b"1", None),
        change("apps/new/web/more/c", None, b"3"),
        change("top", b"1", b"2"),
    )
    assert names(tmp_path) == {
        "apps/new/web/a": b"2",
        "apps/new/web/mine": b"m",
        "apps/new/web/more/c": b"3",
        "top": b"2",
    }
    assert not (tmp_path / "old").exists()
    assert not (tmp_path / "apps/new/web/gone").exists()


def test_a_file_moves_too(tmp_path: Path) -> None:
    make(tmp_path, {"hosts/api.yaml": b"1", "hosts/web.yaml": b"w"})
    (tmp_path / "hosts/api.yaml").chmod(0o755)
    move(tmp_path, "hosts/api.yaml", "more/server.yaml", change("more/server.yaml", b"1", b"2"))
    assert names(tmp_path) == {"hosts/web.yaml": b"w", "more/server.yaml": b"2"}
    assert (tmp_path / "more/server.yaml").stat().st_mode & 0o777 == 0o755
    move(tmp_path, "hosts/web.yaml", "more/web.yaml")
    assert names(tmp_path) == {"more/server.yaml": b"2", "more/web.yaml": b"w"}
    assert not (tmp_path / "hosts").exists()


def test_only_a_move(tmp_path: Path) -> None:
    make(tmp_path, {"a/b": b"1"})
    move(tmp_path, "a", "c")
    assert names(tmp_path) == {"c/b": b"1"}


def test_folder_behind_a_link_inside(tmp_path: Path) -> None:
    make(tmp_path, {"real/api/a": b"1"})
    (tmp_path / "services").symlink_to("real")
    move(tmp_path, "services/api", "services/web", change("services/web/a", b"1", b"2"))
    assert names(tmp_path)["real/web/a"] == b"2"
    assert (tmp_path / "services").is_symlink()


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("a", "there", "something is there already"),
        ("a", "a/b", "is inside of a"),
        ("nowhere", "b", "is no folder or file that can be renamed"),
        ("link", "b", "is no folder or file that can be renamed"),
        ("a", "../b", "the path leads out of the project"),
    ],
)
def test_refused(tmp_path: Path, source: str, target: str, message: str) -> None:
    root = tmp_path / "shop"
    make(root, {"a/x": b"1", "there": b""})
    (root / "link").symlink_to("a")
    before = everything(tmp_path)
    with pytest.raises(UserError, match=message):
        move(root, source, target)
    assert everything(tmp_path) == before


def test_file_changed_at_its_old_place(tmp_path: Path) -> None:
    make(tmp_path, {"a/x": b"newer"})
    before = everything(tmp_path)
    with pytest.raises(RefusalError) as caught:
        move(tmp_path, "a", "b", change("b/x", b"1", b"2"))
    assert (caught.value.where, everything(tmp_path)) == ("a/x", before)


def test_undone(open_path: Path) -> None:
    root = open_path / "shop"
    make(root, {"a/x": b"1", "a/y": b"1", "locked/z": b"1", "top": b"1"})
    (root / "locked").chmod(0o555)
    with without_rights(root):
        before = everything(root)
        with pytest.raises(UserError, match="cannot be written: Permission denied") as caught:
            move(
                root,
                "a",
                "b/c",
                change("b/c/new/n", None, b"3"),
                change("b/c/x", b"1", b"2"),
                change("b/c/y", b"1", None),
                change("locked/z", b"1", None),
                change("top", b"1", b"2"),
            )
        assert caught.value.hint == "nothing was changed"
        assert everything(root) == before
