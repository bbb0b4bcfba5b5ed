"""The way to the AWS API's stand-in, which can be made bad: for one service, one call, from a certain point on."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

# `Credential=<key>/<date>/<region>/<service>/aws4_request`, as every signed request says.
SCOPE = re.compile(r"Credential=[^/,]+/\d{8}/[^/,]+/(?P<service>[^/,]+)/aws4_request")
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "proxy-connection", "te", "upgrade", "date", "server"}
POLL = 0.05


@dataclass(frozen=True)
class Request:
    """One call of the API: its service, its operation (`PutItem`; of S3 the method), its path, and who asks."""

    service: str
    operation: str
    path: str
    by_terraform: bool = False


@dataclass(frozen=True)
class Reply:
    """An answer that AWS gives instead of the right one: STATUS, its error CODE, and what it says of it."""

    status: int
    code: str
    message: str = "planted"

    def body(self, service: str) -> tuple[bytes, str]:
        """Return the body and its type as SERVICE writes errors: JSON, or XML where it is older."""
        if service in {"dynamodb", "ecr"}:
            content = {"__type": f"com.amazonaws.x#{self.code}", "message": self.message}
            return json.dumps(content).encode(), "application/json"
        error = f"<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
        if service == "sts":
            error = f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"
        return error.encode(), "text/xml"


# No answer: the connection is broken off, at once or when all was done that was asked, or nothing ever comes.
RESET, LOST, SILENT = "reset", "lost", "silent"


@dataclass
class Fault:
    """
    What is wrong with the requests that MATCHES accepts, after the first AFTER of them and for TIMES of them.

    HOW is an answer, RESET, LOST, SILENT, or seconds by which each is late.
    """

    matches: Callable[[Request], bool]
    how: Reply | str | float
    after: int = 0
    times: int = 1 << 30
    met: int = 0
    hit: int = 0

    def take(self, request: Request) -> bool:
        """Count REQUEST, and tell whether it is one that goes wrong."""
        if not self.matches(request):
            return False
        self.met += 1
        wrong = self.met > self.after and self.hit < self.times
        self.hit += wrong
        return wrong


class CrookedAws:
    """A proxy before the API at BEHIND until the block ends; `faults` may be changed at any time."""

    def __init__(self, behind: str) -> None:
        self.behind = urlsplit(behind)
        self.faults: list[Fault] = []
        self.seen: list[Request] = []
        # What went wrong although it was not meant to.
        self.broken: list[str] = []
        self.over = threading.Event()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"way": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def spoil(self, fault: Fault) -> Fault:
        """Have FAULT from now on; return it, as it counts what it met."""
        self.faults.append(fault)
        return fault

    def mend(self) -> None:
        """Have nothing wrong any more; whoever is kept waiting is hung up on."""
        self.faults.clear()
        self.over.set()
        self.over = threading.Event()

    def wrong(self, request: Request) -> Fault | None:
        """Note REQUEST and return what is wrong with it."""
        with self._lock:
            self.seen.append(request)
            return next((each for each in list(self.faults) if each.take(request)), None)


class _Handler(BaseHTTPRequestHandler):
    way: CrookedAws
    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece.
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def handle_one_request(self) -> None:
        with contextlib.suppress(OSError):
            super().handle_one_request()
            return
        # Whoever asked was killed.
        self.close_connection = True

    def _asked(self) -> Request:
        scope = SCOPE.search(self.headers.get("Authorization", ""))
        target = self.headers.get("X-Amz-Target", "")
        operation = target.rpartition(".")[2] or self.command
        agent = self.headers.get("User-Agent", "")
        return Request(scope["service"] if scope else "", operation, urlsplit(self.path).path, "Terraform" in agent)

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = self._asked()
        fault = self.way.wrong(request)
        how = fault.how if fault else 0.0
        if isinstance(how, Reply):
            content, kind = how.body(request.service)
            self._answer(how.status, {"Content-Type": kind}, content)
        elif how in {RESET, LOST}:
            if how == LOST:
                self._passed_on(request, body)
            # Closed with time zero, which is a reset and not a goodbye.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif how == SILENT:
            self.way.over.wait()
            self.close_connection = True
            self.connection.close()
        else:
            self.way.over.wait(float(how)) if how else None
            self._answer(*self._passed_on(request, body))

    def _passed_on(self, request: Request, body: bytes) -> tuple[int, dict[str, str], bytes]:
        behind = http.client.HTTPConnection(self.way.behind.hostname or "", self.way.behind.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {*HOP_BY_HOP, "expect"}}
        try:
            behind.request(self.command, self.path, body, headers)
            reply = behind.getresponse()
            if reply.status >= 500:
                self.way.broken.append(f"{request}: {reply.status}")
            return reply.status, dict(reply.getheaders()), reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.way.broken.append(f"{request}: {error!r}")
            raise
        finally:
            behind.close()

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in {*HOP_BY_HOP, "content-length"}:
                self.send_header(name, value)
        length = headers.get("Content-Length", str(len(content))) if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length)
        # A connection for each call: none is used again that the other side has just given up.
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _forward  # noqa: N815 - as the base class looks for them
