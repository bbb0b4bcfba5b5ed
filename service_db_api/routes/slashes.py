"""Paths as they were meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from service_kit import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

NOT_FOUND = 404


class SlashMiddleware:
    """
    Answer 404 to a path with an encoded slash.

    The server decodes it before routes are looked for, so part of an id would
    lead to another route than whoever checked the path on the way had seen.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Most paths have nothing encoded at all.
        raw = scope.get("raw_path") or b""
        if b"%" in raw and b"%2f" in raw.lower():
            content = problem.body(NOT_FOUND, problem.CODES[NOT_FOUND], "Not Found.", {})
            await Response(content, NOT_FOUND, media_type=problem.MEDIA_TYPE)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
