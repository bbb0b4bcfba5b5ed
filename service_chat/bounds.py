"""What a question begins with: nobody known, and so much time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_kit import deadline, scrub, spans

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PATHS = "/triage"


class BoundsMiddleware:
    """Give each question SECONDS, or what its caller gives if that is less, and a log that knows of nobody else's."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATHS):
            await self.app(scope, receive, send)
            return
        scrub.begin()
        spans.begin(scope)
        given = deadline.asked(scope)
        with deadline.within(self._seconds if given is None else min(self._seconds, given)):
            await self.app(scope, receive, send)
