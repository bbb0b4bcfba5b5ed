"""Stopping without a failed request. What a signal does is tried on this very process."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from service_kit.drain import Drain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from tests.unit.service_kit.served import Served

pytestmark = pytest.mark.anyio
LONG = 600.0


class Server:
    """A server's part: it notes each SIGTERM that gets to it."""

    def __init__(self) -> None:
        self.told = 0
        self.stopped = asyncio.Event()

    def stop(self, _: int, __: FrameType | None) -> None:
        self.told += 1
        self.stopped.set()


@pytest.fixture
async def server() -> Server:
    """Return a server that handles SIGTERM until the test ends."""
    return Server()


@pytest.fixture(autouse=True)
def _handled(server: Server) -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, server.stop)
    yield
    signal.signal(signal.SIGTERM, before)


async def test_outside_of_the_main_thread_nothing_is_taken_over(server: Server) -> None:
    """A thread, as tests use, gets no signals; whoever handles them goes on doing so."""
    seen: list[object] = []

    async def inside() -> None:
        with Drain().heeding(LONG):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=lambda: asyncio.run(inside()))
    thread.start()
    thread.join()

    assert seen == [server.stop]


async def test_what_is_ignored_stays_ignored() -> None:
    """A parent that has a process ignore SIGTERM means it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    drain = Drain()

    with drain.heeding(LONG):
        signal.raise_signal(signal.SIGTERM)

    assert not drain.draining


async def test_without_seconds_the_server_is_told_at_once(server: Server) -> None:
    """Nothing is put off unless somebody asks for it."""
    drain = Drain()

    with drain.heeding(0):
        signal.raise_signal(signal.SIGTERM)

        assert (drain.draining, server.told) == (True, 1)


async def test_the_server_is_told_after_the_seconds(server: Server) -> None:
    """SIGTERM begins the drain; the server hears of it once the time is over."""
    drain = Drain()

    with drain.heeding(0.01):
        signal.raise_signal(signal.SIGTERM)
        assert (drain.draining, server.told) == (True, 0)
        await asyncio.wait_for(server.stopped.wait(), 10)

    assert server.told == 1


async def test_a_second_signal_is_not_put_off(server: Server) -> None:
    """Whoever signals twice is in a hurry."""
    with Drain().heeding(LONG):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)

        assert server.told == 1


async def test_the_handler_is_put_back(server: Server) -> None:
    """After the lifespan the signal is the server's alone, and no timer is left to go off."""
    with Drain().heeding(0.01):
        signal.raise_signal(signal.SIGTERM)
        # Two turns of the loop: the signal's callback has then set its timer.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert signal.getsignal(signal.SIGTERM) == server.stop
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(server.stopped.wait(), 0.05)


async def test_another_handler_is_left_in_place(server: Server) -> None:
    """Somebody who took the signal over meanwhile keeps it, and may still pass it on through us."""
    with Drain().heeding(LONG):
        ours = signal.getsignal(signal.SIGTERM)
        signal.signal(signal.SIGTERM, lambda *_: None)

    assert signal.getsignal(signal.SIGTERM) not in (server.stop, ours)
    assert callable(ours)
    ours(signal.SIGTERM, None)
    assert server.told == 1


async def test_answers_close_their_connections_while_draining(served: Served) -> None:
    """A client that keeps its connection is led away by the answer to its next request, success or error."""
    before = await served.client.get("/items/one")
    served.operation.drain.draining = True
    after = [await served.client.get(path) for path in ("/items/one", "/nowhere", "/bug/x")]

    assert "connection" not in before.headers
    assert [each.headers.get_list("connection") for each in after] == [["close"]] * 3


@pytest.mark.parametrize(("version", "closes"), [("1.0", True), ("1.1", True), ("2", False), ("3", False)])
async def test_later_versions_of_http_have_no_such_header(version: str, *, closes: bool) -> None:
    """A connection of HTTP/2 is the server's to close; the header would be a fault there."""
    drain = Drain()
    assert not drain.closes({"http_version": version})

    drain.draining = True

    assert drain.closes({"http_version": version}) is closes


async def test_who_drains_is_not_ready(served: Served) -> None:
    """Readiness is a problem of its own code, so that nobody looks for a lost database."""
    before = await served.client.get("/health")
    served.operation.drain.draining = True
    after = await served.client.get("/health")

    assert before.status_code == 200
    assert (after.status_code, after.json()["code"], after.headers["retry-after"]) == (503, "draining", "1")
