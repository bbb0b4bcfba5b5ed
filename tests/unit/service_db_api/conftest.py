"""The application over an embedded database that has seeded itself, and over one that is away."""

from __future__ import annotations

import uuid
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
def database(served: Served, anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Name an empty database in the environment, on the server that the application has, and return the settings."""
    # A test that is no coroutine has its asynchronous fixtures set up for the sake of this one.
    del anyio_backend
    settings = Settings.model_validate({"mongodb_uri": served.uri, "mongodb_db_name": f"empty_{uuid.uuid4().hex}"})
    monkeypatch.setenv("MONGODB_URI", served.uri)
    monkeypatch.setenv("MONGODB_DB_NAME", settings.mongodb_db_name)
    return settings


@pytest.fixture
def hasty_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the driver look for a lost server each 10 ms; it looks each half second, however little it may wait."""
    monkeypatch.setattr("pymongo.common.MIN_HEARTBEAT_INTERVAL", 0.01)
    monkeypatch.setenv("MONGO_SERVER_SELECTION_TIMEOUT_MS", "20")


@pytest.fixture
async def away(hasty_driver: None) -> AsyncIterator[Served]:
    """Yield the application while its database is away."""
    del hasty_driver
    settings = Settings.model_validate({"mongodb_uri": NOBODY, "mongo_server_selection_timeout_ms": 20})
    async with serve(create_app(settings)) as found:
        yield found
