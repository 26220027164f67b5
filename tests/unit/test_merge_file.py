"""`bakegen merge-file`: git's calling convention, its marks and its exit codes, by structure."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bakegen.cli import cli
from bakegen.lock import union
from tests.unit.disk import no_room_for_more_than

BASE = b'target "api" {\n  context = "."\n}\n'
OURS = BASE.replace(b'"."', b'"ours"  # mine')
THEIRS = b'target "web" {\n}\n\n' + BASE
OTHER = BASE.replace(b'"."', b'"theirs"')
MERGED = b'target "web" {\n}\n\n' + OURS


def merge(folder: Path, base: bytes, ours: bytes, theirs: bytes, *options: str) -> Result:
    """Run it on three files; the result is `folder/ours`."""
    for name, data in (("ours", ours), ("base", base), ("theirs", theirs)):
        (folder / name).write_bytes(data)
    names = [str(folder / name) for name in ("ours", "base", "theirs")]
    return CliRunner().invoke(cli, ["merge-file", *names, "--path=docker-bake.hcl", *options])


def by_git(folder: Path, base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """What `git merge-file --diff3` prints."""
    for name, data in (("g-ours", ours), ("g-base", base), ("g-theirs", theirs)):
        (folder / name).write_bytes(data)
    labels = ["-L", "ours", "-L", "base", "-L", "theirs"]
    command = ["git", "merge-file", "-p", "--diff3", *labels, "g-ours", "g-base", "g-theirs"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout


def test_a_clean_merge_is_in_ours(tmp_path: Path) -> None:
    done = merge(tmp_path, BASE, OURS, THEIRS)
    assert (done.exit_code, done.output) == (0, "")
    assert (tmp_path / "ours").read_bytes() == MERGED
    assert (tmp_path / "theirs").read_bytes() == THEIRS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "ours", "theirs"]


def test_printed_instead(tmp_path: Path) -> None:
    done = merge(tmp_path, BASE, OURS, THEIRS, "-p")
    assert (done.exit_code, done.stdout_bytes) == (0, MERGED)
    assert (tmp_path / "ours").read_bytes() == OURS


def test_a_conflict_has_marks_with_both_sides_and_code_1(tmp_path: Path) -> None:
    done = merge(tmp_path, BASE, OURS, OTHER)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("docker-bake.hcl:2: conflict: ")
    marked = (tmp_path / "ours").read_bytes()
    assert b'"ours"  # mine\n' in marked
    assert b'"theirs"\n' in marked
    assert [line for line in marked.splitlines() if line[:1] in b"<|=>"] == [
        b"<<<<<<< ours",
        b"||||||| base",
        b"=======",
        b">>>>>>> theirs",
    ]


def test_labels_and_the_length_of_marks(tmp_path: Path) -> None:
    done = merge(tmp_path, BASE, OURS, OTHER, "-L", "HEAD", "-L", "was", "--marker-size=9")
    assert done.exit_code == 1
    marked = (tmp_path / "ours").read_bytes()
    assert b"<<<<<<<<< HEAD\n" in marked
    assert b"||||||||| was\n" in marked
    assert b"\n=========\n" in marked
    assert b">>>>>>>>> theirs\n" in marked


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o444])
def test_the_mode_is_kept(mode: int, tmp_path: Path) -> None:
    (tmp_path / "ours").touch()
    (tmp_path / "ours").chmod(mode)
    merge(tmp_path, BASE, OURS, THEIRS)
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == mode
    assert (tmp_path / "ours").read_bytes() == MERGED


def test_the_owner_is_kept(tmp_path: Path) -> None:
    """`sudo git merge` leaves no files of root in somebody's project."""
    mine = (12345, 12346) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    (tmp_path / "ours").touch()
    os.chown(tmp_path / "ours", *mine)
    merge(tmp_path, BASE, OURS, THEIRS)
    found = (tmp_path / "ours").stat()
    assert (found.st_uid, found.st_gid) == mine
    assert (tmp_path / "ours").read_bytes() == MERGED


def test_a_full_disk_leaves_ours(tmp_path: Path) -> None:
    with no_room_for_more_than(len(THEIRS)):
        done = merge(tmp_path, BASE, OURS, THEIRS)
    assert done.exit_code == 255
    assert (tmp_path / "ours").read_bytes() == OURS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "ours", "theirs"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").touch()
    (tmp_path / "ours").symlink_to("real")
    merge(tmp_path, BASE, OURS, THEIRS)
    assert (tmp_path / "ours").is_symlink()
    assert (tmp_path / "real").read_bytes() == MERGED


def test_an_empty_base_is_two_files_that_were_both_added(tmp_path: Path) -> None:
    web = b'target "web" {\n}\n'
    done = merge(tmp_path, b"", BASE, BASE + b"\n" + web)
    assert (done.exit_code, (tmp_path / "ours").read_bytes()) == (0, BASE + b"\n" + web)
    assert merge(tmp_path, b"", BASE, OTHER).exit_code == 1


