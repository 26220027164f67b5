"""Real conditions for tests that write: everything that is in a folder, somebody with no rights, a disk that is full."""

import contextlib
import os
import resource
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from bakegen.plan import Change

NOBODY = 65534


def change(path: PurePosixPath | str, before: bytes | None, after: bytes | None) -> Change:
    return Change(path=PurePosixPath(path), before=before, after=after)


def everything(root: Path) -> dict[str, tuple[str, bytes]]:
    """Kind, mode and bytes of files, folders and links below the root."""
    return {
        path.relative_to(root).as_posix(): (
            stat.filemode(path.lstat().st_mode),
            os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b"",
        )
        for path in root.rglob("*")
    }


def make(root: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


@contextlib.contextmanager
def without_rights(root: Path) -> Iterator[None]:
    """As a person whom `root`, in an `open_path`, belongs to, and no more; for root that is somebody else."""
    if os.geteuid() != 0:
        yield
        return
    for path in (root, *root.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@contextlib.contextmanager
def no_room_for_more_than(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


_watching: list[Callable[[str], None]] = []  # an audit hook is for ever, so there is one, which mostly does nothing


def _opened(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _watching:
        _watching[0](str(arguments[0]))


sys.addaudithook(_opened)


@contextlib.contextmanager
def meanwhile(act: Callable[[], object], *, new_file: int) -> Iterator[None]:
    """Somebody else does this while bakegen writes its `new_file`th new file, counted from 1."""
    seen = 0

    def watch(path: str) -> None:
        nonlocal seen
        seen += Path(path).name.startswith(".bakegen-")
        if seen == new_file:
            _watching.clear()
            act()

    _watching.append(watch)
    try:
        yield
    finally:
        left = len(_watching)
        _watching.clear()
        assert left == 0, "there were not so many new files"
