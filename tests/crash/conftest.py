"""A project to start from, and what each command makes of it when nothing goes wrong."""

import fcntl
import shutil
import signal
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.crash import strace
from tests.crash.scenario import COMMANDS, Scenario
from tests.crash.strace import Machine

Begin = Callable[[], Path]

# A shell lets what it starts in the background ignore ^C, and so would the commands that are started here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    with (tmp_path_factory.getbasetemp().parent / "strace.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        strace.require()
    return Machine(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def start(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one service, of which a host has a file, and with a file of another mode, a link and an edit."""
    project = tmp_path_factory.mktemp("start") / "shop"
    project.mkdir()
    service, host = ("add-service", "worker", "--stack", "python-worker"), ("add-host", "kubernetes")
    for arguments in (COMMANDS["new"], service, host):
        done = machine.run(arguments, project)
        assert done.returncode == 0, done.stderr
    (project / "docker-bake.hcl").chmod(0o640)
    (project / "compose.yaml").rename(project / "deploy/compose.yaml")
    (project / "compose.yaml").symlink_to("deploy/compose.yaml")
    with (project / "docker-bake.hcl").open("a") as file:
        file.write("# mine\n")
    done = machine.run(("sync",), project)  # keeps a copy of what is edited
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture(scope="session")
def scenarios(machine: Machine, start: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Scenario]:
    """What is known of a command, found out once by each worker that asks."""

    @cache
    def of(name: str) -> Scenario:
        folder = tmp_path_factory.mktemp(name)
        begin = start
        if name == "new":
            begin = folder / "nothing"
            begin.mkdir()
        shutil.copytree(begin, folder / "first", symlinks=True)
        machine.points(COMMANDS[name], folder / "first")  # from now on its templates are compiled
        project = folder / "shop"
        shutil.copytree(begin, project, symlinks=True)
        old = strace.everything(project)
        points = machine.points(COMMANDS[name], project)
        new = strace.everything(project)
        return Scenario(machine=machine, start=begin, command=COMMANDS[name], old=old, new=new, points=points)

    return of
