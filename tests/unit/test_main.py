"""^C at any time ends the command without a traceback: while Python still loads it, too."""

import os
import signal
import subprocess
import sys
from pathlib import Path

# A module of this name comes before the installed one, and is interrupted as it is loaded.
# A shell lets what it starts in the background ignore ^C.
CLICK = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
os.kill(os.getpid(), signal.SIGINT)
raise AssertionError
"""


def test_an_interrupt_while_modules_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text(CLICK)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "bakegen", "list"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")
