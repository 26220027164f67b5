"""A registry that asks for a password and fails when it is told to; what it keeps is in the engine's own."""

import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.engine.machine import REGISTRY

FOR_EVER = 1_000_000


@dataclass(kw_only=True, slots=True)
class Fault:
    """The next `times` requests like this one, a pattern of `METHOD PATH`, are answered with 500."""

    request: str
    times: int
    answered: int = 0

    def fits(self, request: str) -> bool:
        return self.answered < self.times and re.search(self.request, request) is not None


@dataclass(kw_only=True, slots=True)
class Gate:
    """Where it answers, how it fails, and how many requests it refused for want of a password."""

    address: str
    faults: list[Fault] = field(default_factory=list)
    refused: int = 0

    def fails(self, request: str) -> bool:
        for fault in self.faults:
            if fault.fits(request):
                fault.answered += 1
                return True
        return False


@contextmanager
def gate(username: str, password: str) -> Iterator[Gate]:
    expected = f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            with lock:
                fails = opened.fails(f"{self.command} {self.path}")
                known = self.headers["Authorization"] == expected
                opened.refused += not known
            if not known:
                self.answer(HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": 'Basic realm="registry"'})
            elif fails:
                self.answer(HTTPStatus.INTERNAL_SERVER_ERROR, {})
            else:
                upstream = HTTPConnection(REGISTRY, timeout=60)
                upstream.request(self.command, self.path, body=body, headers=dict(self.headers))
                with upstream.getresponse() as answer:
                    headers = {name: value for name, value in answer.getheaders() if name != "Transfer-Encoding"}
                    self.answer(answer.status, headers, answer.read())
                upstream.close()

        def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up is no news."""

    with Server(("127.0.0.1", 0), Handler) as server:
        opened = Gate(address=f"127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield opened
        server.shutdown()
