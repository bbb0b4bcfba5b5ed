"""Fixtures for tests whose pipeline talks to the double."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.integration.pipeline.double.session import Session


@pytest.fixture
def anyio_backend() -> str:
    """Name the only loop the client runs on."""
    return "asyncio"


@contextlib.contextmanager
def double() -> Iterator[Session]:
    """Point the client at a fresh double until the block ends."""
    # Imported here, as the client takes two seconds and most tests of the pipeline need none.
    from dagger.client._session import SharedConnection  # noqa: PLC0415

    from tests.integration.pipeline.double.server import TOKEN, serve  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch, serve() as session:
        for name in list(os.environ):
            if name.startswith("OTEL_") or name == "TRACEPARENT":
                patch.delenv(name)
        patch.setenv("DAGGER_SESSION_PORT", str(session.port))
        patch.setenv("DAGGER_SESSION_TOKEN", TOKEN)
        # The shared connection outlives a test and would remember the last one's port.
        patch.setattr(SharedConnection(), "_params", None)
        yield session


@pytest.fixture
async def dagger_session(anyio_backend: str) -> AsyncIterator[Session]:
    """Point the client at a fresh double and close what the pipeline leaves open; works for plain functions too."""
    assert anyio_backend == "asyncio"
    import dagger  # noqa: PLC0415

    with double() as session:
        yield session
        await dagger.close()
