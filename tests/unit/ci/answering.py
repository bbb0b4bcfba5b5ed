"""A real HTTP server on the loopback that answers as a test tells it."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # Takes "GET /path?query" and the JSON that was sent; gives status and body.
    Answer = Callable[[str, Any], tuple[int, Any]]


@contextlib.contextmanager
def answering(answer: Answer, *, date: str = "") -> Iterator[str]:
    """
    Serve ANSWER until the block ends; yield the address.

    A body of bytes is sent as it is, any other as JSON; DATE stands in the
    place of the time at which it is sent.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(None)

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            self._reply(json.loads(sent) if sent.startswith(b"{") else sent)

        def _reply(self, sent: Any) -> None:
            status, body = answer(f"{self.command} {self.path}", sent)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return date or super().date_time_string(timestamp)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
