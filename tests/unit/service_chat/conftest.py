"""The application over a stand-in for db-api."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.service_chat.served import Served, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """Yield the application, in mock mode."""
    async with serve() as found:
        yield found
