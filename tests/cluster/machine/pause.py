"""The image that every pod starts with, made here: Kubernetes' own is in a registry we need not reach."""

import os
import tempfile
from pathlib import Path

from tests.engine.machine import REGISTRY, client
from tests.engine.machine.process import run

IMAGE = f"{REGISTRY}/cluster/pause:1"
SOURCE = Path(__file__).with_name("pause.go")
DOCKERFILE = 'FROM scratch\nCOPY pause /\nENTRYPOINT ["/pause"]\n'


def ensure() -> None:
    """Build and push it; seconds, and nothing to do for the builder when it has it."""
    with tempfile.TemporaryDirectory(prefix="bakegen-pause-") as scratch:
        static = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local"}
        run(["go", "build", "-trimpath", "-ldflags=-s -w", "-o", f"{scratch}/pause", SOURCE], env=static)
        (Path(scratch) / "Dockerfile").write_text(DOCKERFILE, encoding="ascii")
        options = ["--push", "--provenance=false", f"--tag={IMAGE}"]
        run(["docker", "buildx", "build", *options, scratch], env=client.environment())
