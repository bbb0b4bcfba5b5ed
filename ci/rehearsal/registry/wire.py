"""A request to the registry and the answer to it, as bytes on the wire."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http import HTTPStatus
    from pathlib import Path

    from ci.rehearsal.registry.blobs import Blobs

MANIFEST = re.compile(r"^/v2/(?P<repository>.+)/manifests/(?P<reference>[^/]+)$")
DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
CHUNK = 1 << 20


class Registry(Protocol):
    """What a request is answered from; see RegistryServer."""

    blobs: Blobs
    lists: bool
    on_manifest: Callable[[str, str, str, str, str], None]
    knows: Callable[[str], bool]


class Wire(BaseHTTPRequestHandler):
    """How a request's body is read, in one piece or in chunks, and how it is answered or refused."""

    registry: Registry
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the report tells what was pushed."""

    def _chunks(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length", 0))
        while left > 0:
            chunk = self.rfile.read(min(left, CHUNK))
            left -= len(chunk)
            yield chunk

    def _body(self) -> bytes:
        return b"".join(self._chunks())

    def _receive(self, path: Path) -> None:
        with path.open("ab") as target:
            for chunk in self._chunks():
                target.write(chunk)

    def _answer(
        self, status: HTTPStatus, headers: dict[str, str] | None = None, body: bytes = b"", length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if body and self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: HTTPStatus, code: str) -> None:
        self._answer(status, {"Content-Type": "application/json"}, b'{"errors":[{"code":"%s"}]}' % code.encode())
