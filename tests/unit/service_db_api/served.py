"""A running application, asked without a socket."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

    from service_db_api.audit import AuditWriter
    from service_db_api.store.mongo import Store


@dataclass(frozen=True)
class Served:
    """`client` asks the application, `store` is what it reads, `audit` what it notes."""

    client: httpx.AsyncClient
    store: Store
    audit: AuditWriter

    @property
    def uri(self) -> str:
        """Where the server of its database listens, once it has been asked something."""
        host, port = self.store._client.delegate.address
        return f"mongodb://{host}:{port}"


@contextlib.asynccontextmanager
async def serve(app: FastAPI) -> AsyncIterator[Served]:
    """Run APP's lifespan until the block ends, and hand its state to each request as a server would."""
    async with app.router.lifespan_context(app) as state:
        found = dict(state or {})

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": found.copy()}, receive, send)

        transport = httpx.ASGITransport(app=with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield Served(client, found["store"], found["audit"])
