"""GitHub's packages as cleanup.yml sees them: the API that lists and deletes versions, and the registry behind ghcr.io.

The API is played by a server that answers what it knows and refuses all else. The registry is the engine's own: reads
are passed on to it, and what is deleted is deleted there. The workflow's own addresses lead here by curl's settings.
"""

import base64
import itertools
import json
import re
import ssl
import subprocess
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, unquote, urlsplit

from tests.engine.machine import REGISTRY

from .shop import REPOSITORY

TOKEN = "github-token-of-this-run"
PULL_TOKEN = "only-to-pull"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ACCEPT = {INDEX, MANIFEST} | {f"application/vnd.docker.distribution.manifest.{kind}v2+json" for kind in ("", "list.")}
EMPTY = "application/vnd.oci.empty.v1+json"
LONG_AGO = 400
NUMBERS = itertools.count(1000)


@dataclass(kw_only=True, slots=True)
class Version:
    """One version of a package; its id is the one that the API knows it by. `touched`: days since it was changed."""

    id: int
    digest: str
    days: float
    tags: list[str]
    touched: float | None = None

    def json(self) -> dict[str, Any]:
        created, updated = (
            (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
            for days in (self.days, self.days if self.touched is None else self.touched)
        )
        metadata = {"package_type": "container", "container": {"tags": self.tags}}
        return {"id": self.id, "name": self.digest, "created_at": created, "updated_at": updated, "metadata": metadata}


@dataclass(kw_only=True, slots=True)
class Package:
    """A package; `place` is where the registry has it."""

    place: str
    versions: list[Version] = field(default_factory=list)

    @property
    def digests(self) -> set[str]:
        return {version.digest for version in self.versions}

    def manifest(self, reference: str) -> Any:
        headers = {"Accept": ",".join(ACCEPT)}
        with urllib.request.urlopen(
            urllib.request.Request(self.url("manifests", reference), headers=headers)
        ) as answer:
            return json.load(answer)

    def url(self, kind: str, reference: str) -> str:
        return f"http://{REGISTRY}/v2/{self.place}/{kind}/{reference}"

    def note(self, digest: str, *tags: str, days: float = LONG_AGO) -> str:
        """Let the API know of something that was pushed, once."""
        if digest not in self.digests:
            self.versions.append(Version(id=next(NUMBERS), digest=digest, days=days, tags=list(tags)))
        return digest

    def note_all(self, digest: str, *tags: str, days: float = LONG_AGO) -> str:
        """The same, of an index and all that it lists."""
        for child in self.manifest(digest).get("manifests", []):
            self.note_all(child["digest"], days=days)
        return self.note(digest, *tags, days=days)

    def push(
        self, *tags: str, days: float = LONG_AGO, children: Sequence[str] = (), subject: str = "", note: str = ""
    ) -> str:
        """Push an index of these children, or without any a manifest that is like no other; `note` makes it so."""
        if children:
            listed = [self._descriptor(child) for child in children]
            manifest = {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}
        else:
            blob = self._blob()
            manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": blob, "layers": [blob]}
            manifest["annotations"] = {"note": note or f"version {next(NUMBERS)}"}
        if subject:
            manifest["subject"] = self._descriptor(subject)
        data = json.dumps(manifest).encode()
        digest = f"sha256:{sha256(data).hexdigest()}"
        for reference in (digest, *tags):
            headers = {"Content-Type": str(manifest["mediaType"])}
            _request("PUT", self.url("manifests", reference), data, headers)
        return self.note(digest, *tags, days=days)

    def delete(self, version: Version) -> None:
        _request("DELETE", self.url("manifests", version.digest))
        self.versions.remove(version)

    def _descriptor(self, digest: str) -> dict[str, Any]:
        headers = {"Accept": ",".join(ACCEPT)}
        request = urllib.request.Request(self.url("manifests", digest), headers=headers)
        with urllib.request.urlopen(request) as answer:
            return {"mediaType": answer.headers["Content-Type"], "digest": digest, "size": len(answer.read())}

    def _blob(self) -> dict[str, Any]:
        digest = f"sha256:{sha256(b'{}').hexdigest()}"
        upload = _request("POST", f"http://{REGISTRY}/v2/{self.place}/blobs/uploads/")
        _request("PUT", f"{upload}&digest={digest}", b"{}", {"Content-Type": "application/octet-stream"})
        return {"mediaType": EMPTY, "digest": digest, "size": 2}


@dataclass(kw_only=True, slots=True)
class GitHub:
    """`packages` by their names below the owner; `place` is where their images go here. `faults` are answers to requests that match: `DELETE .*1001` -> 500.

    `refused` has what nobody may ask, `asked` everything else.
    """

    owner: str
    place: str
    kind: str = "Organization"
    packages: dict[str, Package] = field(default_factory=dict)
    pulls: Mapping[int, str] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def package(self, name: str) -> Package:
        return self.packages.setdefault(name, Package(place=f"{self.place}/{name.rpartition('/')[2]}"))

    def answer(self, method: str, host: str, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body."""
        line = f"{method} https://{host}{path}"
        fault = next((status for pattern, status in self.faults.items() if re.fullmatch(pattern, line)), None)
        if fault is not None:
            return fault, b"{}"
        parts, query = urlsplit(path), {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        play = {"api.github.com": self._api, "ghcr.io": self._registry}[host]
        status, body = play(method, parts.path, query, headers)
        (self.refused if status == 400 else self.asked).append(line)
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()

    def _api(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, Any]:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 400, "no token"
        if (method, path) == ("GET", f"/users/{self.owner}"):
            return 200, {"login": self.owner, "type": self.kind}
        pull = re.fullmatch(rf"/repos/{REPOSITORY}/pulls/(\d+)", path)
        if method == "GET" and pull and int(pull[1]) in self.pulls:
            return 200, {"state": self.pulls[int(pull[1])]}
        kinds = {"Organization": "orgs", "User": "users"}[self.kind]
        found = re.fullmatch(rf"/{kinds}/{self.owner}/packages/container/([^/]+)(/versions)?(?:/(\d+))?", path)
        if not found:
            return 400, "no such path"
        package = self.packages.get(unquote(found[1]))
        if package is None:
            return 404, {"message": "Package not found."}
        return self._versions(package, method, found[2], found[3], query)

    def _versions(
        self, package: Package, method: str, versions: str | None, number: str | None, query: Mapping[str, str]
    ) -> tuple[int, Any]:
        if method == "GET" and versions is None and number is None:
            return 200, {"name": package.place, "package_type": "container"}
        if method == "GET" and number is None and query.get("per_page") == "100":
            start = (int(query["page"]) - 1) * 100
            newest = sorted(package.versions, key=lambda version: version.days)
            return 200, [version.json() for version in newest[start : start + 100]]
        if method == "DELETE" and number is not None:
            found = [version for version in package.versions if version.id == int(number)]
            for version in found:
                package.delete(version)
            return (204, b"") if found else (404, {"message": "Not Found"})
        return 400, "not allowed"

    def _registry(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, Any]:
        if method != "GET":
            return 400, "not allowed"
        if path == "/token":
            basic = base64.b64encode(f"nektos/act:{TOKEN}".encode()).decode()
            named = re.fullmatch(rf"repository:{self.owner}/(.+):pull", query["scope"])
            good = headers.get("Authorization") == f"Basic {basic}" and named and named[1] in self.packages
            return (200, {"token": PULL_TOKEN}) if good and query["service"] == "ghcr.io" else (400, "no login")
        found = re.fullmatch(rf"/v2/{self.owner}/(.+)(/tags/list|/manifests/sha256:[0-9a-f]{{64}})", path)
        if headers.get("Authorization") != f"Bearer {PULL_TOKEN}" or not found or found[1] not in self.packages:
            return 400, "no token, or no such path"
        path = f"/v2/{self.packages[found[1]].place}{found[2]}"
        if path.endswith("/tags/list"):  # few at once, whatever was asked for
            path += f"?n=20&last={query['last']}" if query.get("last") else "?n=20"
        elif set(headers["Accept"].split(",")) != ACCEPT:
            return 400, "not every kind of manifest"
        try:
            request = urllib.request.Request(f"http://{REGISTRY}{path}", headers={"Accept": ",".join(ACCEPT)})
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()


@contextmanager
def serve(github: GitHub, folder: Path) -> Iterator[dict[str, str]]:
    """Answer until the end of the block; gives the environment in which curl comes here, whatever it is to fetch."""
    certificate = folder / "certificate.pem"
    subject = ("-subj", "/CN=localhost", "-days", "1", "-keyout", str(certificate), "-out", str(certificate))
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    subprocess.run(["openssl", "req", "-x509", *kind, *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = github.answer(self.command, self.headers["Host"], self.path, dict(self.headers))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_DELETE(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (folder / ".curlrc").write_text(f'insecure\nconnect-to = "::127.0.0.1:{server.server_port}"\n', encoding="utf-8")
    try:
        yield {"CURL_HOME": str(folder)}
    finally:
        server.shutdown()
        server.server_close()


def _request(method: str, url: str, data: bytes = b"", headers: Mapping[str, str] | None = None) -> str:
    """Ask the registry for a change; gives where an upload goes."""
    request = urllib.request.Request(url, data=data, method=method, headers=dict(headers or {}))
    with urllib.request.urlopen(request) as answer:
        return str(answer.headers["Location"])
