"""Clients that keep their connections, as services in a cluster do."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

LIMIT = 60.0


@dataclass
class Client(threading.Thread):
    """
    Ask for `paths` in turn over one connection, and over a new one when an answer closed it.

    With `questions` each is posted to the path in turn instead.

    Once `leave` is set no connection is opened any more, so the thread ends with
    the one it has. Each answer releases `answered` once.
    """

    address: str
    paths: tuple[str, ...]
    leave: threading.Event
    answered: threading.Semaphore
    questions: tuple[bytes, ...] = ()
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Ask until there is no connection left, or for a minute."""
        place = urlsplit(self.address)
        deadline = time.monotonic() + LIMIT
        connection = None
        while time.monotonic() < deadline:
            if connection is None:
                if self.leave.is_set():
                    return
                connection = HTTPConnection(str(place.hostname), place.port, timeout=LIMIT)
                self.opened += 1
            if not self._ask(connection):
                connection.close()
                connection = None
        self.failures.append("the connection was never closed")

    def _ask(self, connection: HTTPConnection) -> bool:
        """Return whether CONNECTION can be used again after another question."""
        try:
            number = self.statuses.total()
            path = self.paths[number % len(self.paths)]
            if self.questions:
                body = self.questions[number % len(self.questions)]
                connection.request("POST", path, body, {"Content-Type": "application/json"})
            else:
                connection.request("GET", path)
            response = connection.getresponse()
            response.read()
        except (OSError, HTTPException) as error:
            self.failures.append(repr(error))
            return False
        self.statuses[response.status] += 1
        self.answered.release()
        return not response.will_close
