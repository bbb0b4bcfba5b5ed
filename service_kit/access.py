"""One line in the log and one count for every request, free of patients' data: the route's template, no path."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING

import structlog

from service_kit import problem, trace

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from service_kit.metrics import Metrics

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class AccessMiddleware:
    """
    Log each request once it is answered, in milliseconds, count it in METRICS, and answer 500 where nobody else did.

    An unforeseen error is logged by its type and place: its text may quote the
    input, so it goes neither into the log nor on to the server.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        self._metrics.in_flight += 1
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
            seconds = time.perf_counter() - started
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.in_flight -= 1
            self._metrics.observe(method, route, status, seconds)
            self._log.info(
                "request",
                method=method,
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 3),
                trace_id=trace.current_id(),
            )


def _place(error: Exception) -> str:
    """Return file, line and function of the frame that raised ERROR."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno} {frame.name}"
