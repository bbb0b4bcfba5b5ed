"""
Around every request and its answer: the trace, the count, the line in the log, and the end of a connection.

One wrapper for all of it, since each costs every request its own share.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from service_kit import problem, trace
from service_kit.drain import CLOSE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from service_kit.access import Access
    from service_kit.drain import Drain


class ExchangeMiddleware:
    """
    Give each request a trace and its answer the id; note it in ACCESS; close its connection once DRAIN says so.

    Where nobody else has answered, that is done here, with 500.
    """

    def __init__(self, app: ASGIApp, access: Access, drain: Drain) -> None:
        self.app = app
        self._access = access
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        here = trace.of(scope)
        status = 0

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), here.answered]
                if self._drain.closes(scope):
                    headers.append(CLOSE)
                message = {**message, "headers": headers}
            await send(message)

        outside = trace.enter(here)
        self._access.begin()
        try:
            await self.app(scope, receive, send_noted)
        except Exception as error:  # noqa: BLE001 - the last place that can keep its text out of the server's log
            self._access.failed(error)
            if status == 0:
                await problem.response(problem.Problem())(scope, receive, send_noted)
        finally:
            self._access.note(scope, status, time.perf_counter() - started)
            trace.leave(outside)
