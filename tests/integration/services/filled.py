"""A database server with the personas in it, and what lies in it, read past the service."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from service_db_api.loading.load import load
from service_db_api.personas import personas
from tests.integration.services.database import Database, database
from tests.integration.services.databases import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service_db_api.store.schema import Collection

PATHS = ("/patients/P000102", "/patients/P000103/summary", "/patients?limit=5", "/patients/P000101/documents")


def uri(port: int) -> str:
    """Return the address of what listens on PORT."""
    return f"mongodb://127.0.0.1:{port}"


def count(port: int, collection: Collection) -> int:
    """Return how many records COLLECTION has at the server on PORT."""

    async def ask() -> int:
        store = opened(uri(port))
        try:
            return await store.count(collection, {})
        finally:
            store.close()

    return asyncio.run(ask())


@contextlib.contextmanager
def with_personas(folder: Path) -> Iterator[Database]:
    """Yield a database with the personas."""

    async def fill() -> None:
        store = opened(uri(found.port))
        await load(store, personas())
        store.close()

    with database(folder) as found:
        asyncio.run(fill())
        yield found
