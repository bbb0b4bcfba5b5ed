"""chat-api as it is when a model takes its time: an assessment at once, and the rest when the test says so."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = 60.0
PASSED_ON = ("Content-Type", "Content-Security-Policy")


@dataclass
class Slow:
    """Where it answers; what it sends first, and what follows once `go` is set."""

    first: bytes
    then: bytes
    address: str = ""
    go: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def served(behind: str, first: str, then: str) -> Iterator[Slow]:
    """Serve the page of the chat-api BEHIND, and for its question the events FIRST, later THEN."""
    slow = Slow(first.encode(), then.encode())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with httpx.Client(trust_env=False) as client:
                answer = client.get(f"{behind}{self.path}")
            self.send_response(answer.status_code)
            for name in PASSED_ON:
                self.send_header(name, answer.headers[name])
            self.end_headers()
            self.wfile.write(answer.content)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(slow.first)
            slow.go.wait(WAIT)
            self.wfile.write(slow.then)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        slow.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield slow
        finally:
            slow.go.set()
            server.shutdown()
            thread.join()
