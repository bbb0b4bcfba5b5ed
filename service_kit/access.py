"""One line in the log for every request, free of patients' data: the route's template, never the path."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING

import structlog

from service_kit import problem, trace

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class AccessMiddleware:
    """
    Log each request once it is answered, in milliseconds, and answer 500 where nobody else did.

    An unforeseen error is logged by its type and place: its text may quote the
    input, so it goes neither into the log nor on to the server.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noting_status)
        except Exception as error:  # noqa: BLE001 - the last place that can keep its text out of the server's log
            self._log.error("unhandled_error", error=type(error).__name__, at=_place(error))
            if status == 0:
                await problem.response(problem.Problem())(scope, receive, send_noting_status)
        finally:
            self._log.info(
                "request",
                method=scope["method"] if scope["method"] in METHODS else "other",
                route=getattr(scope.get("route"), "path", "unmatched"),
                status=status,
                duration_ms=round((time.perf_counter() - started) * 1000, 3),
                trace_id=trace.current_id(),
            )


def _place(error: Exception) -> str:
    """Return file, line and function of the frame that raised ERROR."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno} {frame.name}"