def test_crlf_stays(tmp_path: Path) -> None:
    done = merge(tmp_path, BASE, OURS.replace(b"\n", b"\r\n"), THEIRS)
    assert (done.exit_code, (tmp_path / "ours").read_bytes()) == (0, MERGED.replace(b"\n", b"\r\n"))


def test_what_is_not_understood_is_merged_as_git_does(tmp_path: Path) -> None:
    base, ours, theirs = (
        f"a = {{\n{middle}\n\n\n\n{end}".encode() for middle, end in (("1", "2"), ("3", "2"), ("1", "4"))
    )
    done = merge(tmp_path, base, ours, theirs)
    assert done.exit_code == 0
    assert "merged by lines, as git does, without conflict" in done.stderr
    assert done.stderr.startswith("docker-bake.hcl:1: ")
    assert (tmp_path / "ours").read_bytes() == by_git(tmp_path, base, ours, theirs)


def test_what_is_not_understood_and_in_conflict_has_gits_marks(tmp_path: Path) -> None:
    sides = (b"a = {\n1\n", b"a = {\n2\n", b"a = {\n3\n")
    done = merge(tmp_path, *sides)
    assert done.exit_code == 1
    assert "with conflicts" in done.stderr
    assert (tmp_path / "ours").read_bytes() == by_git(tmp_path, *sides)
    assert b"<<<<<<< ours\n2\n||||||| base\n1\n=======\n3\n>>>>>>> theirs\n" in (tmp_path / "ours").read_bytes()


def test_a_file_that_is_no_text_stays_as_git_leaves_it(tmp_path: Path) -> None:
    done = merge(tmp_path, b"\0a", b"\0b", b"\0c")
    assert done.exit_code == 255
    assert "Cannot merge binary files" in done.stderr
    assert (tmp_path / "ours").read_bytes() == b"\0b"


def test_the_lock_is_a_set_of_facts(tmp_path: Path) -> None:
    done = merge(tmp_path, b"[1]\n[3]\n", b"[1]\n[2]\n[3]\n", b"[0]\n[1]\n", "--path=bakegen.lock")
    assert (done.exit_code, (tmp_path / "ours").read_bytes()) == (0, b"[0]\n[1]\n[2]\n")


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        (b"a\n", b"b\n", b"c\n", b"b\nc\n"),
        (b"a\n", b"a\n", b"", b""),
        (b"", b"b\na\n", b"a\n", b"a\nb\n"),
        (b"a\nb\n", b"a\nb\n", b"a\nb\nc\n", b"a\nb\nc\n"),
        (b"", b"a", b"b", b"a\nb\n"),
    ],
)
def test_union_keeps_what_both_say_and_what_either_added(
    base: bytes, ours: bytes, theirs: bytes, expected: bytes
) -> None:
    assert union(base, ours, theirs) == union(base, theirs, ours) == expected


def test_services_in_a_region_are_a_list(tmp_path: Path) -> None:
    def readme(*names: str) -> bytes:
        items = "".join(f"- **{name}**\n" for name in names)
        return f"# Shop\n\n<!-- bakegen:services -->\n\n{items}\n<!-- /bakegen:services -->\n\nText.\n".encode()

    ours = readme("api", "jobs", "web").replace(b"Text.", b"My text.")
    done = merge(tmp_path, readme("api", "web"), ours, readme("api", "mail", "web"), "--path=README.md")
    assert (done.exit_code, done.output) == (0, "")
    expected = readme("api", "jobs", "mail", "web").replace(b"Text.", b"My text.")
    assert (tmp_path / "ours").read_bytes() == expected


def test_json(tmp_path: Path) -> None:
    said = json.loads(merge(tmp_path, BASE, OURS, THEIRS, "--json").stdout)
    assert said == {"outcome": "merged", "notes": [], "conflicts": []}
    said = json.loads(merge(tmp_path, BASE, OURS, OTHER, "--json").stdout)
    assert said["outcome"] == "conflict"
    assert [each["line"] for each in said["conflicts"]] == [2]
    said = json.loads(merge(tmp_path, BASE, b"a = {\n", OTHER, "--json").stdout)
    assert said["outcome"] == "refused"
    assert set(said["refused"]) == {"line", "message", "hint"}


@pytest.mark.parametrize("missing", ["ours", "base", "theirs"])
def test_a_file_that_is_not_there_is_no_conflict(missing: str, tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("ours", "base", "theirs")]
    for name in names:
        Path(name).write_bytes(BASE)
    (tmp_path / missing).unlink()
    done = CliRunner().invoke(cli, ["merge-file", *names])
    assert done.exit_code == 255
    assert f"{tmp_path}/{missing}" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["a", "b"], ["a", "b", "c", "d"], ["--nope"], ["a", "b", "c", "--json", "-p"], ["a", "b", "c", *["-L", "x"] * 4]],
)
def test_a_wrong_call_is_no_conflict(arguments: list[str]) -> None:
    done = CliRunner().invoke(cli, ["merge-file", *arguments])
    assert done.exit_code == 129
    assert done.stderr.startswith("Usage: ")
