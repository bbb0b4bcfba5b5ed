"""
When an answer is of no use any more: told by the caller in milliseconds from now, since clocks need not agree.

Each hop passes on what is left of its own time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

from service_kit import problem
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Timeout-Ms"
NAME = HEADER.lower().encode()
# Seven digits are almost three hours; a longer number is nobody's deadline.
DIGITS = 7

_end: ContextVar[float | None] = ContextVar("deadline", default=None)


class DeadlineExceeded(Problem):
    status = 504
    code = "deadline_exceeded"
    detail = "The time that the caller gave for an answer is over."


def remaining(cap: float) -> float:
    """Return how many seconds are left for this request, at most CAP and at least none; CAP outside of one."""
    end = _end.get()
    return cap if end is None else max(0.0, min(cap, end - time.monotonic()))


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give what runs in the block so many SECONDS, or what was left before if that is less."""
    token = _end.set(time.monotonic() + remaining(seconds))
    try:
        yield
    finally:
        _end.reset(token)


def header() -> dict[str, str]:
    """Return what tells the next service how long an answer may take; nothing outside of a request."""
    end = _end.get()
    return {} if end is None else {HEADER: str(max(1, int((end - time.monotonic()) * 1000)))}


def asked(scope: Scope) -> float | None:
    """Return the seconds that the caller gives for an answer; None when nothing usable is said."""
    for name, value in scope["headers"]:
        if name == NAME:
            return int(value) / 1000 if len(value) <= DIGITS and value.isdigit() else None
    return None


class DeadlineMiddleware:
    """
    Answer 504 to who gives less time than the answer takes, and stop working on it.

    An answer that has begun is ended whatever it takes. Whoever asks for no
    deadline has none.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seconds = asked(scope) if scope["type"] == "http" else None
        if seconds is None:
            await self.app(scope, receive, send)
            return
        limit = asyncio.timeout(seconds)

        async def send_in_time(message: Message) -> None:
            if message["type"] == "http.response.start":
                limit.reschedule(None)
            await send(message)

        try:
            with within(seconds):
                async with limit:
                    await self.app(scope, receive, send_in_time)
        except TimeoutError:
            if not limit.expired():
                raise
            await problem.response(DeadlineExceeded())(scope, receive, send)
