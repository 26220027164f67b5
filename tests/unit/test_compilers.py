"""No stage of a generated Dockerfile has a compiler: Python packages are wheels, and no system package is installed."""

import re
from pathlib import PurePosixPath

import pytest

from bakegen import dockerfile
from bakegen.service import Request
from tests.world import CATALOG, World

WHEELS_ONLY = {
    r"\buv sync\b": "UV_NO_BUILD=1",
    r"(?<!-)\bpip .*\binstall\b": "PIP_ONLY_BINARY=:all:",
    r"\bpoetry install\b": "POETRY_INSTALLER_ONLY_BINARY=:all:",
}
SYSTEM_PACKAGES = re.compile(
    r"\b(apt-get|apt|apk|dnf|yum)\b|\b(gcc|g\+\+|clang|build-essential|build-base|rustc|cargo)\b"
)
CHOICES = [
    (stack.id, manager)
    for stack in CATALOG.stacks.values()
    if "Dockerfile" in stack.managed
    for manager in (stack.options["package_manager"].choices if "package_manager" in stack.options else [None])
]


@pytest.mark.parametrize(("stack", "manager"), CHOICES)
def test_no_stage_can_compile(stack: str, manager: str | None) -> None:
    options = (f"package_manager={manager}",) if manager else ()
    world = World.new(requests=[Request(name="it", stack=stack, options=options)])
    steps = list(dockerfile.instructions(world.files[PurePosixPath("services/it/Dockerfile")]))
    settings = ""
    for keyword, words in steps:
        assert SYSTEM_PACKAGES.findall(words) == []
        settings += words if keyword == "ENV" else ""
        for command, setting in WHEELS_ONLY.items():
            if keyword == "RUN" and re.search(command, words) and "--only-binary=:all:" not in words:
                assert setting in settings
