"""A server whose answers, HTTP or not, are up to the test."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 30.0
# It is given the connection and the whole request.
Answer = Callable[[socket.socket, bytes], None]


def saying(answer: bytes) -> Answer:
    """Return what sends `answer` and leaves the connection open."""
    return lambda connection, _: connection.sendall(answer)


def ending(answer: bytes) -> Answer:
    """Return what sends `answer` and closes its half of the connection."""

    def half_close(connection: socket.socket, _: bytes) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)

    return half_close


def silent(_: socket.socket, __: bytes) -> None:
    """Say nothing."""


def good(content: bytes, status: bytes = b"200 OK", head: bytes = b"") -> bytes:
    """Return a correct answer with `content`."""
    length = b"Content-Length: %d\r\n" % len(content)
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\n%b%b\r\n%b" % (status, length, head, content)


@dataclass
class Crooked:
    """Listens on `port`; each request on any connection is given to `answer`, and what was asked is in `asked`."""

    answer: Answer
    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def _take(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while request := _request(connection):
                self.asked.append(request)
                self.answer(connection, request)

    @contextlib.contextmanager
    def running(self, port: int = 0) -> Iterator[Crooked]:
        """Listen until the block ends, on any free port or on one that is reserved."""
        with socket.create_server(("127.0.0.1", port)) as listening:
            self.port = listening.getsockname()[1]
            thread = threading.Thread(target=self._take, args=(listening,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                # Closing alone does not wake who waits for a connection.
                listening.shutdown(socket.SHUT_RDWR)
                thread.join(LIMIT)
                for each in self.connections:
                    each.close()


def _request(connection: socket.socket) -> bytes:
    """Return the next request whole, or nothing at the end."""
    text = b""
    while b"\r\n\r\n" not in text:
        if not (chunk := connection.recv(65536)):
            return b""
        text += chunk
    head, _, body = text.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    while len(body) < int(length or 0):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
