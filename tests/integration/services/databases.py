"""Databases that the store's promises are tested on."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import pytest

from service_db_api.store import embedded
from service_db_api.store.mongo import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EMBEDDED = "nx-27017"
OWN = os.environ.get("CAREPATH_TEST_MONGODB_URI")

DATABASES = [
    pytest.param(None, id=EMBEDDED),
    pytest.param(
        OWN,
        id="mongodb",
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(OWN is None, reason="set CAREPATH_TEST_MONGODB_URI to a server, such as mongo:8"),
        ],
    ),
]


def opened(uri: str, name: str = "carepath", *, timeout_ms: int = 2500) -> Store:
    """Return a store over the database `name` of the server at `uri`; its user closes it."""
    return Store(uri, name, server_selection_timeout_ms=timeout_ms, max_pool_size=10)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Say which event loop the driver works in."""
    return "asyncio"


@pytest.fixture(scope="module")
async def store(request: pytest.FixtureRequest, anyio_backend: str) -> AsyncIterator[Store]:
    """Yield a store with indexes and without records, over the server that the parameter names or over NX-27017."""
    del anyio_backend
    if request.param is None:
        async with embedded.running(None) as uri:
            found = opened(uri)
            await found.create_indexes()
            yield found
            found.close()
    else:
        name = f"carepath_test_{secrets.token_hex(4)}"
        found = opened(request.param, name)
        await found.create_indexes()
        yield found
        await found._client.drop_database(name)
        found.close()
