"""git's merge driver writes one file: its new bytes are on the disk before they take the file's name, and so is the name."""

from pathlib import Path

from tests.crash.strace import Machine

BASE = b'target "api" {\n  context = "."\n}\n'
OURS = b"# mine\n" + BASE
THEIRS = BASE + b'\ntarget "web" {\n}\n'


def test_bytes_come_before_the_name(machine: Machine, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name, data in (("ours", OURS), ("base", BASE), ("theirs", THEIRS)):
        (project / name).write_bytes(data)
    points = machine.points(["merge-file", "ours", "base", "theirs", "--path=docker-bake.hcl"], project)
    assert (project / "ours").read_bytes() == b"# mine\n" + THEIRS
    calls = [point.call for point in points if point.call in {"fsync", "rename"}]
    assert calls == ["fsync", "rename", "fsync"]
