"""Stands between a build and the package registries, and tells which archives were fetched.

What registries say of an archive, that it never changes, is said here too: without that pip keeps none.
"""

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PYTHON_INDEX, PYTHON_FILES, NODE = "https://pypi.org", "https://files.pythonhosted.org", "https://registry.npmjs.org"
UPSTREAM = {"simple": PYTHON_INDEX, "packages": PYTHON_FILES}
ARCHIVE = re.compile(r"\.(tgz|tar\.gz|whl)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Registries:
    """Where they answer, and the paths of archives that were asked for, in order."""

    address: str
    fetched: list[str] = field(default_factory=list)


@contextmanager
def registries() -> Iterator[Registries]:
    """PyPI's index and npm's registry, at one address of this machine."""

    few = threading.BoundedSemaphore(16)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            upstream = UPSTREAM.get(self.path.split("/")[1], NODE)
            headers = {name: value for name in ("Accept",) if (value := self.headers[name])}
            request = urllib.request.Request(upstream + self.path, headers=headers)
            try:
                with few, urllib.request.urlopen(request) as answer:
                    status, kind, body = answer.status, answer.headers["Content-Type"], answer.read()
            except urllib.error.HTTPError as error:
                status, kind, body = error.code, error.headers["Content-Type"], error.read()
            archive = ARCHIVE.search(self.path)
            if archive:
                opened.fetched.append(self.path)
            else:
                for host in (PYTHON_FILES, NODE):
                    body = body.replace(host.encode(), opened.address.encode())
            self.send_response(status)
            self.send_header("Content-Type", kind or "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "public, immutable, max-age=31557600" if archive else "max-age=0")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        opened = Registries(address=f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield opened
        server.shutdown()
