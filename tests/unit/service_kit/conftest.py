"""The failing application, operated with nothing set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.service_kit.served import Served, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """Yield the application with its client."""
    found = serve()
    async with found.client:
        yield found


@pytest.fixture
async def client(served: Served) -> httpx.AsyncClient:
    """Return a client of the failing application, with no socket in between."""
    return served.client
