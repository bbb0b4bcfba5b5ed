"""What is refused before a route is looked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.types import Scope

from service_kit import problem
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Send

# What there is against a request with this scope, None for nothing.
Guard = Callable[[Scope], Problem | None]


class GuardMiddleware:
    """Answer what the first of GUARDS has against a request, of which nothing has been read then."""

    def __init__(self, app: ASGIApp, guards: Sequence[Guard]) -> None:
        self.app = app
        self._guards = tuple(guards)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for each in self._guards:
                found = each(scope)
                if found is not None:
                    await problem.response(found)(scope, receive, send)
                    return
        await self.app(scope, receive, send)
