"""What only a terminal gets: the question for a stack, and colour."""

import os
import pty
import subprocess
from pathlib import Path

from bakegen import catalog
from tests.scaffold.conftest import World

SECONDS = 20
STACKS = ", ".join(catalog.load().stacks)


def typed(world: World, text: str, *command: str, cwd: Path) -> tuple[int, str]:
    """Run a program on a terminal where `text` is typed; its exit code, and what the terminal showed."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        process = subprocess.Popen(command, cwd=cwd, env=world.environment, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        terminal.write(text.encode())
        shown = b""
        try:
            while chunk := terminal.read(4096):
                shown += chunk
        except OSError:  # the other end is closed
            pass
        return process.wait(SECONDS), shown.decode()


def test_a_name_that_means_nothing_is_asked_about(world: World) -> None:
    world.ok("bakegen", "new", "shop", "--preset=empty", "--set=git_init=false")
    shop = world.folder / "shop"
    code, shown = typed(world, "rails\nfastapi\n", "bakegen", "add-service", "billing", cwd=shop)
    assert code == 0
    assert f"Stack of billing ({STACKS}):" in shown
    assert "'rails' is not one of" in shown
    assert "billing is a fastapi service in services/billing" in shown
    assert "\x1b[32m+\x1b[0m services/billing/Dockerfile" in shown


def test_a_pipe_gets_no_question_and_no_colour(world: World) -> None:
    world.ok("bakegen", "new", "shop", "--preset=empty", "--set=git_init=false")
    shop = world.folder / "shop"
    done = subprocess.run(
        ["bakegen", "add-service", "billing"],
        cwd=shop,
        env=world.environment,
        input="fastapi\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"one of: {STACKS}" in done.stderr
    assert "\x1b" not in world.ok("bakegen", "add-service", "billing", "--stack=fastapi", cwd=shop)
