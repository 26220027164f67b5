"""A proxy on this machine that lets nobody out: what a build step still installs came from a cache."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Clients try again when a connection is refused or lost, for minutes. An answer that is no TLS ends it at once.
ANSWER = b"HTTP/1.1 200 Connection established\r\n\r\nThere is no way out.\r\n"


@contextmanager
def no_way_out() -> Iterator[str]:
    """The address of such a proxy, for HTTPS_PROXY: a build argument that is no part of what a step is cached by."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(client,), daemon=True).start()


def _answer(client: socket.socket) -> None:
    with client:
        client.recv(65536)
        client.sendall(ANSWER)
        client.recv(65536)
