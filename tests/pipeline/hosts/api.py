"""An HTTP API, played by a thread on a real socket.

Each request is checked against a table of what the real API takes: its path, headers, keys and their types. What the
real one would not understand is refused and noted in `wrong`, which a test compares with nothing.
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """`required` and `optional` are keys of the query (GET) or of the JSON body, with the type of their values."""

    method: str
    path: re.Pattern[str]
    required: Mapping[str, type] = field(default_factory=dict)
    optional: Mapping[str, type] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def problem(self, values: Mapping[str, Any]) -> str:
        """What is wrong with a request's keys, or nothing."""
        known = {**self.optional, **self.required}
        if missing := self.required.keys() - values.keys():
            return f"lacks {sorted(missing)}"
        if unknown := values.keys() - known.keys():
            return f"has unknown keys {sorted(unknown)}"
        ill = [name for name, value in values.items() if not isinstance(value, known[name]) or value == ""]
        return f"has wrong values of {sorted(ill)}" if ill else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What came in, and the status that went out; 0 for no answer."""

    method: str
    path: str
    values: Mapping[str, Any]
    headers: Mapping[str, str]
    status: int


@dataclass(kw_only=True, slots=True)
class _Fault:
    method: str | None
    path: str
    status: int
    times: int
    skip: int


class Api:
    """Serves while it is entered. A kind of API gives its table, and answers by `answer`."""

    def __init__(self, table: tuple[Endpoint, ...]) -> None:
        self.table = table
        self.requests: list[Request] = []
        self.wrong: list[str] = []
        self._faults: list[_Fault] = []
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, path: str, status: int, *, method: str | None = None, times: int = 1, skip: int = 0) -> None:
        """Answer the next requests to a path with a status, after `skip` good ones; 0 is no answer at all."""
        self._faults.append(_Fault(method=method, path=path, status=status, times=times, skip=skip))

    def calls(self, path: str, method: str | None = None) -> list[Request]:
        return [each for each in self.requests if each.path == path and method in (None, each.method)]

    def answer(self, asked: Request) -> Answer:
        raise NotImplementedError

    def _respond(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(address)
        values = dict(parse_qsl(parts.query))
        refusal = ""
        if body:
            try:
                values |= json.loads(body)
            except ValueError:
                refusal = "is no JSON"
        asked = Request(method=method, path=parts.path, values=values, headers=dict(headers), status=0)
        status, answer = self._decide(asked, refusal)
        self.requests.append(replace(asked, status=status))
        return status, answer

    def _decide(self, asked: Request, refusal: str) -> Answer:
        found = [each for each in self.table if each.method == asked.method and each.path.fullmatch(asked.path)]
        if not found:
            self.wrong.append(f"{asked.path} is unknown")
            return HTTPStatus.NOT_FOUND, {"message": "Not found", "code": "NOT_FOUND"}
        if any(asked.headers.get(name) != value for name, value in found[0].headers.items()):
            return HTTPStatus.UNAUTHORIZED, {"message": "Unauthorized", "code": "UNAUTHORIZED"}
        if refusal := refusal or found[0].problem(asked.values):
            self.wrong.append(f"{asked.path} {refusal}")
            return HTTPStatus.BAD_REQUEST, {"message": refusal, "code": "BAD_REQUEST"}
        fault = self._fault(asked)
        return (fault, {"message": "Played"}) if fault is not None else self.answer(asked)

    def _fault(self, asked: Request) -> int | None:
        for fault in self._faults:
            if fault.path == asked.path and fault.method in (None, asked.method) and fault.times:
                if fault.skip:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                return fault.status
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, answer = api._respond(self.command, self.path, headers, body)
                if not status:
                    api._closing.wait()
                    return
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_PATCH = do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing: a test asks for `requests`."""

        return Handler
