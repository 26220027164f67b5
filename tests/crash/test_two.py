"""Several bakegen at once: one after the other, and nothing of any is lost."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.crash.strace import Machine, everything

HOLD = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX); print(); sys.stdin.read()"


def test_eight_at_once(machine: Machine, start: Path, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    shutil.copytree(start, project, symlinks=True)
    names = [f"jobs{number}" for number in range(8)]
    with ThreadPoolExecutor(len(names)) as pool:
        ran = list(
            pool.map(lambda name: machine.run(("add-service", name, "--stack", "python-worker"), project), names)
        )
    added = []
    for name, done in zip(names, ran, strict=True):
        assert "Traceback" not in done.stderr
        if done.returncode:  # on a slow machine the last one may not want to wait any longer
            assert done.stderr.splitlines()[-3].endswith("is at work in this project"), done.stderr
        else:
            added.append(name)
    assert len(added) >= 2
    listed = json.loads(machine.run(("list", "--json"), project).stdout)
    assert [each["name"] for each in listed] == [*added, "worker"]
    check = machine.run(("check",), project)
    assert check.returncode == 0, check.stdout
    assert not list(project.rglob(".bakegen-*"))
    assert not (project / ".bakegen/journal").exists()


def test_says_who_is_at_work(machine: Machine, start: Path, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    shutil.copytree(start, project, symlinks=True)
    before = everything(project)
    command = [sys.executable, "-c", HOLD, str(project)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        done = machine.run(("add-service", "jobs", "--stack", "python-worker"), project)
        assert machine.run(("check",), project).returncode == 0
        holder.communicate("")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"waiting for bakegen (process {holder.pid})",
        f"error: bakegen (process {holder.pid}) is at work in this project",
        f"where: {project}",
        "hint: wait until it is done, then run the command again",
    ]
    assert everything(project) == before
