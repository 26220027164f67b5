"""How long Python takes to import an application in its image, with the bytecode that is there and without."""

import os
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import session as sessions
from benchmarks.engine import engine
from benchmarks.session import Session
from tests.engine import machine
from tests.engine.conftest import Engine
from tests.engine.services import OURS, SERVICES
from tests.engine.shop import Shop, scaffold
from tools.markdown import table

NAME = "start_up"
# What each stack's container imports as it starts.
MODULES = {
    "bundle": "app.main",
    "fastapi": "app.main",
    "flask": "app",
    "mcp": "app.main",
    "python-worker": "app.worker",
}
FIRST = {SERVICES[name].stack: name for name in reversed(OURS) if SERVICES[name].stack in MODULES}
WITHOUT = ("-X", "pycache_prefix=/nowhere")  # Python looks for all bytecode there


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """Seconds of `python -c "import MODULE"`, medians. `load` is the machine's load average before that."""

    stack: str
    module: str
    with_bytecode: float
    without: float
    load: float


def measure(turns: int) -> None:
    """Measure an image of every Python stack, and keep that. The engine is up, or it is started for this."""
    with engine(), tempfile.TemporaryDirectory(prefix="bakegen-bench-") as scratch:
        services = [SERVICES[name] for name in FIRST.values()]
        shop = scaffold(Path(scratch), Engine(environment=machine.environment(), registry=machine.REGISTRY), services)
        subprocess.run(["docker", "buildx", "bake", *FIRST.values()], cwd=shop.folder, check=True)
        rows = [_start(shop, stack, turns) for stack in sorted(FIRST)]
    sessions.save(NAME, asdict(Session.here(turns=turns)), (asdict(row) for row in rows))


def load() -> tuple[Session, list[Start]]:
    """What was measured last."""
    session, rows = sessions.load(NAME)
    return session, [Start(**row) for row in rows]


def _start(shop: Shop, stack: str, turns: int) -> Start:
    average, module = os.getloadavg()[0], MODULES[stack]
    image = f"ghcr.io/acme/shop-{FIRST[stack]}"
    command = [
        "docker",
        "run",
        "--detach",
        "--rm",
        "--read-only",
        image,
        "python",
        "-c",
        "import time; time.sleep(3600)",
    ]
    container = shop.engine.run(*command).strip()
    # Timed inside of the container, so that what Docker takes to start a process is not counted.
    code = f"""
import subprocess, sys, time
for flags in {turns} * ((), {WITHOUT}):
    start = time.perf_counter()
    subprocess.run([sys.executable, *flags, "-c", "import {module}"], check=True)
    print(time.perf_counter() - start)
"""
    try:
        seconds = [float(line) for line in shop.engine.run("docker", "exec", container, "python", "-c", code).split()]
    finally:
        shop.engine.run("docker", "rm", "--force", container)
    return Start(
        stack=stack,
        module=module,
        with_bytecode=round(statistics.median(seconds[::2]), 2),
        without=round(statistics.median(seconds[1::2]), 2),
        load=round(average, 1),
    )


def section(session: Session, starts: Sequence[Start]) -> str:
    """The section of docs/benchmarks.md, below its heading."""
    rows = [("stack", "import of", "with bytecode", "without", "ratio")]
    rows += [
        (
            each.stack,
            f"`{each.module}`",
            f"{each.with_bytecode:.2f} s",
            f"{each.without:.2f} s",
            f"{each.without / each.with_bytecode:.1f}",
        )
        for each in starts
    ]
    return "\n".join(
        [
            "Seconds until Python has imported the application of an image, in turns with the bytecode of packages and",
            "application that is in the image, and without. `python -m benchmarks start-up` measures it again.",
            "",
            *session.told((each.load for each in starts), counts="median"),
            "",
            table(rows),
        ]
    )
