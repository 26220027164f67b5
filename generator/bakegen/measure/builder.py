"""Builds a service's image in three ways and reads what came of it."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bakegen import process
from bakegen.errors import UserError
from bakegen.measure import sizes
from bakegen.measure.copy import change_a_line
from bakegen.measure.sizes import Image
from bakegen.measure.steps import Step, statuses, steps
from bakegen.model import Service

HINT = "build it alone to see more: docker buildx bake {}"
BUILDERS = "see which builders there are: docker buildx ls; make one: docker buildx create --use"


@dataclass(frozen=True, kw_only=True, slots=True)
class TimedBuild:
    """One run of `docker buildx bake` for a target: wall-clock seconds, and its Dockerfile's steps."""

    seconds: float
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What a service's image weighs and how long it takes. `line` is None where nobody knows what to change.

    `cold` is a build without any layer of an earlier one; package managers may find their downloads in the builder.
    """

    service: str
    images: tuple[Image, ...]
    cold: TimedBuild
    warm: TimedBuild
    line: TimedBuild | None


def measure(folder: Path, service: Service, platforms: Sequence[str]) -> Figures:
    """Build a service from a copy of its project, which is changed. UserError if it cannot be built."""
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name, "image.tar")
        cold = _bake(folder, service, platforms, "--no-cache", archive=archive)
        warm = _bake(folder, service, platforms, archive=archive)
        base = _base(folder, service, platforms, Path(name, "base.tar"))
        images = sizes.images(archive, base)
        changed = service.stack.source_file and change_a_line(folder, service.path / service.stack.source_file)
        line = _bake(folder, service, platforms, archive=archive) if changed else None
    return Figures(service=service.name, images=images, cold=cold, warm=warm, line=line)


def _bake(folder: Path, service: Service, platforms: Sequence[str], *options: str, archive: Path) -> TimedBuild:
    settings = {"output": f"type=oci,dest={archive}", "attest": "type=provenance,disabled=true"}
    if platforms:
        settings["platform"] = ",".join(platforms)
    arguments = [f"--set={service.name}.{key}={value}" for key, value in settings.items()]
    start = time.monotonic()
    options = ("--progress=rawjson", f"--allow=fs.write={archive.parent}", *options)
    progress = _buildx(["bake", *options, *arguments, service.name], folder, service.name)
    return TimedBuild(seconds=time.monotonic() - start, steps=steps(progress))


def _base(folder: Path, service: Service, platforms: Sequence[str], archive: Path) -> Path | None:
    """The base image as an archive, through the same builder: only that one knows its mirrors and credentials."""
    image = sizes.base_image((folder / service.dockerfile).read_bytes(), service.target)
    if image is None:
        return None
    options = [f"--platform={','.join(platforms)}"] if platforms else []
    output = f"--output=type=oci,dest={archive}"
    _buildx(["build", *options, "--provenance=false", output, "-"], folder, service.name, f"FROM {image}\n".encode())
    return archive


def _buildx(arguments: Sequence[str], folder: Path, name: str, stdin: bytes = b"") -> str:
    # A variable of bake that a person has set is for another build than this one.
    environment = {key: value for key, value in os.environ.items() if key not in {"PUSH", "PUSH_BY_DIGEST"}}
    try:
        done = process.run(["docker", "buildx", *arguments], folder, environment, stdin, timeout=None)
    except OSError:
        hint = "install Docker with buildx: https://docs.docker.com/engine/install/"
        raise UserError("docker cannot be run", hint=hint) from None
    if done.code:
        reason = _reason(done.err)
        if next(statuses(done.err), None) is None:  # not even the bake file was read
            raise UserError(f"docker buildx cannot build here: {reason}", hint=BUILDERS)
        raise UserError(
            f"{name} cannot be built: {reason}", hint=BUILDERS if "exporter" in reason else HINT.format(name)
        )
    return done.err


def _reason(progress: str) -> str:
    """What buildx says of an error, or else the first line that is no JSON."""
    lines = [line for line in progress.splitlines() if line.strip() and not line.startswith("{")]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors[-1:] or lines[:1] or ["docker buildx gave no reason"])[0]
