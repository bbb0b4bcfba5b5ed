"""
The yardstick of a triage: an application that asks db-api for the same summary and hands it on.

No framework but Starlette, nothing that makes a service operable, no rules, no
answer of its own, nothing kept; httpx's own client with its own pool.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

CONNECTIONS = 50


@contextlib.asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=os.environ["DB_API_BASE_URL"], limits=limits, trust_env=False) as client:
        yield {"client": client}


async def _health(_: Request) -> Response:
    return Response(b"{}", media_type="application/json")


async def _triage(request: Request) -> Response:
    mrn = orjson.loads(await request.body())["patient_mrn"]
    found = await request.state.client.get(f"/patients/{mrn}/summary")
    return Response(found.content, found.status_code, media_type="application/json")


ROUTES = [Route("/health", _health), Route("/triage", _triage, methods=["POST"])]
app = Starlette(routes=ROUTES, lifespan=_lifespan)
