"""Kinds that are none of Kubernetes' own: their definitions, from the Go modules that publish them."""

import json
import os
import tempfile
from pathlib import Path

from tests.engine.machine import pins
from tests.engine.machine.process import run

from . import programs


def definition(kind: str) -> Path:
    """The file that defines a kind, such as `HTTPRoute`: `kubectl apply` gives it to a cluster."""
    pin: dict[str, str] = pins.read(programs.PINS)["definitions"][kind]
    module = f"{pin['module']}@{pin['version']}"
    with tempfile.TemporaryDirectory() as scratch:
        answer = run(
            ["go", "mod", "download", "-json", module], cwd=Path(scratch), env=os.environ | {"GOTOOLCHAIN": "local"}
        )
    return Path(json.loads(answer)["Dir"]) / pin["file"]
