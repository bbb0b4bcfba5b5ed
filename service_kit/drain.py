"""
Stopping without a failed request.

Kubernetes signals a process and tells the rest of the cluster at the same
moment, so requests keep coming for some seconds: they are served, each answer
closes its connection, and only then does the server begin its own graceful stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from typing import TYPE_CHECKING

import structlog

from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from starlette.requests import Request
    from starlette.types import Scope

CLOSE = (b"connection", b"close")


class Draining(Problem):
    status = 503
    code = "draining"
    detail = "This process is about to stop; another one answers."
    headers = {"Retry-After": "1"}  # noqa: RUF012 - declared as a ClassVar in the base


class Drain:
    """Whether this process has been told to stop."""

    def __init__(self) -> None:
        self.draining = False

    def closes(self, scope: Scope) -> bool:
        """Return whether the answer to the request of SCOPE is to close its connection."""
        # Later versions of HTTP know no such header.
        return self.draining and scope["http_version"].startswith("1")

    @contextlib.contextmanager
    def heeding(self, seconds: float) -> Iterator[None]:
        """
        Put SECONDS between SIGTERM and whoever would have handled it, until the block ends.

        A second SIGTERM gets there at once. The server must have installed its
        handler before. Outside of the main thread no signal arrives, and a
        SIGTERM that is ignored stays ignored: the block does nothing then.
        """
        self.draining = False
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGTERM)
        if before is None or before == signal.SIG_IGN:
            yield
            return
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []
        ended = False

        def stop() -> None:
            if callable(before):
                before(signal.SIGTERM, None)
            else:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                signal.raise_signal(signal.SIGTERM)

        def wait() -> None:
            structlog.get_logger().info("draining", seconds=seconds)
            timers.append(loop.call_later(seconds, stop))

        def told(_: int, __: FrameType | None) -> None:
            first, self.draining = not self.draining, True
            if first and seconds and not ended:
                # A line written from here could wait for the lock of one that this signal has interrupted.
                loop.call_soon_threadsafe(wait)
            else:
                stop()

        signal.signal(signal.SIGTERM, told)
        try:
            yield
        finally:
            ended = True
            for each in timers:
                each.cancel()
            # Whoever has installed another handler since then may still call ours.
            if signal.getsignal(signal.SIGTERM) is told:
                signal.signal(signal.SIGTERM, before)


def refuse(request: Request) -> None:
    """Raise Draining when the process that answers REQUEST is no longer to be sent any."""
    drain: Drain = request.app.state.drain
    if drain.draining:
        raise Draining
