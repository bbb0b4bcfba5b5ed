"""Clients that go on asking whatever they are answered."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.integration.services.process import becomes_true

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 60.0


@dataclass(frozen=True)
class Asked:
    """A question that began at `at`, on the clock of time.monotonic, and took `seconds`."""

    at: float
    seconds: float
    status: int
    code: str | None
    retry_after: str | None


@dataclass
class Asker(threading.Thread):
    """Ask PATHS of ADDRESS in turn, over one connection, until STOP is set."""

    address: str
    paths: tuple[str, ...]
    stop: threading.Event
    asked: list[Asked] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Ask, and note what comes back."""
        place = urlsplit(self.address)
        with contextlib.closing(HTTPConnection(str(place.hostname), place.port, timeout=LIMIT)) as connection:
            while not self.stop.is_set():
                started = time.monotonic()
                try:
                    connection.request("GET", self.paths[len(self.asked) % len(self.paths)])
                    response = connection.getresponse()
                    body = response.read()
                except (OSError, HTTPException) as error:
                    self.failures.append(repr(error))
                    connection.close()
                    continue
                code = None if response.status == 200 else json.loads(body)["code"]
                took = time.monotonic() - started
                self.asked.append(Asked(started, took, response.status, code, response.headers["retry-after"]))


@contextlib.contextmanager
def asking(address: str, paths: tuple[str, ...], clients: int) -> Iterator[list[Asker]]:
    """Keep so many CLIENTS asking until the block ends; what they noted can be read afterwards."""
    stop = threading.Event()
    found = [Asker(address, paths, stop) for _ in range(clients)]
    for each in found:
        each.start()
    try:
        yield found
    finally:
        stop.set()
        for each in found:
            each.join(LIMIT)


def until(condition: Callable[[], bool], seconds: float = LIMIT) -> None:
    """Return once `condition` is true; it must become so within so many seconds."""
    assert becomes_true(condition, seconds), "The condition did not become true in time."
