"""Build the engine's programs from Go modules, once per version.

`go install module@version` refuses modules with `exclude` directives, BuildKit among them, so each
is built in its own module folder, with its own go.mod and go.sum. A program's folder in the cache
appears by one rename when all of it is built: what is there is whole.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import folders, pins
from .process import run, say


def ensure(wanted: Iterable[pins.Program]) -> None:
    """Build what is not in the cache yet, two programs at a time: linking uses one core only."""
    missing = [program for program in wanted if not folder(program).is_dir()]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for _ in pool.map(_build, missing):
            pass


def folder(program: pins.Program) -> Path:
    """Where this program's binaries are, once they are built."""
    return folders.cache() / program.key


def path(binary: str) -> Path:
    """The file of one program, such as `buildctl`."""
    found = next(p for p in pins.programs() if binary in p.binaries)
    return folder(found) / binary


def _build(program: pins.Program) -> None:
    say(f"building {program.name} {program.version}")
    folders.cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folders.cache(), prefix=".building-") as scratch:
        source, built = _source(program, Path(scratch)), Path(scratch, "bin")
        built.mkdir()
        modfile = _with_siblings(program, source, Path(scratch)) if program.siblings else []
        for package, binary in zip(program.packages, program.binaries, strict=True):
            run([*_command(program, built / binary), *modfile, package], cwd=source, env=_environment(program))
        try:
            built.rename(folder(program))
        except OSError:
            if not folder(program).is_dir():
                raise
    say(f"built {program.name}")


def _source(program: pins.Program, scratch: Path) -> Path:
    """The module's folder; a copy with a go.mod of its own where the module keeps it elsewhere."""
    wanted = f"{program.module}@{program.version}"
    answer = run(["go", "mod", "download", "-json", wanted], cwd=scratch, env=_environment(program))
    source = Path(json.loads(answer)["Dir"])
    if program.modfile is None:
        return source
    copy = scratch / "source"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("vendor"), copy_function=shutil.copyfile)
    for file in copy.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    modfile = Path(program.modfile)
    (copy / modfile).rename(copy / "go.mod")
    (copy / modfile.with_suffix(".sum")).rename(copy / "go.sum")
    return copy


def _with_siblings(program: pins.Program, source: Path, scratch: Path) -> list[str]:
    """The flag for a go.mod that takes the modules of the same repository as they were published."""
    modfile = scratch / "go.mod"
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(source / name, scratch / name)
    listed = json.loads(run(["go", "mod", "edit", "-json", modfile]))
    required = {each["Path"] for each in listed["Require"]}
    replaced = {each["Old"]["Path"] for each in listed["Replace"] if each["New"]["Path"].startswith(".")}
    local = sorted(required & replaced)
    run(["go", "mod", "edit", *(f"-replace={name}={name}@{program.siblings}" for name in local), modfile])
    return [f"-modfile={modfile}"]


def _command(program: pins.Program, binary: Path) -> list[str]:
    flags = ["-mod=mod", "-trimpath", f"-ldflags={program.ldflags}", f"-tags={','.join(program.tags)}"]
    return ["go", "build", *flags, "-o", str(binary)]


def _environment(program: pins.Program) -> dict[str, str]:
    return os.environ | {
        "CGO_ENABLED": "1" if program.cgo else "0",
        "GOFLAGS": "-buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
