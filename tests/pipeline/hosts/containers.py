"""A container for each image, started when it is asked for first and kept until all tests are over."""

import subprocess
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping
from http.client import HTTPException
from types import TracebackType
from typing import Self
from urllib.request import urlopen

PORT = 8080
PATIENCE = 10  # seconds, for the first answer


class Containers:
    """Those of images that are the same by their digest are one container."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._label = f"bakegen.tests={uuid.uuid4()}"
        self._addresses: dict[str, str | None] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._images: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        containers = self._run("docker", "ps", "--all", "--quiet", "--filter", f"label={self._label}").split()
        for command, found in (("rm", containers), ("rmi", sorted(self._images))):
            if found:
                self._run("docker", command, "--force", *found)

    def address(self, image: str) -> str | None:
        """Where a container of the image answers; None if there is no such image, or it never answers."""
        try:
            digest = self._run("crane", "digest", "--insecure", image).strip()
        except subprocess.CalledProcessError:
            return None
        with self._locks[digest]:
            if digest not in self._addresses:
                self._addresses[digest] = self._start(image)
            return self._addresses[digest]

    def _start(self, image: str) -> str | None:
        options = ("--detach", f"--label={self._label}", f"--publish=127.0.0.1::{PORT}")
        container = self._run("docker", "run", *options, image).strip()
        self._images.add(image)
        address = self._run("docker", "port", container, str(PORT)).strip()
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                urlopen(f"http://{address}/health", timeout=1).close()
            except (OSError, HTTPException):
                time.sleep(0.05)
            else:
                return address
        return None

    def _run(self, *command: str) -> str:
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout
