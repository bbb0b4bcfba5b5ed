"""Fixtures for tests whose pipeline talks to the double."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.pipeline.double.session import Session


@pytest.fixture
def anyio_backend() -> str:
    """Name the only loop the client runs on."""
    return "asyncio"


@pytest.fixture
async def dagger_session(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Session]:
    """Point the client at a fresh double and close what the pipeline leaves open; works for plain functions too."""
    assert anyio_backend == "asyncio"
    # Imported here, as the client takes two seconds and most tests of the pipeline need none.
    import dagger  # noqa: PLC0415
    from dagger.client._session import SharedConnection  # noqa: PLC0415

    from tests.pipeline.double.server import TOKEN, serve  # noqa: PLC0415

    for name in os.environ:
        if name.startswith("OTEL_") or name == "TRACEPARENT":
            monkeypatch.delenv(name)
    with serve() as session:
        monkeypatch.setenv("DAGGER_SESSION_PORT", str(session.port))
        monkeypatch.setenv("DAGGER_SESSION_TOKEN", TOKEN)
        # The shared connection outlives a test and would remember the last one's port.
        monkeypatch.setattr(SharedConnection(), "_params", None)
        yield session
        await dagger.close()
