"""Other programs: versions of docker's plugins, asked of a program called docker; git's first commit."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakegen.errors import UserError
from bakegen.git import first_commit
from bakegen.process import Done, Tools, run, talk

MINIMUM = {"buildx": "0.24.0", "compose": "2.3.3"}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that is alone on PATH, but for the shell's own."""
    kept = dict(os.environ)
    os.environ.update(PATH=f"{tmp_path}", HOME=str(tmp_path), GIT_CONFIG_NOSYSTEM="1")
    yield tmp_path
    os.environ.clear()
    os.environ.update(kept)


def docker(folder: Path, buildx: str, compose: str = "Docker Compose version v2.40.0", code: int = 0) -> None:
    program = folder / "docker"
    program.write_text(f'#!/bin/sh\n[ "$1" = buildx ] && echo "{buildx}" || echo "{compose}"\nexit {code}\n')
    program.chmod(0o755)


def check() -> None:
    with Tools(MINIMUM) as tools:
        tools.check()


@pytest.mark.parametrize(
    "version",
    [
        "github.com/docker/buildx v0.24.0 abc",
        "github.com/docker/buildx v0.100.0-desktop.1 abc",
        "github.com/docker/buildx 0.24",
        "github.com/docker/buildx v1.0.0",
        "buildx, of nobody knows which version",
        "",
    ],
)
def test_new_enough_or_not_to_tell(folder: Path, version: str) -> None:
    docker(folder, version)
    check()


@pytest.mark.parametrize(("said", "have"), [("v0.23.9 x", "0.23.9"), ("0.9.1+ds1-3", "0.9.1"), ("v0.10", "0.10")])
def test_old_buildx(folder: Path, said: str, have: str) -> None:
    docker(folder, f"github.com/docker/buildx {said}")
    with pytest.raises(UserError) as caught:
        check()
    assert caught.value.message == f"docker buildx {have} is too old for the generated files"
    assert caught.value.hint == "install 0.24.0 or newer: https://docs.docker.com/engine/install/"


def test_old_compose(folder: Path) -> None:
    docker(folder, "v9.0.0", "Docker Compose version v2.3.2")
    with pytest.raises(UserError, match=r"docker compose 2\.3\.2 is too old"):
        check()


def test_no_docker(folder: Path) -> None:
    check()


def test_docker_without_plugins(folder: Path) -> None:
    docker(folder, "v0.0.1", "v0.0.1", code=1)
    check()


def test_docker_that_cannot_run(folder: Path) -> None:
    (folder / "docker").write_text("not a program")
    check()


def test_no_git(folder: Path) -> None:
    assert first_commit(folder) == "The project is written, but git is not installed: nothing was committed."


def test_first_commit(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    assert first_commit(tmp_path) == "Committed to a new git repository, branch main."
    log = subprocess.run(["git", "log", "--format=%s %D"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert log.stdout == "Scaffold the project with bakegen HEAD -> main\n"


def test_someone_elses_repository_is_left_alone(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a").write_text("")
    assert first_commit(tmp_path / "shop").startswith("The folder is part of a git repository already")
    status = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert status.stdout == "?? shop/\n"


def test_bytes_go_in_and_come_out(tmp_path: Path) -> None:
    script = "cat; printf '\\377' >&2; pwd; echo $NAME; exit 7"
    done = run(["sh", "-c", script], tmp_path, {"PATH": os.environ["PATH"], "NAME": "value"}, b"\0\xff\r\n")
    assert done == Done(code=7, out=b"\0\xff\r\n" + f"{tmp_path}\nvalue\n".encode(), err="\ufffd")


def test_input_that_nobody_reads_is_no_error(tmp_path: Path) -> None:
    assert run(["true"], stdin=b"x" * 1_000_000).code == 0


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run([str(tmp_path / "nope")])
    with pytest.raises(FileNotFoundError), talk([str(tmp_path / "nope")], tmp_path):
        pass


def test_a_conversation_ends_with_its_block(tmp_path: Path) -> None:
    program = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line.upper()); sys.stdout.flush()"
    with talk([sys.executable, "-c", program], tmp_path) as (requests, answers):
        for word in (b"one\n", b"two\n"):
            requests.write(word)
            requests.flush()
            assert answers.readline() == word.upper()
        requests.write(b"not sent")
    assert (requests.closed, answers.closed) == (True, True)


def test_a_conversation_with_a_program_that_ends(tmp_path: Path) -> None:
    with talk(["true"], tmp_path) as (requests, answers):
        assert answers.readline() == b""
        requests.write(b"too late")
    assert requests.closed
