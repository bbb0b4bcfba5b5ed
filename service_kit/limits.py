"""How much a caller may send: in the request's line, in its headers and in its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from service_kit import problem
from service_kit.problem import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

# In bytes. The server reads headers of any length, so these end what would go on into every route and log.
MOST_URL = 8 * 1024
MOST_HEADERS = 16 * 1024


class UriTooLong(Problem):
    status = 414
    code = "uri_too_long"
    detail = f"The request's path and query together are longer than {MOST_URL} bytes."


class HeadersTooLarge(Problem):
    status = 431
    code = "headers_too_large"
    detail = f"The request's headers together are longer than {MOST_HEADERS} bytes."


class ContentTooLarge(Problem):
    status = 413
    code = "content_too_large"
    detail = "The request's body is larger than this service takes."


class LimitMiddleware:
    """
    Answer 414, 431 or 413 to what is too long; to a body of more than LIMIT bytes at once when its length is announced.

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
        length, chunked, headers = _lengths(scope)
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > MOST_URL:
            await problem.response(UriTooLong())(scope, receive, send)
        elif headers > MOST_HEADERS:
            await problem.response(HeadersTooLarge())(scope, receive, send)
        elif length > self._limit:
            await problem.response(ContentTooLarge())(scope, receive, send)
        elif chunked:
            await self._counting(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _lengths(scope: Scope) -> tuple[int, bool, int]:
    """Return the body's announced length, whether it may come in chunks all the same, and the length of the headers."""
    length, headers = 0, 0
    chunked = not scope["http_version"].startswith("1")
    for name, value in scope["headers"]:
        headers += len(name) + len(value)
        if name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            chunked = True
    return length, chunked, headers
