"""A proxy between a build and the network, that tells from which hosts how much came."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True, slots=True)
class Tunnels:
    """Where the proxy listens, and the bytes that came from each host, as TLS has them."""

    address: str
    received: Counter[str] = field(default_factory=Counter)


@contextmanager
def tunnels() -> Iterator[Tunnels]:
    """A proxy for HTTPS on this machine. What it sees of a request is the host."""
    received: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port)), timeout=60) as remote, suppress(OSError):
                self.send_response(200)
                self.end_headers()
                threading.Thread(target=_copy, args=(self.connection, remote), daemon=True).start()
                while data := remote.recv(1 << 16):
                    received[host] += len(data)
                    self.connection.sendall(data)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Tunnels(address=f"http://127.0.0.1:{server.server_port}", received=received)
        server.shutdown()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
