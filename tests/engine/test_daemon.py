"""Daemons outlive who started them, are started once, and tell why they could not start."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.machine import EngineError, daemon

SERVE = 'touch "$1" && exec sleep 600'


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[daemon.Daemon]:
    """A daemon that is ready when it has made a file."""
    made = tmp_path / "made"
    sleeper = daemon.Daemon(
        name="sleeper",
        folder=tmp_path,
        command=("sh", "-c", SERVE, "sleeper", str(made)),
        files={tmp_path / "config": "a = 1\n"},
        ready=made.exists,
        env=os.environ,
    )
    yield sleeper
    daemon.stop(sleeper)


def test_starts_once(sleeper: daemon.Daemon) -> None:
    daemon.start(sleeper)
    first = sleeper.note.read_text()
    daemon.start(sleeper)
    assert sleeper.note.read_text() == first
    assert daemon.is_running(sleeper)


def test_stops(sleeper: daemon.Daemon) -> None:
    daemon.start(sleeper)
    daemon.stop(sleeper)
    assert not daemon.is_running(sleeper)
    assert not sleeper.note.exists()


def test_changed_configuration_is_another_daemon(sleeper: daemon.Daemon, tmp_path: Path) -> None:
    daemon.start(sleeper)
    first = sleeper.note.read_text()
    changed = replace(sleeper, files={tmp_path / "config": "a = 2\n"})
    assert not daemon.is_running(changed)
    daemon.start(changed)
    assert changed.note.read_text() != first
    assert (tmp_path / "config").read_text() == "a = 2\n"


def test_recycled_process_id_is_not_the_daemon(sleeper: daemon.Daemon) -> None:
    daemon.start(sleeper)
    pid, _, key = sleeper.note.read_text().split()
    daemon.stop(sleeper)
    sleeper.note.write_text(f"{os.getpid()} {pid} {key}\n")
    assert not daemon.is_running(sleeper)


def test_failed_start_shows_the_log(sleeper: daemon.Daemon, tmp_path: Path) -> None:
    broken = replace(sleeper, command=("sh", "-c", "echo no disk >&2; exit 1"), ready=(tmp_path / "never").exists)
    with pytest.raises(EngineError, match="no disk"):
        daemon.start(broken)
    assert not broken.note.exists()
