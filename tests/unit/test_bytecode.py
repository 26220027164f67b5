"""The step of a Dockerfile that compiles packages, run on a folder: a failure stops the build, a template does not."""

import shlex
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from bakegen.service import Request
from tests.world import CATALOG, World

API = Request(name="api", stack="fastapi", options=("package_manager=pip",))
DOCKERFILE = World.new(requests=[API]).files[PurePosixPath("services/api/Dockerfile")].decode()
DOCKERFILES = {
    f"{folder}/{path}": text.decode()
    for folder, texts in {"parts": CATALOG.parts, **CATALOG.files}.items()
    for path, text in texts.items()
    if path.suffix == ".jinja" or "Dockerfile" in path.name
}
FOLDER = "/venv/lib"
UNCHECKED_HASH = 1
BROKEN = "print 1\n"


def compiled(folder: Path, **files: str) -> subprocess.CompletedProcess[str]:
    """The step, on the given files of a package."""
    (step,) = [line for line in DOCKERFILE.splitlines() if line.startswith("RUN ") and line.endswith(f" {FOLDER}")]
    for name, text in files.items():
        file = folder / "package" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    command = [sys.executable, *shlex.split(step)[2:-1], str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_modules_get_bytecode_that_is_not_checked(tmp_path: Path) -> None:
    assert compiled(tmp_path, **{"a.py": "x = 1\n", "b-1.0/c.py": ""}).returncode == 0
    made = list(tmp_path.rglob("*.pyc"))
    assert {file.name.partition(".")[0] for file in made} == {"a", "c"}
    assert {int.from_bytes(file.read_bytes()[4:8], "little") for file in made} == {UNCHECKED_HASH}


@pytest.mark.parametrize("name", ["{{ name }}/a.py", "{{name}}.py", "a b.py", "$x.py"])
def test_a_template_need_not_compile(tmp_path: Path, name: str) -> None:
    assert compiled(tmp_path, **{"a.py": "", name: BROKEN}).returncode == 0


def test_a_module_that_does_not_compile_stops_the_build_and_is_named(tmp_path: Path) -> None:
    done = compiled(tmp_path, **{"a.py": "", "old.py": BROKEN})
    assert done.returncode == 1
    assert f"{tmp_path}/package/old.py" in done.stdout


@pytest.mark.parametrize("name", DOCKERFILES)
def test_no_step_passes_over_a_failure(name: str) -> None:
    assert "|| true" not in DOCKERFILES[name]
