"""The application over an embedded database that has seeded itself, and over one that is away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service_db_api.main import create_app
from service_db_api.settings import Settings
from tests.unit.service_db_api.served import Served, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Port 1 of the loopback: nothing listens there, so a connection is refused at once.
NOBODY = "mongodb://127.0.0.1:1"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def served() -> AsyncIterator[Served]:
    """Yield the application with the personas; tests leave those as they are."""
    async with serve(create_app(Settings.model_validate({"mongodb_uri": "embedded"}))) as found:
        yield found


@pytest.fixture
async def away() -> AsyncIterator[Served]:
    """Yield the application while its database is away."""
    settings = Settings.model_validate({"mongodb_uri": NOBODY, "mongo_server_selection_timeout_ms": 50})
    async with serve(create_app(settings)) as found:
        yield found
