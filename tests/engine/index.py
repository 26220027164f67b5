"""A private package index: npm's registry and PyPI, for who has the credential and nobody else.

npm's client sends a token, Python's clients a user and a password. What is asked for is fetched from the public index;
its links are made to lead back here, so that files are asked for here, too.
"""

from __future__ import annotations

import base64
import contextlib
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1:21999"  # one that stays: it is in lock files, which layers are cached by
NPM = "https://registry.npmjs.org/"
SIMPLE = "https://pypi.org/simple/"
FILES = "https://files.pythonhosted.org/"
USER = "reader"


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """What was asked for: paths that were answered, and paths that were refused."""

    token: str
    given: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def traces(self) -> list[bytes]:
        """The token in all forms that a client could leave behind."""
        basic = base64.b64encode(f"{USER}:{self.token}".encode())
        return [self.token.encode(), basic, base64.b64encode(self.token.encode()).rstrip(b"=")]

    def accepts(self, header: str) -> bool:
        """Whether an Authorization header has the credential."""
        return header in {f"Bearer {self.token}", f"Basic {self.traces[1].decode()}"}


@contextlib.contextmanager
def serve(index: Index) -> Iterator[Index]:
    """Answer until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if index.accepts(self.headers.get("Authorization", "")):
                index.given.append(self.path)
                self._pass_on()
            else:
                index.refused.append(self.path)
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="private"')
                self.send_header("Content-Length", "0")
                self.end_headers()

        def _pass_on(self) -> None:
            accept = {"Accept": self.headers.get("Accept", "*/*")}
            with urllib.request.urlopen(urllib.request.Request(_public(self.path), headers=accept)) as answer:
                body, kind = answer.read(), answer.headers["Content-Type"]
            if "/files/" not in self.path and "/-/" not in self.path:
                body = body.replace(FILES.encode(), b"http://%b/files/" % HOST.encode())
                body = body.replace(NPM.encode(), b"http://%b/" % HOST.encode())
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    host, port = HOST.split(":")
    server = ThreadingHTTPServer((host, int(port)), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()


def _public(path: str) -> str:
    """Where the public has what is asked for."""
    for private, public in (("/simple/", SIMPLE), ("/files/", FILES)):
        if path.startswith(private):
            return public + path.removeprefix(private)
    return NPM + path.removeprefix("/")
