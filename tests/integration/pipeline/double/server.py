"""The double on the wire: what the client meets at DAGGER_SESSION_PORT."""

from __future__ import annotations

import base64
import functools
import json
import sys
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.integration.pipeline.double.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "double"


@contextmanager
def serve() -> Iterator[Session]:
    """Answer on a free port of the loopback interface until the block ends."""
    session = Session()
    server = Server(("127.0.0.1", 0), functools.partial(Handler, session))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    session.port = server.server_port
    try:
        yield session
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about a client that went away: a cancelled pipeline does."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    # Connections are kept alive, or every leaf would pay for a new one.
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, session: Session, *connection: Any) -> None:
        self.session = session
        super().__init__(*connection)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        expected = f"Basic {base64.b64encode(f'{TOKEN}:'.encode()).decode()}"
        if self.path != "/query":
            self.reply(HTTPStatus.NOT_FOUND, {})
        elif self.headers["Authorization"] != expected:
            self.reply(HTTPStatus.UNAUTHORIZED, {})
        else:
            self.reply(*answer(self.session, str(json.loads(body)["query"])))

    def reply(self, status: int, document: object) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the records tell it better."""


def answer(session: Session, query: str) -> tuple[int, object]:
    """Answer QUERY: errors of the API travel with 200, a fault that was asked for with its own status."""
    if "__schema" in query:
        return HTTPStatus.OK, introspection(query)
    result = session.ask(query)
    for error in result.errors or []:
        if status := (error.extensions or {}).get("status"):
            return int(status), {}
    return HTTPStatus.OK, result.formatted


@functools.cache
def introspection(query: str) -> object:
    """Answer a question about the schema, which is the same for every session of a test run."""
    return Session().ask(query).formatted
