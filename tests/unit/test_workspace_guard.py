"""Only one bakegen writes at a time: the next one waits, and says for whom."""

import gc
import os
import threading
from pathlib import Path, PurePosixPath

import pytest

from bakegen.errors import UserError
from bakegen.plan import Plan
from bakegen.workspace import Workspace
from tests.unit.disk import change

PLAN = Plan(changes=(change("a", None, b""),))
HOLDER = f"bakegen (process {os.getpid()})" if Path("/proc/locks").exists() else "another bakegen"


def test_says_who_is_at_work(tmp_path: Path) -> None:
    first = Workspace(tmp_path)
    first.recover()
    said: list[str] = []
    with pytest.raises(UserError) as caught:
        Workspace(tmp_path, patience=1, say=said.append).write(PLAN)
    assert (caught.value.message, caught.value.code) == (f"{HOLDER} is at work in this project", 2)
    assert said == [f"waiting for {HOLDER}"]
    assert not list(tmp_path.iterdir())


def test_waits_until_the_other_is_done(tmp_path: Path) -> None:
    first = Workspace(tmp_path)
    first.recover()
    timer = threading.Timer(0.2, first.release)
    timer.start()
    Workspace(tmp_path).write(PLAN)
    timer.join()
    assert (tmp_path / "a").exists()


def test_reading_does_not_wait(tmp_path: Path) -> None:
    first = Workspace(tmp_path)
    first.recover()
    assert Workspace(tmp_path, patience=0).read(PurePosixPath("a")) is None
    first.release()


def test_written_or_failed_or_forgotten_it_lets_others_in(tmp_path: Path) -> None:
    first = Workspace(tmp_path)
    first.recover()
    first.write(PLAN)
    first.recover()
    with pytest.raises(UserError):
        first.write(PLAN)
    second = Workspace(tmp_path, patience=0)
    second.recover()
    del second
    gc.collect()
    Workspace(tmp_path, patience=0).recover()
