"""How much a caller may send. The lengths of a request's line and headers are the server's to limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from service_kit import problem
from service_kit.problem import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class ContentTooLarge(Problem):
    status = 413
    code = "content_too_large"
    detail = "The request's body is larger than this service takes."


class BodyLimitMiddleware:
    """
    Answer 413 to a body of more than LIMIT bytes, at once when its length is announced.

    The framework's own limit counts the bytes of a body that comes in chunks;
    its answer to an announced length is no problem body, so it never gets to see one.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self._limit = limit
        self._counting = RequestBodyLimitMiddleware(app, limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = _length(scope)
        if length is None:
            await self._counting(scope, receive, send)
        elif length > self._limit:
            await problem.response(ContentTooLarge())(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _length(scope: Scope) -> int | None:
    """Return how many bytes the server will let through, None when it cannot know."""
    chunked = not scope["http_version"].startswith("1")
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
        chunked = chunked or name == b"transfer-encoding"
    return None if chunked else 0
