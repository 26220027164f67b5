"""A service as Docker Swarm runs it behind a proxy: one container, and a rollout to another image.

Start-first, the new container must answer before it takes over, and else the old one stays. Stop-first, there is none
for a while.
"""

import json
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.request import urlopen

from .containers import Containers

GAP = 0.5  # seconds without a container, stop-first


@dataclass(frozen=True, kw_only=True, slots=True)
class Container:
    image: str
    address: str


class Rollout:
    """The service, and the proxy that people reach it through. Serves while it is entered."""

    def __init__(self, containers: Containers, *, start_first: bool = True) -> None:
        self.containers = containers
        self.start_first = start_first
        # So many more answers of the old container come after it, each behind one of the new.
        self.late_answers = 0
        self._late: tuple[int, bytes] | None = None
        self._asked = 0
        self._current: Container | None = None
        self._lock = threading.Lock()
        self._proxy = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> Self:
        threading.Thread(target=self._proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._proxy.shutdown()
        self._proxy.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._proxy.server_port}/health"

    @property
    def image(self) -> str | None:
        """What runs now."""
        return self._current.image if self._current else None

    def to(self, image: str) -> None:
        """Roll out an image, as the service's order says."""
        if not self.start_first:
            self._switch(None)
            time.sleep(GAP)
        if address := self.containers.address(image):
            self._switch(Container(image=image, address=address))

    def _switch(self, container: Container | None) -> None:
        late = self._forward("/health") if self.late_answers else None
        with self._lock:
            self._current, self._late, self._asked = container, late, 0

    def _forward(self, path: str) -> tuple[int, bytes]:
        with self._lock:
            self._asked += 1
            if self._late and self.late_answers and self._asked % 2 == 0:
                self.late_answers -= 1
                return self._late
            container = self._current
        if container is None:
            return HTTPStatus.BAD_GATEWAY, b"Bad Gateway"
        try:
            with urlopen(f"http://{container.address}{path}", timeout=2) as answer:
                return answer.status, answer.read()
        except (OSError, HTTPException):
            return HTTPStatus.BAD_GATEWAY, b"Bad Gateway"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        rollout = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, text = rollout._forward(self.path)
                self.send_response(status)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        return Handler


def revision(url: str) -> str | None:
    """The commit that a service names, or None if it does not answer."""
    try:
        with urlopen(url, timeout=2) as answer:
            found: str | None = json.load(answer).get("revision")
            return found
    except (OSError, HTTPException, ValueError):
        return None
