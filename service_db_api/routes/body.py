"""Bodies as JSON says they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Response


class StrictRequest(Request):
    async def json(self) -> Any:
        """Return the body, which must be UTF-8 and nothing that JSON does not know, such as NaN or half a character."""
        return orjson.loads(await self.body())


class StrictRoute(APIRoute):
    """Read bodies strictly: the framework's own way takes other encodings, NaN, and nesting until the stack ends."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await answer(StrictRequest(request.scope, request.receive))

        return strict
